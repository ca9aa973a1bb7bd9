//! The cheapest change that lifts a firm's class: for each of its own figures the smallest change that
//! does it, found by bisection with the *whole* population computed again at every step, and checked by
//! a last full run. Nothing is estimated.
//!
//! Points rise or fall steadily with one figure (ratios, minimum–maximum scales, caps), so a change
//! either lifts from some size on or never does; a figure whose largest sensible change does not lift
//! is reported as closed.

use crate::{Compiled, MeasureError, Outcome, Prepared, Value, table::Kind};
use law::scheme::Text;
use rayon::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeSet;

/// Largest growth of a figure that is tried, as a multiple of it.
const GROWTH_MAX: i64 = 10;
/// Bisection steps: the change is found to a thousandth of a millionth of the range tried, then to the
/// figure's own decimals.
const STEPS: u32 = 30;

/// A change that lifts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lift {
    /// Fact.
    pub fact: String,
    /// Unit id.
    pub unit: Option<String>,
    /// Value now.
    pub from: Decimal,
    /// Smallest changed value that lifts, at the fact's decimals.
    pub to: Decimal,
    /// Class after.
    pub class: String,
    /// Rank after.
    pub rank: Option<u32>,
    /// Total after.
    pub total: Option<Decimal>,
    /// |to − from| ÷ |from|.
    pub relative: f64,
}

/// The lifts of a firm.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Lifts {
    /// The next better class; none at the top or without a class.
    pub target: Option<String>,
    /// Smallest relative change first.
    pub lifts: Vec<Lift>,
    /// Why some or all ways are closed.
    pub closed: Vec<Text>,
}

fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// Finds the lifts of a firm.
pub fn lift(compiled: &Compiled, prepared: &Prepared, outcome: &Outcome, firm: i64) -> Result<Lifts, MeasureError> {
    let mut out = Lifts::default();
    let Some(result) = outcome.firm(firm) else { return Ok(out) };
    let Some(class) = result.class else {
        out.closed.push(text("该企业没有等级，不存在升档。", "The firm has no class to lift."));
        return Ok(out);
    };
    if class == 0 {
        out.closed.push(text("已是最高等级。", "It has the best class already."));
        return Ok(out);
    }
    out.target = outcome.letter(Some(class - 1)).map(str::to_owned);
    for applied in result.overrides.iter().filter(|o| o.after > o.before) {
        let rule = &compiled.scheme().overrides[usize::from(applied.rule)];
        out.closed.push(text(
            format!("因“{}”下调，单靠改善指标不能越过。", rule.title.zh),
            format!("Held down by `{}`, which no figure can pass.", rule.title.en),
        ));
    }
    let facts = own_figures(compiled, prepared, outcome, firm);
    let found: Vec<(String, Option<Lift>)> = facts
        .par_iter()
        .map(|(fact, from)| Ok((fact.clone(), search(compiled, prepared, firm, class, fact, *from)?)))
        .collect::<Result<_, MeasureError>>()?;
    for (fact, lift) in found {
        match lift {
            Some(lift) => out.lifts.push(lift),
            None => {
                let title = compiled.dictionary().names.get(&fact).map(|n| n.title.clone());
                let title = title.unwrap_or_else(|| text(&fact, &fact));
                out.closed.push(text(
                    format!("单独改变“{}”不能升档（已封顶或幅度过大）。", title.zh),
                    format!("Changing `{}` alone does not lift (capped, or too large a change).", title.en),
                ));
            }
        }
    }
    out.lifts.sort_by(|a, b| a.relative.total_cmp(&b.relative).then_with(|| a.fact.cmp(&b.fact)));
    Ok(out)
}

/// Numbers among the firm's own facts that its population's indicators are made of.
fn own_figures(compiled: &Compiled, prepared: &Prepared, outcome: &Outcome, firm: i64) -> Vec<(String, Decimal)> {
    let Some(population) = outcome.firm(firm).and_then(|f| f.population) else { return Vec::new() };
    let dictionary = compiled.dictionary();
    let scheme = compiled.scheme();
    let mut waiting: Vec<String> =
        scheme.populations[usize::from(population)].indicators.iter().map(|i| i.use_.clone()).collect();
    let (mut seen, mut out) = (BTreeSet::new(), BTreeSet::new());
    while let Some(name) = waiting.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let own = scheme.define.iter().find(|d| d.id == name);
        if let Some(derived) = own.or_else(|| dictionary.derived.get(&name)) {
            let words = derived.formula.text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            waiting.extend(words.filter(|w| !w.is_empty()).map(str::to_owned));
        } else if dictionary
            .names
            .get(&name)
            .is_some_and(|n| n.kind == Kind::Number && (n.is_fact || n.id == "effective_land"))
        {
            out.insert(name);
        }
    }
    let land = prepared.land().get(&firm).and_then(|l| l.effective);
    out.into_iter()
        .filter_map(|name| match (prepared.firms().value(firm, &name), land) {
            (_, Some(mu)) if name == "effective_land" && !mu.is_zero() => Some((name, mu)),
            (Value::Number(n), _) if !n.is_zero() => Some((name, n)),
            _ => None,
        })
        .collect()
}

/// The smallest change of one figure that lifts, growing or shrinking.
fn search(
    compiled: &Compiled,
    prepared: &Prepared,
    firm: i64,
    class: u8,
    fact: &str,
    from: Decimal,
) -> Result<Option<Lift>, MeasureError> {
    let name = compiled.dictionary().names.get(fact);
    let decimals = u32::from(name.map_or(2, |n| n.decimals)).max(from.scale());
    let run = |value: Decimal| -> Result<Option<Lift>, MeasureError> {
        let changed = compiled.with_fact(prepared, firm, fact, Value::Number(value))?;
        let outcome = compiled.run(&changed, 1);
        let Some(result) = outcome.firm(firm) else { return Ok(None) };
        let Some(after) = result.class.filter(|after| *after < class) else { return Ok(None) };
        let relative = base::fixed::to_f64((value - from).abs()) / base::fixed::to_f64(from.abs());
        Ok(Some(Lift {
            fact: fact.to_owned(),
            unit: name.and_then(|n| n.unit.clone()),
            from,
            to: value.normalize(),
            class: outcome.letter(Some(after)).unwrap_or_default().to_owned(),
            rank: result.rank,
            total: outcome.total(result),
            relative,
        }))
    };
    // Growing helps a numerator, shrinking a denominator; at the far end one of them does or none.
    let ends = [from * Decimal::from(GROWTH_MAX), from / Decimal::from(GROWTH_MAX)];
    for end in ends {
        let end = end.round_dp(decimals);
        let Some(mut best) = run(end)? else { continue };
        let (mut no, mut yes) = (from, end);
        let step = Decimal::new(1, decimals);
        for _ in 0..STEPS {
            let middle = ((no + yes) / Decimal::TWO).round_dp(decimals);
            if middle == no || middle == yes || (yes - no).abs() <= step {
                break;
            }
            match run(middle)? {
                Some(lift) => {
                    best = lift;
                    yes = middle;
                }
                None => no = middle,
            }
        }
        return Ok(Some(best));
    }
    Ok(None)
}
