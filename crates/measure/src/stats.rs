//! Counts and distributions of an outcome, for pages.

use crate::outcome::{FirmOutcome, Outcome};
use crate::prepare::Prepared;
use crate::table::Value;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// A bar of a histogram: totals from `from` (inclusive) to `to` (exclusive; inclusive in the last bar).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Lower end.
    pub from: Decimal,
    /// Upper end.
    pub to: Decimal,
    /// Firms per class of the outcome, then those without one.
    pub counts: Vec<u32>,
}

/// Totals of a population's firms in equal steps from the lowest to the highest. Empty without totals.
pub fn histogram(outcome: &Outcome, population: u16, bars: u32) -> Vec<Bar> {
    let firms: Vec<(&FirmOutcome, i64)> =
        outcome.firms.iter().filter(|f| f.population == Some(population)).filter_map(|f| Some((f, f.total?))).collect();
    let (Some(low), Some(high)) = (firms.iter().map(|f| f.1).min(), firms.iter().map(|f| f.1).max()) else {
        return Vec::new();
    };
    let bars = i64::from(bars.max(1));
    let step = ((high - low) / bars + 1).max(1);
    let decimals = u32::from(outcome.score_decimals[usize::from(population)]);
    let classes = outcome.classes.len();
    let mut out: Vec<Bar> = (0..=(high - low) / step)
        .map(|i| {
            let end = |at: i64| Decimal::new(at, decimals);
            Bar { from: end(low + i * step), to: end(low + (i + 1) * step), counts: vec![0; classes + 1] }
        })
        .collect();
    for (firm, total) in firms {
        let bar = &mut out[((total - low) / step) as usize];
        bar.counts[firm.class.map_or(classes, usize::from)] += 1;
    }
    out
}

/// Firms per value of a text column (`town`, `industry_division`) and class; the last count of each
/// row is firms without a class. Firms without a value stand under the empty text.
pub fn counts_by(outcome: &Outcome, prepared: &Prepared, column: &str) -> BTreeMap<String, Vec<u32>> {
    let classes = outcome.classes.len();
    let mut out: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for firm in &outcome.firms {
        let key = match prepared.firms().value(firm.firm, column) {
            Value::Text(text) => text,
            Value::Number(n) => n.normalize().to_string(),
            Value::Boolean(b) => b.to_string(),
            Value::Date(d) => d.to_string(),
            Value::Unknown => String::new(),
        };
        out.entry(key).or_insert_with(|| vec![0; classes + 1])[firm.class.map_or(classes, usize::from)] += 1;
    }
    out
}
