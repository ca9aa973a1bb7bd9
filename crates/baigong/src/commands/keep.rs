//! Bringing a backup back.

use super::person::House;
use crate::open;
use anyhow::{Context, Result, bail};
use base::Scope;
use clap::Args;
use services::Services;
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// `baigong restore`
#[derive(Args)]
pub struct Restore {
    #[command(flatten)]
    house: House,
    /// The backup.
    file: PathBuf,
    /// Put it in the place of a database that is there; that one is kept with the ending `.before-restore`.
    #[arg(long)]
    force: bool,
}

impl Restore {
    /// Restores and checks; false when what was restored is damaged.
    pub async fn run(self) -> Result<bool> {
        let database = database_file(&self.house.database)?;
        if !self.file.is_file() {
            bail!("{}: there is no such file", self.file.display());
        }
        if database.exists() && !self.force {
            bail!(
                "{}: the database is there already; stop every program that has it open, then repeat with --force",
                database.display()
            );
        }
        check_copy(&self.file, &self.house).await.context("the backup cannot be used, nothing was changed")?;
        store::restore(&self.file, &database)?;
        println!("{} restored from {}", database.display(), self.file.display());
        let services = self.house.open().await?;
        verify(&services).await
    }
}

/// The file behind an address.
fn database_file(address: &str) -> Result<PathBuf> {
    if address.starts_with("postgres") {
        bail!("a PostgreSQL database is restored by pg_restore");
    }
    Ok(address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("sqlite:")).unwrap_or(address).into())
}

/// Opens a copy of the backup: a file that is no database, or one of a newer program, is found out before
/// anything is moved.
async fn check_copy(backup: &Path, house: &House) -> Result<()> {
    // An empty file would be opened, as a new database.
    let mut begins = [0; 16];
    std::fs::File::open(backup)?.read_exact(&mut begins).context("the file is too short for a database")?;
    if begins != *b"SQLite format 3\0" {
        bail!("{}: this is no SQLite database", backup.display());
    }
    let dir = std::env::temp_dir().join(format!("baigong-restore-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let copy = dir.join("copy.sqlite");
    let opened = match std::fs::copy(backup, &copy) {
        Ok(_) => open::services(&copy.display().to_string(), house.law.as_deref(), false, None).await.map(drop),
        Err(error) => Err(error.into()),
    };
    std::fs::remove_dir_all(&dir)?;
    opened
}

/// Checks the audit chain and every object.
async fn verify(services: &Services) -> Result<bool> {
    let scope = Scope::system("restore", services.settings().root);
    let chain = services.verify_audit(&scope).await?;
    match &chain.broken {
        None => println!("audit: {} entries, the chain holds, head {}", chain.entries, chain.head),
        Some((seq, what)) => println!("audit: broken at entry {seq}: {what}"),
    }
    let objects = services.store().verify_objects().await?;
    println!("objects: {} with {} bytes, {} damaged", objects.objects, objects.bytes, objects.damaged.len());
    for (name, found) in &objects.damaged {
        println!("  {name} hashes to {}", found.hex());
    }
    Ok(chain.holds && objects.damaged.is_empty())
}
