//! `baigong law check` and `law test`.

use anyhow::{Context, Result};
use law::{Diagnostic, Law, Severity};
use std::path::Path;
use std::sync::Arc;

/// Checks everything and prints every finding, by place.
pub fn check(dir: Option<&Path>, json: bool) -> Result<bool> {
    let sources = sources(dir)?;
    let (law, mut findings) = Law::load(&sources);
    findings.extend(law::check(&law));
    findings.extend(formulas(&law));
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

/// Formula faults of every scheme, in every year that it evaluates and has parameters for.
fn formulas(law: &Law) -> Vec<Diagnostic> {
    let dictionary = Arc::new(services::dictionary(law));
    let mut findings = Vec::new();
    for scheme in &law.schemes {
        let scheme = Arc::new(scheme.clone());
        let last = scheme.year_to.unwrap_or(scheme.year_from);
        for year in scheme.year_from..=last {
            if let Err(faults) = measure::compile(&scheme, &dictionary, year) {
                findings.extend(faults);
            }
        }
    }
    findings
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
