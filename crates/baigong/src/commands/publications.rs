//! What has been published. Everybody may read it, so no name is asked for.

use super::{person::House, show};
use anyhow::Result;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `baigong publications`
#[derive(Args)]
pub struct Publications {
    #[command(flatten)]
    house: House,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Notices and final lists, newest first.
    List,
    /// One list.
    Show {
        /// Number.
        publication: i64,
    },
    /// Write a list as a table.
    Export {
        /// Number.
        publication: i64,
        /// `xlsx` or `csv`.
        #[arg(long, default_value = "xlsx")]
        format: String,
        /// File to write; its own name when absent.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

impl Publications {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.house.json;
        let services = self.house.open().await?;
        match self.command {
            Command::List => show::list(
                json,
                &services.list_publications().await?,
                &[
                    ("id", |p| p.id.to_string()),
                    ("county", |p| p.division.name.clone()),
                    ("year", |p| p.year.to_string()),
                    ("kind", |p| p.kind.clone()),
                    ("at", |p| p.at.clone()),
                    ("classes", |p| {
                        p.classes.iter().map(|c| format!("{} {}", c.class, c.count)).collect::<Vec<_>>().join(" ")
                    }),
                ],
            )?,
            Command::Show { publication } => {
                let found = services.get_publication(publication).await?;
                if json {
                    show::value(&found)?;
                } else {
                    println!("snapshot {}\nresult   {}\nengine   {}", found.snapshot, found.result, found.engine);
                    show::list(
                        false,
                        &found.firms,
                        &[
                            ("name", |f| f.name.clone()),
                            ("credit code", |f| show::or_dash(f.credit_code.as_ref())),
                            ("town", |f| f.town.clone()),
                            ("class", |f| f.class.clone()),
                        ],
                    )?;
                }
            }
            Command::Export { publication, format, out } => {
                show::file(&services.export_publication(publication, Some(&format)).await?, out)?;
            }
        }
        Ok(true)
    }
}
