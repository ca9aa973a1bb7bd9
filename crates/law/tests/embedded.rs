//! The project's own law loads and is free of faults.

use law::codes::IndustryLevel;
use law::{Law, Severity, Sources};
use std::path::Path;

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("the folder is readable")
}

#[test]
fn the_projects_own_law_has_no_errors() {
    let sources = sources();
    let (law, mut findings) = Law::load(&sources);
    findings.extend(law::check(&law));
    findings.extend(law::case::load(&sources, &law).1);
    let errors: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    let warnings: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Warning).map(ToString::to_string).collect();
    println!("{}", warnings.join("\n"));
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));
}

#[test]
fn the_code_lists_have_the_totals_of_their_standards() {
    let (law, _) = Law::load(&sources());
    let count = |level| law.industries.count(level);
    let found =
        [IndustryLevel::Section, IndustryLevel::Division, IndustryLevel::Group, IndustryLevel::Class].map(count);
    assert_eq!(found, [20, 97, 473, 1_381]);
}

#[test]
fn a_code_that_ended_leads_to_todays() {
    let (law, _) = Law::load(&sources());
    let today = |code: &str| law.divisions.today(code.parse().unwrap()).to_string();
    assert_eq!(today("371202"), "370116", "莱城区 became 莱芜区 of 济南");
    assert_eq!(today("371203"), "370117", "钢城区 moved to 济南");
    assert_eq!(today("371200"), "370100", "莱芜 merged into 济南");
    assert_eq!(today("370102"), "370102");
}

#[test]
fn a_county_without_a_scheme_of_its_own_takes_its_provinces() {
    let (law, _) = Law::load(&sources());
    let found = |code: &str, year| law.scheme_for(code.parse().unwrap(), year).map(|s| (s.id.as_str(), s.version));
    assert_eq!(found("370725", 2024), Some(("shandong/demo/per-mu", 1)));
    assert_eq!(found("370725", 2025), Some(("shandong/demo/per-mu", 2)));
    assert_eq!(found("371203", 2021), Some(("shandong/demo/per-mu", 1)), "a code that has ended");
    assert_eq!(found("330100", 2021), None, "schemes kept for reference are not chosen");
}

#[test]
fn the_rule_files_of_a_scheme_alone_give_the_same_scheme() {
    let (law, _) = Law::load(&sources());
    for scheme in &law.schemes {
        let mut few = Sources::default();
        for (path, text) in law.rule_files(scheme) {
            few = few.with(&path, &text);
        }
        let (again, findings) = Law::load(&few);
        assert!(law::is_usable(&findings), "{}: {findings:?}", scheme.id);
        let found = again.scheme_version(&scheme.id, scheme.version).expect("the scheme is among its own files");
        let json = |s: &law::Scheme| serde_json::to_string(s).expect("a scheme is plain data");
        assert_eq!(json(found), json(scheme));
        assert_eq!(again.rule_digest(found), law.rule_digest(scheme));
    }
}

#[test]
fn from_every_state_of_every_process_an_end_can_be_reached() {
    let (law, _) = Law::embedded();
    for process in law.processes.values() {
        for state in &process.states {
            let mut seen = vec![state.id.as_str()];
            let mut next = 0;
            while let Some(at) = seen.get(next).copied() {
                next += 1;
                for step in process.transitions.iter().filter(|t| t.from.iter().any(|f| f == at)) {
                    if !seen.contains(&step.to.as_str()) {
                        seen.push(&step.to);
                    }
                }
            }
            let ends = process.states.iter().any(|s| s.last && seen.contains(&s.id.as_str()));
            assert!(ends, "{}: nothing leads from `{}` to an end", process.id, state.id);
        }
    }
}
