//! The law's cases, facts of a few firms with what a policy officer worked out by hand, run through
//! the real engine; and every scheme of the law compiles for every year that it evaluates.

use law::Law;
use measure::{Dictionary, cases, compile};
use std::sync::Arc;

#[test]
fn every_case_of_the_law_comes_out_as_worked_by_hand() {
    let (law, findings) = Law::embedded();
    assert!(law::is_usable(&findings), "{findings:#?}");
    let (cases, faults) = law::case::load(&law::Sources::embedded(), &law);
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(!cases.is_empty());
    let mut failed = Vec::new();
    for case in &cases {
        let report = cases::run(&law, case);
        if !report.passed() {
            failed.push(format!("{}\n  {}", report.name, report.differences.join("\n  ")));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases differ:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// A line of the demonstration's bonus case of 2025, and a wrong one in its place.
const WRONG: &[(&str, &str)] = &[
    ("bonus: 6", "bonus: 5"),
    ("total: 106.00", "total: 106.01"),
    ("rank: 1", "rank: 2"),
    ("items: [champion, smart_factory,", "items: [smart_factory,"),
    ("items: []", "items: [high_tech]"),
    ("rank: 1", "rank: 1, population: below_scale"),
    ("rank: 1", "rank: 1, land: 11"),
    ("rank: 1", "rank: 1, values: { tax_per_mu: 11.0 }"),
    ("rank: 1", "rank: 1, points: { tax_per_mu: 1.0 }"),
    ("rank: 1", "rank: 1, points: { tax_per_ha: unknown }"),
    ("rank: 1", "rank: 1, deduction: 1"),
    ("rank: 1", "rank: 1, by_rank: D"),
    ("rank: 1", "rank: 1, class: D"),
    ("rank: 1", "rank: 1, status: utility"),
    ("rank: 1", "rank: 1, label: T"),
    ("rank: 1", "rank: 1, overrides: [safety]"),
    ("rank: 1", "rank: 1, missing: [productivity]"),
    ("rank: 1", "rank: 1, measures: { land_first: none }"),
    ("rank: 1", "rank: 1, measures: { land_last: none }"),
    ("rank: 1", "rank: 1, result_of: 无1"),
    ("expect:", "expect:\n  classes: { above_scale: { A: 9 } }"),
    ("expect:", "expect:\n  last_ranks: { above_scale: { A: 9 } }"),
    ("expect:", "expect:\n  baselines: { tax_per_mu: 9 }"),
    ("expect:", "expect:\n  baselines: { tax_per_ha: 10 }"),
];

/// What differs when the demonstration's bonus case of 2025 expects something else.
fn differences(good: &str, other: &str) -> Vec<String> {
    let path = "cases/shandong-demo/bonus-2025.yaml";
    let embedded = law::Sources::embedded();
    let text = &embedded.files[path];
    assert!(text.contains(good), "the case has no `{good}`");
    let text = text.replacen(good, other, 1);
    let sources = embedded.with(path, &text);
    let (law, _) = Law::load(&sources);
    let (cases, faults) = law::case::load(&sources, &law);
    assert!(faults.is_empty(), "{faults:#?}");
    cases::run(&law, cases.iter().find(|c| &*c.at.file == path).unwrap()).differences
}

#[test]
fn a_wrong_expectation_of_any_kind_fails_its_case() {
    for (good, other) in WRONG {
        let found = differences(good, other);
        assert_eq!(found.len(), 1, "`{other}` instead of `{good}`: {found:#?}");
    }
}

#[test]
fn every_scheme_compiles_for_every_year_it_evaluates() {
    let (law, _) = Law::embedded();
    let dictionary =
        Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values());
    let dictionary = Arc::new(dictionary);
    let mut faults = Vec::new();
    for scheme in &law.schemes {
        let scheme = Arc::new(scheme.clone());
        for year in scheme.year_from..=scheme.year_to.unwrap_or(scheme.year_from + 2) {
            if let Err(found) = compile(&scheme, &dictionary, year) {
                faults.extend(found.iter().map(|f| format!("{year}: {f}")));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
