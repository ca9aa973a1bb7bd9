//! Objections of an evaluation.

use super::{person::Person, show};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use services::{
    requests::{NewObjectionRequest, ObjectionStep},
    views::ObjectionView,
};
use std::path::{Path, PathBuf};

/// `baigong objections`
#[derive(Args)]
pub struct Objections {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Objections that one may see.
    List {
        /// Evaluation.
        evaluation: i64,
    },
    /// File an objection.
    Create {
        /// Evaluation.
        evaluation: i64,
        /// Fact id, or `land`.
        #[arg(long)]
        fact: String,
        /// Parcel code, for leased areas.
        #[arg(long)]
        subject: Option<String>,
        /// Value claimed.
        #[arg(long)]
        claimed: Option<String>,
        /// Why.
        #[arg(long)]
        says: String,
        /// Firm, when an officer files it for one.
        #[arg(long)]
        firm: Option<i64>,
        /// Evidence.
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Take a step: route, answer, accept, refuse, close …
    Act {
        /// Number.
        objection: i64,
        /// The step.
        action: String,
        /// Text.
        #[arg(long, default_value = "")]
        says: String,
        /// `agree`, `agree_other` or `refuse`, for an answer.
        #[arg(long)]
        verdict: Option<String>,
        /// Value, for `agree_other`.
        #[arg(long)]
        value: Option<String>,
    },
    /// Write the evidence to a file.
    File {
        /// Number.
        objection: i64,
        /// File to write; its own name when absent.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

impl Objections {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        let (services, scope) = self.person.enter().await?;
        match self.command {
            Command::List { evaluation } => table(json, &services.list_objections(&scope, evaluation).await?),
            Command::Create { evaluation, fact, subject, claimed, says, firm, file } => {
                let file = file.as_deref().map(read).transpose()?;
                let request = NewObjectionRequest { fact, subject, claimed, says, file, firm };
                table(json, &[services.create_objection(&scope, evaluation, request).await?])
            }
            Command::Act { objection, action, says, verdict, value } => {
                let version = services.store().read(&scope).get_objection(objection).await?.version;
                let step = ObjectionStep { version, says, verdict, value };
                table(json, &[services.act_on_objection(&scope, objection, &action, step).await?])
            }
            Command::File { objection, out } => {
                show::file(&services.get_objection_file(&scope, objection).await?, out)?;
                Ok(true)
            }
        }
    }
}

fn read(path: &Path) -> Result<(String, Vec<u8>)> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok((path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(), bytes))
}

fn table(json: bool, objections: &[ObjectionView]) -> Result<bool> {
    show::list(
        json,
        objections,
        &[
            ("id", |o| o.id.to_string()),
            ("firm", |o| o.firm_name.clone()),
            ("fact", |o| o.title.zh.clone()),
            ("now", |o| show::or_dash(o.now.as_ref())),
            ("claimed", |o| show::or_dash(o.claimed.as_ref())),
            ("department", |o| o.department.clone()),
            ("state", |o| o.state.clone()),
            ("open steps", |o| {
                let open = o.actions.iter().filter(|a| a.blocked_by.is_empty());
                open.map(|a| a.action.as_str()).collect::<Vec<_>>().join(" ")
            }),
        ],
    )?;
    Ok(true)
}
