//! Runs: their tables as files, two of them compared, and what would be under other rules.

use super::{person::Person, show};
use anyhow::{Context, Result};
use clap::Args;
use services::{
    queries::ResultQuery,
    requests::WhatIfRequest,
    views::{ClassCount, MovedFirm, OverlayChange, RunDiff, WhatIfResult},
};
use std::path::PathBuf;

/// `baigong export`
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    person: Person,
    /// Run.
    run: i64,
    /// `xlsx` or `csv`.
    #[arg(long, default_value = "xlsx")]
    format: String,
    /// `results` or `measures`.
    #[arg(long, default_value = "results")]
    what: String,
    /// Measure id, for one list of measures.
    #[arg(long)]
    measure: Option<String>,
    /// File to write; its own name when absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Export {
    /// Writes the table.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        let query = ResultQuery {
            format: Some(self.format),
            what: Some(self.what),
            measure: self.measure,
            ..ResultQuery::default()
        };
        show::file(&services.export_run(&scope, self.run, &query).await?, self.out)?;
        Ok(true)
    }
}

/// `baigong diff`
#[derive(Args)]
pub struct Diff {
    #[command(flatten)]
    person: Person,
    /// The older run.
    older: i64,
    /// The newer run.
    newer: i64,
}

impl Diff {
    /// Compares.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        let diff = services.get_diff(&scope, self.newer, self.older).await?;
        if self.person.json() {
            show::value(&diff)?;
        } else {
            told(&diff)?;
        }
        Ok(true)
    }
}

fn told(diff: &RunDiff) -> Result<()> {
    for fact in &diff.facts {
        let (before, after) = (show::or_dash(fact.before.as_ref()), show::or_dash(fact.after.as_ref()));
        println!("{} {}: {before} -> {after}", fact.subject, fact.fact.zh);
    }
    show::list(
        false,
        &diff.firms,
        &[
            ("firm", |f| f.moved.firm.to_string()),
            ("name", |f| f.moved.name.clone()),
            ("class", |f| format!("{} -> {}", f.moved.from, f.moved.to)),
            ("rank", |f| ranks(&f.moved)),
            ("why", |f| f.why.zh.clone()),
        ],
    )?;
    println!("{} firms unchanged", diff.unchanged);
    Ok(())
}

fn ranks(moved: &MovedFirm) -> String {
    format!("{} -> {}", show::or_dash(moved.rank_from), show::or_dash(moved.rank_to))
}

/// `baigong what-if`
#[derive(Args)]
pub struct WhatIf {
    #[command(flatten)]
    person: Person,
    /// Run.
    run: i64,
    /// A change: `PATH=NUMBER`, `PATH=on`, `PATH=off` or `firms/NUMBER/FACT=VALUE`; may be given several
    /// times. Without one, what may be changed is listed.
    #[arg(long, value_name = "PATH=VALUE", value_parser = change)]
    set: Vec<OverlayChange>,
    /// Keep it under this title.
    #[arg(long, value_name = "TITLE")]
    keep: Option<String>,
}

impl WhatIf {
    /// Computes, lists or keeps.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        let (services, scope) = self.person.enter().await?;
        if self.set.is_empty() {
            let handles = services.list_handles(&scope, self.run).await?;
            show::list(
                json,
                &handles,
                &[
                    ("path", |h| h.path.clone()),
                    ("value", |h| h.value.clone()),
                    ("unit", |h| h.unit.clone()),
                    ("title", |h| format!("{} {}", h.group.zh, h.title.zh)),
                ],
            )?;
            return Ok(true);
        }
        if let Some(title) = self.keep {
            let request = WhatIfRequest { title, changes: self.set.clone() };
            let kept = services.create_what_if(&scope, self.run, request).await?;
            eprintln!("kept as what-if {}", kept.id);
        }
        let result = services.try_what_if(&scope, self.run, &self.set).await?;
        if json {
            show::value(&result)?;
        } else {
            outcome(&result)?;
        }
        Ok(true)
    }
}

fn outcome(result: &WhatIfResult) -> Result<()> {
    println!("before {}", counts(&result.before));
    println!("after  {}", counts(&result.after));
    show::list(
        false,
        &result.moved,
        &[
            ("firm", |m| m.firm.to_string()),
            ("name", |m| m.name.clone()),
            ("class", |m| format!("{} -> {}", m.from, m.to)),
            ("rank", ranks),
        ],
    )?;
    println!("{} firms move, {} up, {} down ({:.0} ms)", result.moved_total, result.up, result.down, result.ms);
    for cost in &result.measures {
        let (before, after) = (show::or_dash(cost.before.as_ref()), show::or_dash(cost.after.as_ref()));
        println!("{}: {before} -> {after}", cost.title.zh);
    }
    Ok(())
}

fn counts(classes: &[ClassCount]) -> String {
    classes.iter().map(|c| format!("{} {}", c.class, c.count)).collect::<Vec<_>>().join(", ")
}

/// A change from `PATH=VALUE`: `on` and `off` for what is switched, `firms/NUMBER/FACT=VALUE` for a figure
/// of one firm (an empty value: unknown), a number for everything else.
fn change(text: &str) -> Result<OverlayChange> {
    let (path, value) = text.split_once('=').with_context(|| format!("`{text}` is no PATH=VALUE"))?;
    let (path, value) = (path.trim(), value.trim());
    if let Some((firm, fact)) = path.strip_prefix("firms/").and_then(|p| p.split_once('/')) {
        let firm = firm.parse().with_context(|| format!("`{firm}` is no firm's number"))?;
        let value = Some(value.to_owned()).filter(|v| !v.is_empty());
        return Ok(OverlayChange::Fact { firm, fact: fact.to_owned(), value });
    }
    Ok(match value {
        "on" | "off" => OverlayChange::Switch { path: path.to_owned(), on: value == "on" },
        _ => OverlayChange::Number { path: path.to_owned(), value: value.to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_number_a_switch_or_a_figure_of_one_firm() {
        let number = OverlayChange::Number { path: "parameters/x".into(), value: "0.5".into() };
        assert_eq!(change("parameters/x=0.5").unwrap(), number);
        assert_eq!(change("overrides/y=off").unwrap(), OverlayChange::Switch { path: "overrides/y".into(), on: false });
        let unknown = OverlayChange::Fact { firm: 7, fact: "tax_paid".into(), value: None };
        assert_eq!(change("firms/7/tax_paid=").unwrap(), unknown);
        assert!(change("parameters/x").is_err() && change("firms/seven/tax_paid=1").is_err());
    }
}
