//! Accounts, and the first ones of an installation.

use super::{
    person::{House, Person},
    show,
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use services::{
    requests::{AccountStep, NewAccountRequest},
    views::AccountView,
};

/// `baigong init`
#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    house: House,
}

impl Init {
    /// Makes the three administrators.
    pub async fn run(self) -> Result<bool> {
        let made = self.house.open().await?.found_installation().await?;
        secrets(self.house.json, &made)
    }
}

/// `baigong accounts`
#[derive(Args)]
pub struct Accounts {
    #[command(flatten)]
    person: Person,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Accounts of one's region.
    List,
    /// Make an account, without a role and disabled; prints its initial password, once.
    Create {
        /// Sign-in name.
        sign_in: String,
        /// Name of the person or post.
        name: String,
        /// Region, six digits.
        division: String,
    },
    /// Take a step: set_role, enable, lock, unlock (security administrator), disable, reset_password (system
    /// administrator).
    Act {
        /// Sign-in name.
        sign_in: String,
        /// The step.
        action: String,
        /// Role, for set_role.
        #[arg(long)]
        role: Option<String>,
        /// Department, for the role department_owner.
        #[arg(long)]
        department: Option<String>,
        /// Credit code, for the role firm.
        #[arg(long)]
        credit_code: Option<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Give an administrator who can no longer sign in a new initial password. Needs no --as: whoever runs
    /// the machine may, and the audit log says so.
    Recover {
        /// Sign-in name.
        sign_in: String,
    },
}

impl Accounts {
    /// Carries the command out.
    pub async fn run(self) -> Result<bool> {
        let json = self.person.json();
        match self.command {
            Command::Recover { sign_in } => {
                let account = self.person.house.open().await?.recover_administrator(&sign_in).await?;
                secrets(json, &[account])
            }
            Command::List => {
                let (services, scope) = self.person.enter().await?;
                table(json, &services.list_accounts(&scope).await?)
            }
            Command::Create { sign_in, name, division } => {
                let (services, scope) = self.person.enter().await?;
                let account = services.create_account(&scope, NewAccountRequest { sign_in, name, division }).await?;
                secrets(json, &[account])
            }
            Command::Act { sign_in, action, role, department, credit_code, reason } => {
                let (services, scope) = self.person.enter().await?;
                let all = services.list_accounts(&scope).await?;
                let found = all.into_iter().find(|a| a.sign_in == sign_in);
                let id = found.with_context(|| format!("there is no account `{sign_in}`"))?.id;
                let step = AccountStep { reason, role, department, credit_code };
                let account = services.act_on_account(&scope, id, &action, step).await?;
                if account.secret.is_some() { secrets(json, &[account]) } else { table(json, &[account]) }
            }
        }
    }
}

fn table(json: bool, accounts: &[AccountView]) -> Result<bool> {
    show::list(
        json,
        accounts,
        &[
            ("id", |a| a.id.to_string()),
            ("sign-in", |a| a.sign_in.clone()),
            ("name", |a| a.name.clone()),
            ("role", |a| a.role.clone()),
            ("region", |a| a.division.name.clone()),
            ("department", |a| show::or_dash(a.department.as_ref())),
            ("locked until", |a| show::or_dash(a.locked_until.as_ref())),
            ("state", |a| if a.disabled { "disabled" } else { "enabled" }.to_owned()),
        ],
    )?;
    Ok(true)
}

fn secrets(json: bool, accounts: &[AccountView]) -> Result<bool> {
    show::list(
        json,
        accounts,
        &[
            ("sign-in", |a| a.sign_in.clone()),
            ("name", |a| a.name.clone()),
            ("role", |a| a.role.clone()),
            ("initial password", |a| show::or_dash(a.secret.as_ref())),
        ],
    )?;
    eprintln!("the initial password is shown this once and must be changed at the first sign-in");
    Ok(true)
}
