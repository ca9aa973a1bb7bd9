//! Yearly evaluations; their steps are taken by `baigong evaluate`.

use super::{person::Person, show};
use anyhow::Result;
use clap::{Args, Subcommand};
use services::requests::NewEvaluationRequest;

/// `baigong evaluations`
#[derive(Args)]
pub struct Evaluations {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Evaluations that one may see, latest year first.
    List,
    /// Open a year of a county.
    Create {
        /// County, six digits.
        division: String,
        /// Year of the facts.
        year: i16,
        /// Scheme id, where several hold.
        #[arg(long)]
        scheme: Option<String>,
    },
}

impl Evaluations {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        let (services, scope) = self.person.enter().await?;
        let rows = match self.command {
            Command::List => services.list_evaluations(&scope).await?,
            Command::Create { division, year, scheme } => {
                let request = NewEvaluationRequest { division, year, scheme };
                vec![services.create_evaluation(&scope, request).await?.row]
            }
        };
        show::list(
            json,
            &rows,
            &[
                ("id", |e| e.id.to_string()),
                ("county", |e| e.division.name.clone()),
                ("year", |e| e.year.to_string()),
                ("state", |e| e.state.clone()),
                ("scheme", |e| e.scheme.zh.clone()),
            ],
        )?;
        Ok(true)
    }
}
