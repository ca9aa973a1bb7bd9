//! Accounts: made by the system administrator, given roles and unlocked by the security administrator.
//! Neither sees firm figures, and nobody changes the own account here.

use crate::{
    Refusal, Result, Services, hash_password,
    requests::{AccountStep, NewAccountRequest},
    views::AccountView,
};
use base::{Department, DivisionCode, Role, Scope};
use jiff::SignedDuration;
use serde_json::json;
use store::{Account, AccountFilter, NewAccount, NewAudit, Page};

impl Services {
    /// Accounts, by sign-in name.
    pub async fn list_accounts(&self, scope: &Scope) -> Result<Vec<AccountView>> {
        keeper(scope)?;
        let found = self.store().read(scope).list_accounts(&AccountFilter::default(), Page::ALL).await?;
        Ok(found.rows.into_iter().map(|a| self.account_view(a)).collect())
    }

    /// Makes an account; its first password must be changed at the first sign-in.
    pub async fn create_account(&self, scope: &Scope, request: NewAccountRequest) -> Result<AccountView> {
        if scope.role() != Role::SystemAdmin {
            return Err(Refusal::forbidden());
        }
        let role = role_of(&request.role)?;
        let division: DivisionCode = request.division.parse().map_err(|e: base::division::NotADivision| {
            Refusal::invalid("division", format!("“{}”不是行政区划代码，应为六位数字。", e.0), e.to_string())
        })?;
        let department = match request.department.as_deref().filter(|d| !d.is_empty()) {
            None => None,
            Some(name) => Some(Department::from_name(name).ok_or_else(|| {
                let known = Department::ALL.map(Department::name).join(", ");
                Refusal::invalid(
                    "department",
                    format!("没有部门“{name}”，可用：{known}。"),
                    format!("There is no department `{name}`; allowed: {known}."),
                )
            })?),
        };
        let sign_in = request.sign_in.trim().to_owned();
        if sign_in.is_empty() || request.name.trim().is_empty() {
            return Err(Refusal::invalid("empty", "账号和名称不能为空。", "Sign-in and name must not be empty."));
        }
        self.check_password(&request.password, &sign_in)?;
        let new = NewAccount {
            sign_in,
            name: request.name.trim().to_owned(),
            role,
            division,
            department,
            firm: request.firm,
            password_hash: hash_password(&request.password)?,
            must_change: true,
        };
        let mut tx = self.store().begin(scope).await?;
        let account = tx.insert_account(&new).await?;
        tx.audit(
            NewAudit::new("account.create", format!("account:{}", account.id), division)
                .with(json!({ "sign_in": account.sign_in, "role": role.name() })),
        );
        tx.commit().await?;
        Ok(self.account_view(account))
    }

    /// Locks, unlocks, disables, enables, sets a role or a new password.
    pub async fn act_on_account(&self, scope: &Scope, id: i64, action: &str, step: AccountStep) -> Result<AccountView> {
        keeper(scope)?;
        let mut account = self.store().read(scope).get_account(id).await?;
        if account.sign_in == scope.actor() {
            return Err(Refusal::invalid(
                "own_account",
                "不能在这里改动自己的账号，请由另一位管理员操作。",
                "Nobody changes the own account here; another administrator does.",
            ));
        }
        let needs = match action {
            "disable" | "enable" => Role::SystemAdmin,
            _ => Role::SecurityAdmin,
        };
        if scope.role() != needs {
            return Err(Refusal::forbidden());
        }
        let mut detail = json!({ "reason": step.reason });
        match action {
            "lock" => {
                let until = self.timestamp() + SignedDuration::from_secs(self.settings().lock_s);
                account.locked_until = Some(format!("{until:.6}"));
            }
            "unlock" => {
                account.locked_until = None;
                account.failed_count = 0;
            }
            "disable" => account.disabled = true,
            "enable" => account.disabled = false,
            "set_role" => {
                let role = role_of(step.role.as_deref().unwrap_or_default())?;
                detail["from"] = json!(account.role.name());
                detail["to"] = json!(role.name());
                account.role = role;
            }
            "reset_password" => {
                let password = step.password.unwrap_or_default();
                self.check_password(&password, &account.sign_in)?;
                account.password_hash = hash_password(&password)?;
                account.must_change = true;
            }
            other => return Err(Refusal::not_found("操作", "action", other)),
        }
        let mut tx = self.store().begin(scope).await?;
        let account = tx.update_account(&account).await?;
        // A role, a password or a disabling takes effect at once.
        if !matches!(action, "unlock" | "enable") {
            tx.delete_sessions_of(account.id, None).await?;
        }
        tx.audit(NewAudit::new(format!("account.{action}"), format!("account:{id}"), account.division).with(detail));
        tx.commit().await?;
        Ok(self.account_view(account))
    }

    fn account_view(&self, account: Account) -> AccountView {
        AccountView {
            id: account.id,
            sign_in: account.sign_in,
            name: account.name,
            role: account.role.name().to_owned(),
            division: self.division_view(account.division),
            department: account.department.map(|d| d.name().to_owned()),
            firm: account.firm,
            locked_until: account.locked_until,
            disabled: account.disabled,
        }
    }
}

fn keeper(scope: &Scope) -> Result<()> {
    match scope.role() {
        Role::SystemAdmin | Role::SecurityAdmin => Ok(()),
        _ => Err(Refusal::forbidden()),
    }
}

fn role_of(name: &str) -> Result<Role> {
    Role::from_name(name).filter(|r| *r != Role::Public).ok_or_else(|| {
        let known = Role::ALL.map(Role::name).join(", ");
        Refusal::invalid(
            "role",
            format!("没有角色“{name}”，可用：{known}。"),
            format!("There is no role `{name}`; allowed: {known}."),
        )
    })
}
