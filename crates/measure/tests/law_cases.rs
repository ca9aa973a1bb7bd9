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
