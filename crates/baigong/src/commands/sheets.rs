//! One firm, one sheet.

use super::{person::Person, show};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// `baigong sheet`
#[derive(Args)]
pub struct Sheet {
    #[command(flatten)]
    person: Person,
    /// Evaluation.
    evaluation: i64,
    /// Firm.
    firm: i64,
    /// Write it as PDF to this file.
    #[arg(long)]
    pdf: Option<PathBuf>,
}

/// A figure as the sheet shows it.
#[derive(serde::Serialize)]
struct Line {
    department: String,
    fact: String,
    value: Option<String>,
    unit: String,
    state: String,
}

impl Sheet {
    /// Shows or writes the sheet.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        if self.pdf.is_some() {
            show::file(&services.get_sheet_pdf(&scope, self.evaluation, self.firm).await?, self.pdf)?;
            return Ok(true);
        }
        let sheet = services.get_sheet(&scope, self.evaluation, self.firm).await?;
        if self.person.json() {
            show::value(&sheet)?;
            return Ok(true);
        }
        println!("{} {} {}", sheet.firm.name, sheet.year, sheet.state);
        let facts = sheet.groups.into_iter().flat_map(|g| {
            g.facts.into_iter().map(move |f| Line {
                department: g.department.clone(),
                fact: f.title.zh,
                value: f.value,
                unit: f.unit.zh,
                state: f.state,
            })
        });
        show::list(
            false,
            &facts.collect::<Vec<_>>(),
            &[
                ("department", |l| l.department.clone()),
                ("fact", |l| l.fact.clone()),
                ("value", |l| show::or_dash(l.value.as_ref())),
                ("unit", |l| l.unit.clone()),
                ("state", |l| l.state.clone()),
            ],
        )?;
        if let Some(land) = sheet.land {
            println!("effective land {} mu", land.effective);
        }
        Ok(true)
    }
}
