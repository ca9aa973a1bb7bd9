//! Commands by noun, each a thin call of the service that the route of the same noun calls, in the name
//! of an account and within its scope.

mod accounts;
mod chain;
mod evaluations;
mod firms;
mod imports;
mod keep;
mod objections;
mod person;
mod publications;
pub mod rules;
mod runs;
mod sheets;
mod show;

use anyhow::Result;
use clap::Subcommand;

/// What can be done, by noun.
#[derive(Subcommand)]
pub enum Noun {
    /// Make the first three administrators of an empty installation and print their initial passwords, once.
    Init(accounts::Init),
    /// Accounts: make, give roles, enable, disable, unlock, recover.
    Accounts(accounts::Accounts),
    /// The register of firms: list, show, enter, edit, import a file.
    Firms(firms::Firms),
    /// Yearly evaluations: list, open.
    Evaluations(evaluations::Evaluations),
    /// Write the blank workbook of a department.
    Template(imports::Template),
    /// Files handed in: list, settle doubts, marked copy, accept, withdraw.
    Imports(imports::Imports),
    /// One firm, one sheet.
    Sheet(sheets::Sheet),
    /// Objections: list, file, route, answer, decide.
    Objections(objections::Objections),
    /// Write a run's results or measures as a table.
    Export(runs::Export),
    /// Compare two runs firm by firm.
    Diff(runs::Diff),
    /// Recompute everyone under some changes.
    WhatIf(runs::WhatIf),
    /// Titles and policies: list, show, what they make of a firm and why.
    Rules(rules::Rules),
    /// What a rule makes of all firms, as it is and with numbers changed.
    Simulate(rules::Simulate),
    /// What has been published: list, show, export.
    Publications(publications::Publications),
    /// Chains and input-output tables in files: what stops cost, faults, formats.
    Chain(chain::Chain),
    /// Put a backup in the place of a database that no program has open, and check it.
    Restore(keep::Restore),
}

impl Noun {
    /// Carries the command out; `false` when what was asked does not hold.
    pub async fn run(self) -> Result<bool> {
        match self {
            Self::Init(command) => command.run().await,
            Self::Accounts(command) => command.run().await,
            Self::Firms(command) => command.run().await,
            Self::Evaluations(command) => command.run().await,
            Self::Template(command) => command.run().await,
            Self::Imports(command) => command.run().await,
            Self::Sheet(command) => command.run().await,
            Self::Objections(command) => command.run().await,
            Self::Export(command) => command.run().await,
            Self::Diff(command) => command.run().await,
            Self::WhatIf(command) => command.run().await,
            Self::Rules(command) => command.run().await,
            Self::Simulate(command) => command.run().await,
            Self::Publications(command) => command.run().await,
            Self::Chain(command) => command.run().await,
            Self::Restore(command) => command.run().await,
        }
    }
}
