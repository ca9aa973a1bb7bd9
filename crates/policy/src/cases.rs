//! Runs the cases of rules: facts of a few firms through the real engine, in a batch and one by one,
//! compared with what a policy officer worked out by hand.

use crate::explain::{One, Reason};
use crate::firm::{Registered, attribute, day};
use crate::frame::{Frame, Value};
use crate::parse::VarDef;
use crate::plan::Plan;
use crate::run::Truth;
use law::Law;
use law::case::Value as Given;
use law::rule_case::{RuleCase, RuleCaseFirm};
use rust_decimal::Decimal;

/// What a case came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// File and title.
    pub name: String,
    /// What differs from what was expected; empty: passed.
    pub differences: Vec<String>,
}

/// What a case's firm holds of a variable on the day of filing.
pub fn value(law: &Law, case: &RuleCase, firm: &RuleCaseFirm, def: &VarDef) -> Value {
    let lag = if def.status || def.attribute { 0 } else { def.key.lag };
    if let Some(given) = firm.values.get(&(def.key.name.clone(), lag)) {
        return match given {
            Given::Number(n) => Value::Number(*n),
            Given::Text(t) => Value::Text(t.clone()),
            Given::Boolean(b) => Value::Truth(*b),
            Given::Date(d) => Value::Number(day(*d)),
        };
    }
    match def.attribute {
        true => {
            let registered = Registered {
                division: firm.division.map(|d| d.to_string()),
                industry: firm.industry.clone(),
                founded: firm.founded,
                name: Some(firm.name.clone()),
                ..Registered::default()
            };
            attribute(law, &registered, case.filed, &def.key.name)
        }
        false => Value::Unknown,
    }
}

/// Runs one case.
pub fn run(law: &Law, case: &RuleCase) -> CaseReport {
    let mut report = CaseReport { name: format!("{} {}", case.at.file, case.title.zh), differences: Vec::new() };
    if let Err(why) = check(law, case, &mut report.differences) {
        report.differences.push(why);
    }
    report
}

fn check(law: &Law, case: &RuleCase, out: &mut Vec<String>) -> Result<(), String> {
    let rule = law
        .rule_on(&case.rule, case.filed)
        .ok_or_else(|| format!("no version of {} is in force on {}", case.rule, case.filed))?;
    let (plan, faults) = Plan::compile(law, &[rule], case.filed.year());
    if !faults.is_empty() {
        return Err(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
    let compiled = &plan.rules[0];
    let of = |var: u32, firm: &RuleCaseFirm| value(law, case, firm, plan.vars.def(var));
    let frame = Frame::collect(&plan.vars, case.firms.len(), |var, row| of(var, &case.firms[row]));
    let batch = plan.run(&frame);
    if case.firms.is_empty() {
        return Err("the case has no firm".into());
    }
    for (row, firm) in case.firms.iter().enumerate() {
        let facts = |var: u32| of(var, firm);
        let one = One::new(&plan, compiled, &facts);
        let explained = one.explain();
        let mut differs = |what: &str, expected: &str, found: &str| {
            if expected != found {
                out.push(format!("{}: {what} expected {expected}, found {found}", firm.name));
            }
        };
        differs("batch and explanation agree", word(explained.outcome), word(batch.outcome(0, row)));
        if let Some(outcome) = &firm.expect.outcome {
            differs("outcome", outcome, word(explained.outcome));
        }
        for (id, truth) in &firm.expect.conditions {
            let found = find(&explained.condition, id).map_or("no such condition", |r| word(r.truth));
            differs(id, truth, found);
        }
        for (id, (low, high)) in &firm.expect.scores {
            let range = |low: Decimal, high: Decimal| match low == high {
                true => low.normalize().to_string(),
                false => format!("{}..{}", low.normalize(), high.normalize()),
            };
            let found = one.points(id).map_or("no such points".to_owned(), |(low, high)| range(low, high));
            differs(id, &range(*low, *high), &found);
        }
        if let Some(unmet) = &firm.expect.unmet {
            let mut found = Vec::new();
            failing(&explained.condition, &mut found);
            differs("unmet", &unmet.join(", "), &found.join(", "));
        }
        if let Some(amount) = firm.expect.amount {
            let found = crate::amount::amount(&plan, compiled, &facts);
            let found = found.map_or("unknown".to_owned(), |p| p.low.normalize().to_string());
            differs("amount", &amount.normalize().to_string(), &found);
        }
        let nothing = firm.expect == law::rule_case::RuleExpect::default();
        if nothing {
            out.push(format!("{}: expects nothing", firm.name));
        }
    }
    Ok(())
}

/// As files write it.
pub fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::Met => "met",
        Truth::NotMet => "not_met",
        Truth::Unknown => "unknown",
    }
}

fn find<'r>(reason: &'r Reason, id: &str) -> Option<&'r Reason> {
    if reason.id == id { Some(reason) } else { reason.parts.iter().find_map(|p| find(p, id)) }
}

/// Leaves that fail below nodes that fail.
fn failing(reason: &Reason, out: &mut Vec<String>) {
    if reason.truth != Truth::NotMet {
        return;
    }
    match reason.parts.is_empty() {
        true => out.push(reason.id.clone()),
        // What must not hold is named by what it forbids.
        false if reason.kind == "not" => out.push(match reason.id.is_empty() {
            true => reason.parts[0].id.clone(),
            false => reason.id.clone(),
        }),
        // The exception frees from a condition; it is not asked for.
        false if reason.kind == "unless" => failing(&reason.parts[0], out),
        false => reason.parts.iter().for_each(|p| failing(p, out)),
    }
}
