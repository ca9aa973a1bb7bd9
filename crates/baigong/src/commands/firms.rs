//! The register of firms.

use super::{person::Person, show};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use services::{
    queries::FirmQuery,
    requests::FirmFields,
    views::{FirmDetail, FirmRow, FirmsReport},
};
use std::path::PathBuf;

/// `baigong firms`
#[derive(Args)]
pub struct Firms {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Firms that one may see, a page at a time.
    List {
        /// Part of the name, pinyin initials or the beginning of the credit code.
        #[arg(long)]
        q: Option<String>,
        /// Page, from 1.
        #[arg(long, default_value_t = 1)]
        page: u64,
    },
    /// One firm with its names and classes.
    Show {
        /// Number.
        firm: i64,
    },
    /// Enter a firm.
    Register {
        #[command(flatten)]
        fields: Fields,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Edit a firm; the version before is kept.
    Edit {
        /// Number.
        firm: i64,
        #[command(flatten)]
        fields: Fields,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Take in a file of firms (.xlsx, .xls, .csv), as a whole or not at all.
    Import {
        /// The file.
        file: PathBuf,
        /// Why, when it changes firms.
        #[arg(long, default_value = "")]
        reason: String,
        /// Only tell what would happen.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What is registered of a firm.
#[derive(Args)]
struct Fields {
    /// Unified social credit code.
    #[arg(long)]
    credit_code: Option<String>,
    /// Registered name.
    #[arg(long)]
    name: Option<String>,
    /// Names before, the oldest first, with `、` between them.
    #[arg(long)]
    former_names: Option<String>,
    /// County, by code or name.
    #[arg(long)]
    division: Option<String>,
    /// Town, street or park.
    #[arg(long)]
    town: Option<String>,
    /// Address.
    #[arg(long)]
    address: Option<String>,
    /// GB/T 4754 class, four digits.
    #[arg(long)]
    industry: Option<String>,
    /// Date of founding.
    #[arg(long)]
    founded: Option<String>,
}

impl From<Fields> for FirmFields {
    fn from(fields: Fields) -> Self {
        Self {
            credit_code: fields.credit_code,
            name: fields.name,
            former_names: fields.former_names,
            division: fields.division,
            town: fields.town,
            address: fields.address,
            industry: fields.industry,
            founded: fields.founded,
        }
    }
}

impl Firms {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        let (services, scope) = self.person.enter().await?;
        match self.command {
            Command::List { q, page } => {
                let query = FirmQuery { q, page: Some(page), ..FirmQuery::default() };
                let found = services.list_firms(&scope, &query).await?;
                rows(json, &found.rows)?;
                eprintln!("page {} of {} firms", found.page, found.total);
                Ok(true)
            }
            Command::Show { firm } => detail(json, &services.get_firm(&scope, firm).await?),
            Command::Register { fields, reason } => {
                detail(json, &services.register_firm(&scope, fields.into(), &reason).await?)
            }
            Command::Edit { firm, fields, reason } => {
                detail(json, &services.edit_firm(&scope, firm, fields.into(), &reason).await?)
            }
            Command::Import { file, reason, dry_run } => {
                let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
                let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let report = services.import_firms(&scope, &name, bytes, &reason, dry_run).await?;
                told(json, &report)
            }
        }
    }
}

fn rows(json: bool, firms: &[FirmRow]) -> Result<()> {
    show::list(
        json,
        firms,
        &[
            ("id", |f| f.id.to_string()),
            ("credit code", |f| show::or_dash(f.credit_code.as_ref())),
            ("name", |f| f.name.clone()),
            ("county", |f| f.division.name.clone()),
            ("town", |f| f.town.clone()),
            ("industry", |f| f.industry.clone()),
            ("class", |f| show::or_dash(f.class.as_ref().map(|c| format!("{} {}", c.year, c.class)))),
        ],
    )
}

fn detail(json: bool, firm: &FirmDetail) -> Result<bool> {
    let row = &firm.firm;
    let names: Vec<String> = firm.names.iter().map(|n| format!("{} {}", n.valid_from, n.name)).collect();
    let classes: Vec<String> = firm.classes.iter().map(|c| format!("{} {}", c.year, c.class)).collect();
    show::one(
        json,
        firm,
        &[
            ("id", row.id.to_string()),
            ("credit code", show::or_dash(row.credit_code.as_ref())),
            ("name", row.name.clone()),
            ("county", format!("{} {}", row.division.code, row.division.name)),
            ("town", row.town.clone()),
            ("address", firm.address.clone()),
            ("industry", format!("{} {}", row.industry, row.industry_name)),
            ("founded", show::or_dash(row.founded.as_ref())),
            ("names", names.join("; ")),
            ("classes", classes.join("; ")),
        ],
    )?;
    Ok(true)
}

/// True when the file was taken, or nothing of it was new.
fn told(json: bool, report: &FirmsReport) -> Result<bool> {
    if json {
        show::value(report)?;
    } else {
        println!(
            "{} rows: {} new, {} changed, {} same, {} refused",
            report.rows, report.new, report.changed, report.same, report.refused
        );
        for fault in &report.faults {
            let sheet = fault.sheet.as_deref().map(|s| format!("{s}!")).unwrap_or_default();
            println!(
                "{sheet}{} `{}`: {}；{} / {}; allowed: {}",
                fault.cell, fault.value, fault.message.zh, fault.allowed.zh, fault.message.en, fault.allowed.en
            );
        }
        println!("{}", if report.applied { "taken" } else { "nothing was changed" });
    }
    Ok(report.faults_total == 0)
}
