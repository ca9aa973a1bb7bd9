//! `baigong`: one binary that serves, loads the demo, checks and tests the law, verifies runs and the
//! audit chain. Results go to stdout, notes to stderr; exit code 0 means it holds, 1 that something
//! does not, 2 that the command could not be carried out.

mod cli;
mod cluster_commands;
mod commands;
mod demo;
mod law_commands;
mod open;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("BAIGONG_LOG").unwrap_or_else(|_| "warn,baigong=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let done = runtime.block_on(cli.run());
    // What is still computed behind is kept nowhere and can be computed again: nobody waits for it.
    runtime.shutdown_background();
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("baigong: {error:#}");
            ExitCode::from(2)
        }
    }
}
