//! `baigong law check` and `law test`.

use anyhow::{Context, Result};
use law::{Law, Severity};
use std::path::Path;

/// Checks everything and prints every finding, by place.
pub fn check(dir: Option<&Path>, json: bool) -> Result<bool> {
    let sources = sources(dir)?;
    let (law, mut findings) = Law::load(&sources);
    findings.extend(law::check(&law));
    findings.extend(measure::check(&law));
    findings.sort_by(|a, b| (&a.at, a.code, &a.found).cmp(&(&b.at, b.code, &b.found)));
    findings.dedup();
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    if json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().for_each(|f| println!("{f}"));
        println!(
            "{} schemes, {} files: {errors} errors, {} warnings",
            law.schemes.len(),
            law.texts.len(),
            findings.len() - errors
        );
    }
    Ok(errors == 0)
}

/// Runs the cases and prints a line each.
pub fn test(dir: Option<&Path>) -> Result<bool> {
    let sources = sources(dir)?;
    let (law, _) = Law::load(&sources);
    let (cases, faults) = law::case::load(&sources, &law);
    let mut failed = faults.len();
    faults.iter().for_each(|f| println!("{f}"));
    let mut passed = 0;
    for case in &cases {
        let report = measure::cases::run(&law, case);
        if report.passed() {
            passed += 1;
            println!("ok    {}", report.name);
        } else {
            failed += 1;
            println!("FAIL  {}", report.name);
            report.differences.iter().for_each(|d| println!("      {d}"));
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

fn sources(dir: Option<&Path>) -> Result<law::sources::Sources> {
    match dir {
        Some(dir) => law::sources::Sources::from_dir(dir).with_context(|| dir.display().to_string()),
        None => Ok(law::sources::Sources::embedded()),
    }
}
