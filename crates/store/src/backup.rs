//! Backup and restore of an SQLite database while it is in use. PostgreSQL has its own tools.

use crate::{Result, Store, StoreError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::path::Path;

impl Store {
    /// Writes a complete copy, as of one moment, to a file that must not exist yet.
    pub async fn backup(&self, to: &Path) -> Result<()> {
        if !self.is_sqlite() {
            return Err(StoreError::Invalid {
                what: "backup",
                found: "a PostgreSQL database".into(),
                allowed: "an SQLite database; use pg_dump for PostgreSQL".into(),
            });
        }
        let problem = |problem: String| StoreError::Io { path: to.display().to_string(), problem };
        if to.exists() {
            return Err(problem("the file exists already".into()));
        }
        let path = to.to_str().ok_or_else(|| problem("the path is not valid UTF-8".into()))?;
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
        self.inner.db.execute_raw(copy).await?;
        // What VACUUM INTO wrote may still be in the system's cache.
        let file = std::fs::File::open(to).map_err(|e| problem(e.to_string()))?;
        file.sync_all().map_err(|e| problem(e.to_string()))
    }
}

/// Puts a backup in the place of a database that no program has open. The database that was there is
/// kept beside it with the ending `.before-restore`.
pub fn restore(backup: &Path, database: &Path) -> Result<()> {
    let problem =
        |path: &Path, e: std::io::Error| StoreError::Io { path: path.display().to_string(), problem: e.to_string() };
    let staged = with_ending(database, "restoring");
    std::fs::copy(backup, &staged).map_err(|e| problem(backup, e))?;
    std::fs::File::open(&staged).and_then(|f| f.sync_all()).map_err(|e| problem(&staged, e))?;
    for ending in ["", "-wal", "-shm"] {
        let old = with_suffix(database, ending);
        if old.exists() {
            let kept = with_suffix(&with_ending(database, "before-restore"), ending);
            std::fs::rename(&old, &kept).map_err(|e| problem(&old, e))?;
        }
    }
    std::fs::rename(&staged, database).map_err(|e| problem(&staged, e))
}

fn with_ending(path: &Path, ending: &str) -> std::path::PathBuf {
    with_suffix(path, &format!(".{ending}"))
}

fn with_suffix(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
