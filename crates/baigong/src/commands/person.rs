//! In which installation and in whose name a command acts.

use crate::open;
use anyhow::{Context, Result};
use base::Scope;
use clap::Args;
use services::Services;
use std::path::PathBuf;

/// Which installation, and how answers are printed.
#[derive(Args, Clone)]
pub struct House {
    /// Database: a file (SQLite) or `postgres://…`.
    #[arg(long, env = "BAIGONG_DATABASE", default_value = "baigong.sqlite", global = true)]
    pub database: String,
    /// Folder of the law; the copy inside the binary when absent.
    #[arg(long, env = "BAIGONG_LAW", global = true)]
    pub law: Option<PathBuf>,
    /// As JSON, the same as the API gives.
    #[arg(long, global = true)]
    pub json: bool,
}

impl House {
    /// Opens the installation.
    pub async fn open(&self) -> Result<Services> {
        open::services(&self.database, self.law.as_deref(), false, None).await
    }
}

/// The installation and the person.
#[derive(Args, Clone)]
pub struct Person {
    #[command(flatten)]
    pub house: House,
    /// In whose name: a sign-in name.
    #[arg(long = "as", env = "BAIGONG_AS", value_name = "SIGN_IN", global = true)]
    actor: Option<String>,
}

impl Person {
    /// Opens the installation and finds how far the person may see.
    pub async fn enter(&self) -> Result<(Services, Scope)> {
        let actor = self.actor.as_deref().context("in whose name? give --as SIGN_IN or set BAIGONG_AS")?;
        let services = self.house.open().await?;
        let scope = open::scope_of(&services, actor).await?;
        Ok((services, scope))
    }

    /// As JSON.
    pub fn json(&self) -> bool {
        self.house.json
    }
}
