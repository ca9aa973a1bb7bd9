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
    findings.extend(policy::check(&law));
    findings.sort_by(|a, b| (&a.at, a.code, &a.found).cmp(&(&b.at, b.code, &b.found)));
    findings.dedup();
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    if json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        findings.iter().for_each(|f| println!("{f}"));
        println!(
            "{} schemes, {} rules, {} files: {errors} errors, {} warnings",
            law.schemes.len(),
            law.rules.len(),
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
    let (cases, faults) = law::rule_case::load(&sources, &law);
    failed += faults.len();
    faults.iter().for_each(|f| println!("{f}"));
    for case in &cases {
        let report = policy::cases::run(&law, case);
        if report.differences.is_empty() {
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

/// Prints which lines of a rule's file differ between two versions, and who changes by it: the firms of a
/// place by the facts of the older version's last day.
pub async fn diff(
    services: &services::Services,
    scope: &base::Scope,
    older: &str,
    newer: &str,
    division: Option<String>,
) -> Result<bool> {
    let parse = |name: &str| -> Result<(String, u32)> {
        let (id, version) = name.split_once('@').with_context(|| format!("`{name}` is not ID@VERSION"))?;
        Ok((id.to_owned(), version.parse().with_context(|| format!("`{version}` is no version"))?))
    };
    let (old, new) = (parse(older)?, parse(newer)?);
    anyhow::ensure!(old.0 == new.0, "`{}` and `{}` are two rules, not two versions of one", old.0, new.0);
    let law = services.law();
    let of = |(id, version): &(String, u32)| {
        law.rule_version(id, *version).with_context(|| format!("there is no `{id}@{version}`"))
    };
    let (a, b) = (of(&old)?, of(&new)?);
    let text = |rule: &law::Rule| law.texts.get(&*rule.at.file).map(|t| t.to_string()).unwrap_or_default();
    let (before, after) = (text(a), text(b));
    let (gone, come): (Vec<&str>, Vec<&str>) = (
        before.lines().filter(|l| !after.lines().any(|m| m == *l)).collect(),
        after.lines().filter(|l| !before.lines().any(|m| m == *l)).collect(),
    );
    gone.iter().for_each(|l| println!("- {l}"));
    come.iter().for_each(|l| println!("+ {l}"));
    let on = a.to.unwrap_or(a.from);
    let request = services::policy_views::SimulateRule {
        rule: old.0,
        on: Some(on.to_string()),
        division,
        changes: Vec::new(),
        against: Some(new.1),
    };
    let found = services.simulate_rule(scope, &request).await?;
    let (now, then) = (&found.now, found.then.as_ref());
    println!("on {on}: {} firms; v{}: {} met, {} unknown", found.firms, old.1, now.met, now.unknown);
    if let Some(then) = then {
        println!("v{}: {} met, {} unknown; {} gain, {} lose", new.1, then.met, then.unknown, found.gain, found.lose);
    }
    found.moved.iter().for_each(|m| println!("  {} {}: {} -> {}", m.firm, m.name, m.from, m.to));
    Ok(true)
}

fn sources(dir: Option<&Path>) -> Result<law::sources::Sources> {
    match dir {
        Some(dir) => law::sources::Sources::from_dir(dir).with_context(|| dir.display().to_string()),
        None => Ok(law::sources::Sources::embedded()),
    }
}
