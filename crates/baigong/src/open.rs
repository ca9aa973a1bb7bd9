//! Opening an installation: law, store and services.

use anyhow::{Context, Result, bail};
use base::{DivisionCode, Scope};
use law::{Law, Severity};
use services::{Elsewhere, Services, Settings, views::DemoAccount};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{OpenOptions, Store};

/// Root of the region when nothing else is said: the province of the regulation.
const ROOT: &str = "370000";

/// The law: a folder when one is named, else the copy inside the binary. Errors stop.
pub fn law(dir: Option<&Path>) -> Result<Law> {
    let (law, findings) = match dir {
        Some(dir) => Law::load(&law::sources::Sources::from_dir(dir).with_context(|| dir.display().to_string())?),
        None => Law::embedded(),
    };
    let errors: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    if !errors.is_empty() {
        bail!("the law cannot be used:\n{}", errors.join("\n"));
    }
    Ok(law)
}

/// Where a demo lies.
pub struct DemoDir(pub PathBuf);

impl DemoDir {
    /// The database.
    pub fn database(&self) -> PathBuf {
        self.0.join("baigong.sqlite")
    }

    /// The six workbooks.
    pub fn workbooks(&self) -> PathBuf {
        self.0.join("workbooks")
    }

    /// Seconds by which its clock is ahead of the machine's.
    pub fn clock(&self) -> PathBuf {
        self.0.join("clock.json")
    }

    /// Written last: a demo whose loading was cut off is loaded anew.
    pub fn ready(&self) -> PathBuf {
        self.0.join("ready.json")
    }
}

/// Services over a database.
pub async fn services(
    address: &str,
    law_dir: Option<&Path>,
    serves: bool,
    demo: Option<Vec<DemoAccount>>,
) -> Result<Services> {
    services_with(address, law_dir, serves, demo, None).await
}

/// Services over a database, whose results other machines must confirm.
pub async fn services_with(
    address: &str,
    law_dir: Option<&Path>,
    serves: bool,
    demo: Option<Vec<DemoAccount>>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
) -> Result<Services> {
    let law = Arc::new(law(law_dir)?);
    let mut settings = Settings::for_region(ROOT.parse::<DivisionCode>().expect("a division code"));
    settings.elsewhere = elsewhere;
    let mut options = OpenOptions { interrupt_jobs: serves, ..OpenOptions::default() };
    if demo.is_some() {
        let (clock, ahead) = services::demo_clock();
        options.clock = clock;
        settings.demo_clock = Some(ahead);
        settings.demo = demo;
    }
    let store = Store::open(address, options).await.with_context(|| format!("opening {}", shown(address)))?;
    Ok(Services::new(store, law, settings))
}

/// An address without its password.
pub fn shown(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(start), Some(at)) if at > start => format!("{}://…@{}", &address[..start], &address[at + 1..]),
        _ => address.to_owned(),
    }
}

/// The scope of the person in whose name a command acts.
pub async fn scope_of(services: &Services, sign_in: &str) -> Result<Scope> {
    let gate = Scope::system("cli", services.settings().root);
    let account = services.store().read(&gate).find_account(sign_in).await?;
    match account {
        Some(account) if !account.disabled => Ok(account.scope()),
        _ => bail!("there is no account `{sign_in}`"),
    }
}
