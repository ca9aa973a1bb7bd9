//! Recomputing a published result: the stored snapshot through the stored rules must give the stored
//! outcome, byte for byte. Where it does not, the first difference is named.

use crate::{Compiled, Outcome, Parts, Snapshot};
use base::Digest;
use std::sync::Arc;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerifyReport {
    /// Checks in order.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What, in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// Digest or figure expected.
    pub expected: String,
    /// Found.
    pub found: String,
    /// Where the first difference is.
    pub differs: Option<String>,
}

impl VerifyReport {
    /// True when every check holds.
    pub fn agrees(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.differs.is_none() && c.expected == c.found)
    }

    fn put(&mut self, zh: &str, en: &str, expected: String, found: String, differs: Option<String>) {
        self.checks.push(Check { zh: zh.to_owned(), en: en.to_owned(), expected, found, differs });
    }
}

/// Recomputes and compares.
pub fn verify(snapshot: &Parts, compiled: &Compiled, outcome: &Parts) -> VerifyReport {
    let mut report = VerifyReport::default();
    let input = match Snapshot::decode(snapshot) {
        Ok(input) => Some(Arc::new(input)),
        Err(fault) => {
            report.put("快照完整", "Snapshot is whole", "whole".into(), "damaged".into(), Some(fault.to_string()));
            None
        }
    };
    let stored = match Outcome::decode(outcome) {
        Ok(stored) => Some(stored),
        Err(fault) => {
            report.put("结果完整", "Result is whole", "whole".into(), "damaged".into(), Some(fault.to_string()));
            None
        }
    };
    let (Some(input), Some(stored)) = (input, stored) else { return report };
    report.put(
        "规则编译",
        "Rules as compiled",
        stored.rules.hex(),
        compiled.rules().hex(),
        (stored.rules != compiled.rules()).then(|| format!("scheme {} version {}", stored.scheme, stored.version)),
    );
    let prepared = match compiled.prepare(&input) {
        Ok(prepared) => prepared,
        Err(error) => {
            report.put("重新计算", "Computed again", "a result".into(), "none".into(), Some(error.to_string()));
            return report;
        }
    };
    let again = compiled.run(&prepared, 1);
    // By name: a store may give the parts back in another order than they were written.
    let digest = |parts: &Parts| {
        let mut sorted: Vec<&(String, Vec<u8>)> = parts.iter().collect();
        sorted.sort();
        Digest::of_parts(sorted.iter().flat_map(|(n, b)| [n.as_bytes(), b.as_slice()])).hex()
    };
    match again.encode() {
        Ok(parts) => {
            let (expected, found) = (digest(outcome), digest(&parts));
            let differs = (expected != found).then(|| first_difference(&stored, &again));
            report.put("重新计算的结果", "Result computed again", expected, found, differs);
        }
        Err(fault) => {
            report.put(
                "重新计算的结果",
                "Result computed again",
                digest(outcome),
                "none".into(),
                Some(fault.to_string()),
            );
        }
    }
    report
}

/// The first firm and column in which two outcomes differ.
pub fn first_difference(a: &Outcome, b: &Outcome) -> String {
    if a.firms.len() != b.firms.len() {
        return format!("{} firms instead of {}", b.firms.len(), a.firms.len());
    }
    for (x, y) in a.firms.iter().zip(&b.firms) {
        if x.firm != y.firm {
            return format!("firm {} instead of {}", y.firm, x.firm);
        }
        let same = |p: f64, q: f64| p.to_bits() == q.to_bits();
        let column = if x.taking != y.taking {
            "standing"
        } else if x.population != y.population {
            "population"
        } else if !same(x.points, y.points) {
            "points"
        } else if !same(x.bonus, y.bonus) || !same(x.deduction, y.deduction) || !same(x.coefficient, y.coefficient) {
            "bonus, deduction or coefficient"
        } else if x.total != y.total || !same(x.total_raw, y.total_raw) {
            "total"
        } else if x.rank != y.rank {
            "rank"
        } else if x.ranked_class != y.ranked_class {
            "class by rank"
        } else if x.class != y.class || x.overrides != y.overrides {
            "class"
        } else if x.measures != y.measures {
            "measures"
        } else {
            continue;
        };
        return format!("firm {}, {column}", x.firm);
    }
    for (x, y) in a.scores.iter().zip(&b.scores) {
        for (p, q) in x.indicators.iter().zip(&y.indicators) {
            let same =
                |p: &[f64], q: &[f64]| p.len() == q.len() && p.iter().zip(q).all(|(a, b)| a.to_bits() == b.to_bits());
            if !same(&p.value, &q.value) || !same(&p.points, &q.points) || !same(&p.raw, &q.raw) {
                let at = p.points.iter().zip(&q.points).position(|(a, b)| a.to_bits() != b.to_bits()).unwrap_or(0);
                return format!("firm {}, indicator {}", x.rows.get(at).copied().unwrap_or_default(), p.indicator);
            }
        }
    }
    "baselines, cuts or counts".to_owned()
}
