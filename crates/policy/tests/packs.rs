//! The packs under `law/`: they read, they compile, and their cases come out as worked out by hand.

use law::{Law, Severity, sources::Sources};
use policy::Plan;
use std::path::Path;

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).unwrap()
}

#[test]
fn every_rule_reads_and_compiles() {
    let (law, mut findings) = Law::load(&sources());
    findings.extend(law::check(&law));
    for rule in &law.rules {
        let (_, faults) = Plan::compile(&law, &[rule], rule.from.year());
        findings.extend(faults);
    }
    findings.retain(|f| f.severity == Severity::Error);
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(law.rules.len() > 30, "{} rules", law.rules.len());
}

#[test]
fn every_case_comes_out_as_written() {
    let sources = sources();
    let (law, _) = Law::load(&sources);
    let (cases, findings) = law::rule_case::load(&sources, &law);
    let mut told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for case in &cases {
        let report = policy::cases::run(&law, case);
        told.extend(report.differences.iter().map(|d| format!("{}: {d}", report.name)));
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(cases.len() > 40, "{} cases", cases.len());
}
