//! Which crate may use which. The arrows run one way, from the binary down to `base`, and each
//! heavy library stays inside one crate; ARCHITECTURE.md says why.

use anyhow::Context;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Each crate of the workspace with the crates of the workspace that it may use when it ships.
/// A new crate is added here with its first line of work.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("law", &["base"]),
    ("measure", &["base", "law"]),
    ("cluster", &["measure"]),
    ("policy", &["base", "law"]),
    ("chain", &[]),
    ("cases", &["base", "law"]),
    ("intake", &["base", "law"]),
    ("store", &["base"]),
    ("press", &["base"]),
    ("province", &["base", "law", "chain"]),
    ("services", &["base", "law", "measure", "policy", "cases", "intake", "store", "press", "chain"]),
    ("server", &["base", "law", "services"]),
    ("baigong", &["base", "law", "measure", "policy", "chain", "cluster", "store", "services", "server", "province"]),
    ("testkit", &["base"]),
    ("xtask", &[]),
];

/// Libraries that only the named crates may see, by the beginning of the library's name.
const FENCED: &[(&str, &[&str])] = &[
    ("datafusion", &["measure", "cluster"]),
    ("ballista", &["cluster"]),
    ("sea-orm", &["store"]),
    ("typst", &["press"]),
    ("axum", &["server"]),
    ("saphyr", &["law"]),
];

/// The crate that may appear under dev-dependencies only.
const DEV_ONLY: &str = "testkit";

/// What `cargo metadata` says about the members of the workspace, without resolving anything else.
pub fn metadata(root: &Path) -> anyhow::Result<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Every arrow that the tables above do not allow. Dev-dependencies may point anywhere.
pub fn faults(metadata: &Value) -> anyhow::Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a package without a name")?;
        let Some((_, allowed)) = MAY_USE.iter().find(|(user, _)| *user == name) else {
            faults.push(format!("crate `{name}` has no line in the table of xtask/src/arrows.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().context("a package without dependencies")? {
            if dependency["kind"] == "dev" {
                continue;
            }
            let used = dependency["name"].as_str().context("a dependency without a name")?;
            faults.extend(fault_of_arrow(name, used, allowed, !dependency["path"].is_null()));
        }
    }
    Ok(faults)
}

fn fault_of_arrow(user: &str, used: &str, allowed: &[&str], ours: bool) -> Option<String> {
    if ours && used == DEV_ONLY {
        return Some(format!("`{user}` ships with `{used}`, which is for dev-dependencies only"));
    }
    if ours && !allowed.contains(&used) {
        return Some(format!("`{user}` uses `{used}`; it may use {}", list(allowed)));
    }
    let (library, homes) = FENCED.iter().find(|(library, _)| used.starts_with(library))?;
    (!homes.contains(&user)).then(|| format!("`{user}` uses `{used}`; {library} stays inside {}", list(homes)))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "no other crate here".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, dependencies: Value) -> Value {
        json!({ "packages": [{ "name": name, "dependencies": dependencies }] })
    }

    fn ours(name: &str, kind: Option<&str>) -> Value {
        json!([{ "name": name, "kind": kind, "path": "crates" }])
    }

    #[test]
    fn an_engine_that_uses_the_store_is_a_fault_and_one_that_uses_law_is_not() {
        assert_eq!(
            faults(&package("measure", ours("store", None))).unwrap(),
            ["`measure` uses `store`; it may use base, law"]
        );
        assert!(faults(&package("measure", ours("law", None))).unwrap().is_empty());
    }

    #[test]
    fn a_build_dependency_counts_and_a_dev_dependency_does_not() {
        assert_eq!(faults(&package("store", ours("services", Some("build")))).unwrap().len(), 1);
        assert!(faults(&package("store", ours("services", Some("dev")))).unwrap().is_empty());
    }

    #[test]
    fn testkit_never_ships() {
        let found = faults(&package("server", ours("testkit", None))).unwrap();
        assert_eq!(found, ["`server` ships with `testkit`, which is for dev-dependencies only"]);
        assert!(faults(&package("server", ours("testkit", Some("dev")))).unwrap().is_empty());
    }

    #[test]
    fn a_crate_outside_the_table_and_a_library_outside_its_fence_are_faults() {
        assert_eq!(faults(&package("helpers", json!([]))).unwrap().len(), 1);
        let library = json!([{ "name": "datafusion-expr", "kind": null, "path": null }]);
        let found = faults(&package("services", library.clone())).unwrap();
        assert_eq!(found, ["`services` uses `datafusion-expr`; datafusion stays inside measure, cluster"]);
        assert!(faults(&package("measure", library)).unwrap().is_empty());
    }

    #[test]
    fn services_know_of_other_machines_but_not_of_the_cluster() {
        let found = faults(&package("services", ours("cluster", None))).unwrap();
        assert_eq!(found.len(), 1);
        assert!(faults(&package("baigong", ours("cluster", None))).unwrap().is_empty());
    }

    #[test]
    fn the_table_itself_has_no_circle() {
        // A crate may use only crates that stand above it in the table, save the two tools.
        for (at, (user, allowed)) in MAY_USE.iter().enumerate() {
            for used in *allowed {
                let place = MAY_USE.iter().position(|(name, _)| name == used).expect("a known crate");
                assert!(place < at, "{user} stands before {used}");
            }
        }
    }
}
