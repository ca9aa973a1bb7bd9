//! The project's own law loads and is free of faults.

use law::{Law, Severity, Sources};
use std::path::Path;

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("the folder is readable")
}

#[test]
fn the_projects_own_law_has_no_errors() {
    let (law, mut findings) = Law::load(&sources());
    findings.extend(law::check(&law));
    let errors: Vec<String> = findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));
}
