//! An empty database of a test's own: its address, and its removal afterwards.

use crate::Postgres;
use tempfile::TempDir;

/// Where a store can be opened. Removed when dropped.
pub struct TempStore {
    address: String,
    kept: Kept,
}

enum Kept {
    Dir(TempDir),
    Database(&'static Postgres, String),
}

impl TempStore {
    /// A file in a directory of its own.
    ///
    /// # Panics
    /// When no temporary directory can be made.
    pub fn sqlite() -> Self {
        let dir = tempfile::Builder::new().prefix("baigong-").tempdir().expect("a temporary directory");
        let address = dir.path().join("baigong.db").display().to_string();
        Self { address, kept: Kept::Dir(dir) }
    }

    /// A database in this process's PostgreSQL cluster, which is started when first needed.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: such a test must not pass unseen.
    pub fn postgres() -> Self {
        let cluster = Postgres::shared();
        let name = cluster.create_database();
        Self { address: cluster.address(&name), kept: Kept::Database(cluster, name) }
    }

    /// Path or `postgres://` address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The SQLite file's directory.
    pub fn dir(&self) -> Option<&std::path::Path> {
        match &self.kept {
            Kept::Dir(dir) => Some(dir.path()),
            Kept::Database(..) => None,
        }
    }
}

impl Drop for TempStore {
    fn drop(&mut self) {
        if let Kept::Database(cluster, name) = &self.kept {
            cluster.drop_database(name);
        }
    }
}
