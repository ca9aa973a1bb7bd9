//! House checks, run as `cargo xtask tidy`: promises that the project makes about its own text and
//! structure and that neither the compiler nor a test of behaviour would notice being broken.
//!
//! Each check is a pure function from file texts to faults, so each has tests that show it can fail.

mod arrows;
mod links;
mod locales;
mod marks;
mod opening;
mod tree;

use anyhow::{Context, bail};
use std::process::ExitCode;
use tree::Tree;

const USAGE: &str = "usage: cargo xtask tidy";

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("tidy"), None) => tidy(),
        (other, _) => bail!("{} is no command; {USAGE}", other.unwrap_or("nothing")),
    }
}

/// Runs every check, prints every fault, and says how much was read, so that a check which read
/// nothing cannot pass for a check that found nothing.
fn tidy() -> anyhow::Result<ExitCode> {
    let root = tree::root()?;
    let tree = Tree::read(&root)?;
    let metadata = arrows::metadata(&root).context("reading cargo metadata")?;
    let checks = [
        ("crate arrows", arrows::faults(&metadata)?),
        ("module comments", opening::faults(&tree)),
        ("paths and marks", marks::faults(&tree)),
        ("languages", locales::faults(&tree)),
        ("links", links::faults(&tree)),
    ];
    let mut total = 0;
    for (name, faults) in checks {
        println!("tidy: {name}: {}", if faults.is_empty() { "ok".to_owned() } else { faults.len().to_string() });
        for fault in &faults {
            println!("  {fault}");
        }
        total += faults.len();
    }
    println!("tidy: {} files read, {total} faults", tree.files.len());
    Ok(if total == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
