//! Titles and policies: the rules in force, what one makes of a firm, and what happens when a number of
//! it moves.

use super::{person::Person, show};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use services::policy_views::{FirmRuleProof, ReasonView, RuleChange, RulePopulation, SimulateRule};
use std::path::PathBuf;

/// `baigong rules`
#[derive(Args)]
pub struct Rules {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Rules by which filings of a day go.
    List {
        /// Day of filing; today when absent.
        #[arg(long)]
        on: Option<String>,
    },
    /// One rule, with its findings and the numbers that may be changed to try.
    Show {
        /// Rule.
        rule: String,
        /// Day of filing; today when absent.
        #[arg(long)]
        on: Option<String>,
    },
    /// What every rule makes of a firm.
    Firm {
        /// Firm.
        firm: i64,
        /// Day of filing; today when absent.
        #[arg(long)]
        on: Option<String>,
    },
    /// Why a rule comes out as it does for a firm.
    Explain {
        /// Firm.
        firm: i64,
        /// Rule.
        rule: String,
        /// Day of filing; today when absent.
        #[arg(long)]
        on: Option<String>,
    },
}

impl Rules {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        let json = self.person.json();
        match self.what {
            What::List { on } => show::list(
                json,
                &services.list_rules(&scope, on.as_deref()).await?,
                &[
                    ("rule", |r| r.id.clone()),
                    ("version", |r| r.version.to_string()),
                    ("kind", |r| r.kind.clone()),
                    ("title", |r| r.title.zh.clone()),
                    ("from", |r| r.from.clone()),
                    ("window", |r| r.window.state.clone()),
                ],
            )?,
            What::Show { rule, on } => {
                let view = services.get_rule(&scope, &rule, on.as_deref()).await?;
                if json {
                    show::value(&view)?;
                } else {
                    println!("{} v{} {}\n{}", view.head.id, view.head.version, view.head.title.zh, view.head.document);
                    for finding in &view.findings {
                        println!("  {} {}", if finding.blocks { "BLOCKS" } else { "look" }, finding.message.zh);
                    }
                    show::list(
                        false,
                        &view.adjustable,
                        &[("path", |n| n.path.clone()), ("value", |n| n.value.clone()), ("of", |n| n.title.zh.clone())],
                    )?;
                }
            }
            What::Firm { firm, on } => {
                let found = services.firm_policies(&scope, firm, on.as_deref()).await?;
                if json {
                    show::value(&found)?;
                } else {
                    println!("{} {} {}", found.firm, found.name, found.on);
                    show::list(
                        false,
                        &found.rules,
                        &[
                            ("rule", |r| r.rule.id.clone()),
                            ("outcome", |r| r.outcome.clone()),
                            ("fails", |r| r.unmet.iter().map(|u| u.id.clone()).collect::<Vec<_>>().join(" ")),
                            ("missing", |r| r.missing.len().to_string()),
                            ("enough", |r| show::or_dash(r.repairs.first().map(|r| r.text.zh.clone()))),
                        ],
                    )?;
                }
            }
            What::Explain { firm, rule, on } => {
                explained(json, &services.firm_rule(&scope, firm, &rule, on.as_deref()).await?)?;
            }
        }
        Ok(true)
    }
}

/// Prints why a rule came out as it did.
pub fn explained(json: bool, proof: &FirmRuleProof) -> Result<()> {
    if json {
        return show::value(proof);
    }
    println!("{} v{}: {}", proof.line.rule.id, proof.line.rule.version, proof.line.outcome);
    reason(&proof.condition, 0);
    for repair in &proof.line.repairs {
        println!("enough: {}", repair.text.zh);
    }
    if let Some(amount) = &proof.line.amount {
        println!("pays: {} {}", amount.low, amount.unit.zh);
    }
    Ok(())
}

fn reason(at: &ReasonView, depth: usize) {
    let mark = match at.truth.as_str() {
        "met" => "+",
        "not_met" => "-",
        _ => "?",
    };
    let seen = at.seen.iter().map(|s| {
        let side = |v: &Option<String>| v.clone().unwrap_or_else(|| "?".into());
        format!("{} {} {}", side(&s.left), s.op, side(&s.right))
    });
    let seen: Vec<String> = seen.collect();
    println!("{}{mark} {} {} {} {}", "  ".repeat(depth), at.kind, at.id, at.title.zh, seen.join("; "));
    at.parts.iter().for_each(|p| reason(p, depth + 1));
}

/// `baigong simulate`
#[derive(Args)]
pub struct Simulate {
    #[command(flatten)]
    person: Person,
    /// File with the rule and the changes, as the API takes it (JSON); else give --rule and --set.
    overlay: Option<PathBuf>,
    /// Rule.
    #[arg(long)]
    rule: Option<String>,
    /// A change, `path=value`; several may be given.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Another version of the rule: who changes by it.
    #[arg(long)]
    against: Option<u32>,
    /// Day of filing; today when absent.
    #[arg(long)]
    on: Option<String>,
    /// Division; the person's own when absent.
    #[arg(long)]
    division: Option<String>,
}

impl Simulate {
    /// Computes and prints; nothing is kept.
    pub async fn run(self) -> Result<bool> {
        let (services, scope) = self.person.enter().await?;
        let mut request: SimulateRule = match &self.overlay {
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
                serde_json::from_str(&text).with_context(|| path.display().to_string())?
            }
            None => SimulateRule::default(),
        };
        if let Some(rule) = self.rule {
            request.rule = rule;
        }
        for set in &self.set {
            let (path, value) = set.split_once('=').with_context(|| format!("`{set}` is not PATH=VALUE"))?;
            request.changes.push(RuleChange { path: path.into(), value: value.into() });
        }
        request.against = self.against.or(request.against);
        request.on = self.on.or(request.on);
        request.division = self.division.or(request.division);
        let found = services.simulate_rule(&scope, &request).await?;
        if self.person.json() {
            show::value(&found)?;
        } else {
            told(&found)?;
        }
        Ok(true)
    }
}

fn told(found: &RulePopulation) -> Result<()> {
    println!("{} on {} in {}: {} firms, {:.0} ms", found.rule.id, found.on, found.division, found.firms, found.ms);
    let line = |name: &str, c: &services::policy_views::PopulationCount| {
        let bill = c.bill.as_ref().map(|b| format!(", {b} {}", c.unit.zh)).unwrap_or_default();
        println!("{name}: {} met, {} not met, {} unknown{bill}", c.met, c.not_met, c.unknown);
    };
    line("now", &found.now);
    if let Some(then) = &found.then {
        line("then", then);
        println!("{} gain, {} lose", found.gain, found.lose);
    }
    show::list(
        false,
        &found.failing,
        &[
            ("condition", |c| c.id.clone()),
            ("not met", |c| c.not_met.to_string()),
            ("unknown", |c| c.unknown.to_string()),
            ("asks", |c| c.title.zh.clone()),
        ],
    )
}
