//! Departments' files: blank workbooks out, files in and settled. Handing one in is `baigong import`.

use super::{person::Person, show};
use anyhow::Result;
use clap::{Args, Subcommand};
use services::views::{Doubt, ImportView};
use std::path::PathBuf;

/// `baigong template`
#[derive(Args)]
pub struct Template {
    #[command(flatten)]
    person: Person,
    /// Template: tax, land, power, environment, statistics, science, safety, market.
    name: String,
    /// For which evaluation: puts year and county on the sheet.
    #[arg(long)]
    evaluation: Option<i64>,
    /// File to write; its own name when absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Template {
    /// Writes the workbook.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        show::file(&services.get_template(&scope, &self.name, self.evaluation).await?, self.out)?;
        Ok(true)
    }
}

/// `baigong imports`
#[derive(Args)]
pub struct Imports {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Files handed in for an evaluation, newest first.
    List {
        /// Evaluation.
        evaluation: i64,
    },
    /// One import in full.
    Show {
        /// Number.
        import: i64,
    },
    /// Rows whose firm is in doubt.
    Doubts {
        /// Number.
        import: i64,
    },
    /// Say which firm a row in doubt is.
    Settle {
        /// Number.
        import: i64,
        /// The row's number in the list of doubts.
        doubt: i64,
        /// A firm's number, `none`, or `open` to take a decision back.
        choose: String,
    },
    /// Write the workbook back with its bad cells marked.
    Marked {
        /// Number.
        import: i64,
        /// File to write; its own name when absent.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Take the figures in.
    Accept {
        /// Number.
        import: i64,
        /// Why, when it replaces figures.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Leave the file aside.
    Withdraw {
        /// Number.
        import: i64,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

impl Imports {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        let (services, scope) = self.person.enter().await?;
        match self.command {
            Command::List { evaluation } => table(json, &services.list_imports(&scope, evaluation).await?),
            Command::Show { import } => {
                show::value(&services.get_import(&scope, import).await?)?;
                Ok(true)
            }
            Command::Doubts { import } => doubts(json, &services.list_doubts(&scope, import).await?),
            Command::Settle { import, doubt, choose } => {
                let choose = Some(choose.as_str()).filter(|c| *c != "open");
                doubts(json, &[services.settle_doubt(&scope, import, doubt, choose).await?])
            }
            Command::Marked { import, out } => {
                show::file(&services.get_marked_copy(&scope, import).await?, out)?;
                Ok(true)
            }
            Command::Accept { import, reason } => {
                table(json, &[services.accept_import(&scope, import, &reason).await?])
            }
            Command::Withdraw { import, reason } => {
                table(json, &[services.withdraw_import(&scope, import, &reason).await?])
            }
        }
    }
}

fn table(json: bool, imports: &[ImportView]) -> Result<bool> {
    show::list(
        json,
        imports,
        &[
            ("id", |i| i.id.to_string()),
            ("template", |i| i.template.clone()),
            ("file", |i| i.file.clone()),
            ("state", |i| i.state.clone()),
            ("rows", |i| i.counts.rows.to_string()),
            ("matched", |i| i.counts.matched.to_string()),
            ("doubtful", |i| i.counts.doubtful.to_string()),
            ("refused", |i| i.counts.refused_rows.to_string()),
            ("new", |i| i.counts.new.to_string()),
            ("changed", |i| i.counts.changed.to_string()),
            ("by", |i| i.created.by.clone()),
        ],
    )?;
    Ok(true)
}

fn doubts(json: bool, doubts: &[Doubt]) -> Result<bool> {
    show::list(
        json,
        doubts,
        &[
            ("doubt", |d| d.id.to_string()),
            ("place", |d| d.place.clone()),
            ("name", |d| d.name.clone()),
            ("code", |d| d.code.clone()),
            ("decision", |d| show::or_dash(d.decision.as_ref())),
            ("candidates", |d| {
                let all: Vec<String> = d.candidates.iter().map(|c| format!("{} {}", c.firm, c.name)).collect();
                all.join("; ")
            }),
        ],
    )?;
    Ok(true)
}
