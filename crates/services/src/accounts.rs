//! Accounts, by three administrators who cannot do without each other: the system administrator makes an
//! account and its initial password, which open nothing yet; the security administrator gives it a role
//! and lets it sign in; the audit administrator reads in the log what both did. Neither of the first two
//! sees firm figures, and nobody changes the own account here.

use crate::{
    Kind, Refusal, Result, Services,
    requests::{AccountStep, NewAccountRequest},
    session::hash_aside,
    views::AccountView,
};
use base::{Department, DivisionCode, Role, Scope};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Account, AccountFilter, NewAccount, NewAudit, NewPerson, Page, Powers, Tx};

/// Characters of an initial password: none that is mistaken for another on paper.
const SECRET_LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

/// The administrators that an installation begins with: sign-in name, name, role.
const FIRST: [(&str, &str, Role); 3] = [
    ("sysadmin", "系统管理员", Role::SystemAdmin),
    ("secadmin", "安全管理员", Role::SecurityAdmin),
    ("auditadmin", "审计管理员", Role::AuditAdmin),
];

/// What is done to an account.
enum Deed {
    Lock { until: String },
    Unlock,
    Disable,
    Enable,
    Grant(Powers),
    NewPassword { hash: String },
}

impl Deed {
    /// Takes the account out of service or out of its role.
    fn removes(&self) -> bool {
        matches!(self, Deed::Disable | Deed::NewPassword { .. } | Deed::Grant(_))
    }

    /// Takes effect on people who are signed in: their sessions end.
    fn ends_sessions(&self) -> bool {
        !matches!(self, Deed::Unlock | Deed::Enable)
    }
}

impl Services {
    /// Accounts, by sign-in name.
    pub async fn list_accounts(&self, scope: &Scope) -> Result<Vec<AccountView>> {
        keeper(scope)?;
        let found = self.store().read(scope).list_accounts(&AccountFilter::default(), Page::ALL).await?;
        Ok(found.rows.into_iter().map(|a| self.account_view(a)).collect())
    }

    /// Makes an account that can do nothing yet: without a role, disabled, with an initial password that
    /// is told once and must be changed at the first sign-in.
    pub async fn create_account(&self, scope: &Scope, request: NewAccountRequest) -> Result<AccountView> {
        if scope.role() != Role::SystemAdmin {
            return Err(Refusal::forbidden());
        }
        let division: DivisionCode = request.division.parse().map_err(|e: base::division::NotADivision| {
            Refusal::invalid("division", format!("“{}”不是行政区划代码，应为六位数字。", e.0), e.to_string())
        })?;
        let (sign_in, name) = (sign_in_of(&request.sign_in)?, name_of(&request.name)?);
        let secret = self.initial_secret(sign_in)?;
        let new = NewPerson {
            sign_in: sign_in.to_owned(),
            name: name.to_owned(),
            division,
            password_hash: hash_aside(&secret).await?,
        };
        let mut tx = self.store().begin(scope).await?;
        let account = tx.insert_person(&new).await?;
        tx.audit(
            NewAudit::new("account.create", format!("account:{}", account.id), division)
                .with(json!({ "sign_in": account.sign_in, "name": account.name })),
        );
        tx.commit().await?;
        Ok(AccountView { secret: Some(secret), ..self.account_view(account) })
    }

    /// Locks, unlocks, disables, enables, gives a role or an initial password.
    pub async fn act_on_account(&self, scope: &Scope, id: i64, action: &str, step: AccountStep) -> Result<AccountView> {
        may(scope, action)?;
        let (deed, secret) = self.deed_of(scope, id, action, &step).await?;
        let mut tx = self.store().begin(scope).await?;
        let account = tx.read().get_account(id).await?;
        others_only(scope, &account)?;
        if deed.removes() {
            another_remains(&tx, &account).await?;
        }
        if matches!(deed, Deed::Enable) {
            may_enable(scope, &account)?;
        }
        let mut detail = json!({ "sign_in": account.sign_in, "reason": step.reason });
        carry_out(&mut tx, &account, &deed, &mut detail).await?;
        if deed.ends_sessions() {
            tx.delete_sessions_of(id, None).await?;
        }
        tx.audit(NewAudit::new(format!("account.{action}"), format!("account:{id}"), account.division).with(detail));
        let account = tx.read().get_account(id).await?;
        tx.commit().await?;
        Ok(AccountView { secret, ..self.account_view(account) })
    }

    /// The deed that a step names, with the password to tell when it makes one.
    async fn deed_of(
        &self,
        scope: &Scope,
        id: i64,
        action: &str,
        step: &AccountStep,
    ) -> Result<(Deed, Option<String>)> {
        Ok(match action {
            "lock" => {
                let until = self.timestamp() + SignedDuration::from_secs(self.settings().lock_s);
                (Deed::Lock { until: format!("{until:.6}") }, None)
            }
            "unlock" => (Deed::Unlock, None),
            "disable" => (Deed::Disable, None),
            "enable" => (Deed::Enable, None),
            "set_role" => (Deed::Grant(self.powers_of(scope, id, step).await?), None),
            "reset_password" => {
                let account = self.store().read(scope).get_account(id).await?;
                let secret = self.initial_secret(&account.sign_in)?;
                (Deed::NewPassword { hash: hash_aside(&secret).await? }, Some(secret))
            }
            other => return Err(Refusal::not_found("操作", "action", other)),
        })
    }

    /// The role that a step gives, with what the role needs. Administrators see no firms, so a firm is
    /// named by its credit code and looked up by the system, within the account's region.
    async fn powers_of(&self, scope: &Scope, id: i64, step: &AccountStep) -> Result<Powers> {
        let role = role_of(step.role.as_deref().unwrap_or_default())?;
        let department = step.department.as_deref().filter(|d| !d.is_empty()).map(department_of).transpose()?;
        let firm = match step.credit_code.as_deref().map(str::trim).filter(|c| !c.is_empty()) {
            None => None,
            Some(code) => {
                let account = self.store().read(scope).get_account(id).await?;
                let registry = Scope::system("accounts", account.division);
                let found = self.store().read(&registry).find_firm_by_code(code).await?;
                Some(found.ok_or_else(|| unknown_firm(code, account.division))?.id)
            }
        };
        Ok(Powers { role, department, firm })
    }

    /// Makes the three administrators of an empty installation; gives them with their initial passwords.
    pub async fn found_installation(&self) -> Result<Vec<AccountView>> {
        let scope = Scope::system("init", self.settings().root);
        let mut secrets = Vec::new();
        let mut rows = Vec::new();
        for (sign_in, name, role) in FIRST {
            let secret = self.initial_secret(sign_in)?;
            rows.push(NewAccount {
                sign_in: sign_in.to_owned(),
                name: name.to_owned(),
                role,
                division: self.settings().root,
                department: None,
                firm: None,
                password_hash: hash_aside(&secret).await?,
                must_change: true,
            });
            secrets.push(secret);
        }
        let mut tx = self.store().begin(&scope).await?;
        let there = tx.read().list_accounts(&AccountFilter::default(), Page::first(1)).await?.total;
        if there > 0 {
            return Err(Refusal::new(
                Kind::Conflict,
                "not_empty",
                format!("已有 {there} 个账户，不能再次初始化；账户由系统管理员建立。"),
                format!("There are {there} accounts already; the system administrator makes further ones."),
            ));
        }
        let made = tx.insert_accounts(&rows).await?;
        for account in &made {
            tx.audit(
                NewAudit::new("account.create", format!("account:{}", account.id), account.division)
                    .with(json!({ "sign_in": account.sign_in, "role": account.role.name() })),
            );
        }
        tx.commit().await?;
        let views = made.into_iter().zip(secrets);
        Ok(views.map(|(account, secret)| AccountView { secret: Some(secret), ..self.account_view(account) }).collect())
    }

    /// Gives an administrator who can no longer sign in a new initial password, where nobody else could:
    /// by who runs the machine. The account is enabled and unlocked, and the audit log says so.
    pub async fn recover_administrator(&self, sign_in: &str) -> Result<AccountView> {
        let scope = Scope::system("recover", self.settings().root);
        let secret = self.initial_secret(sign_in)?;
        let hash = hash_aside(&secret).await?;
        let mut tx = self.store().begin(&scope).await?;
        let found = tx.read().find_account(sign_in).await?;
        let account = found
            .filter(|a| a.role.is_administrator())
            .ok_or_else(|| Refusal::not_found("管理员账户", "account of an administrator", sign_in))?;
        tx.set_password(account.id, &hash, true).await?;
        tx.set_lock(account.id, None).await?;
        tx.set_disabled(account.id, false).await?;
        tx.delete_sessions_of(account.id, None).await?;
        tx.audit(
            NewAudit::new("account.recover", format!("account:{}", account.id), account.division)
                .with(json!({ "sign_in": account.sign_in })),
        );
        let account = tx.read().get_account(account.id).await?;
        tx.commit().await?;
        Ok(AccountView { secret: Some(secret), ..self.account_view(account) })
    }

    /// A random password that satisfies the rules and can be read from paper.
    fn initial_secret(&self, sign_in: &str) -> Result<String> {
        loop {
            let mut bytes = [0u8; 64];
            getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
            // Bytes beyond the last whole round of letters would make some letters likelier.
            let whole = u8::MAX as usize / SECRET_LETTERS.len() * SECRET_LETTERS.len();
            let letters: Vec<char> = bytes
                .iter()
                .map(|b| usize::from(*b))
                .filter(|b| *b < whole)
                .map(|b| char::from(SECRET_LETTERS[b % SECRET_LETTERS.len()]))
                .take(16)
                .collect();
            let secret = letters.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-");
            if letters.len() == 16 && self.check_password(&secret, sign_in).is_ok() {
                return Ok(secret);
            }
        }
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
            secret: None,
        }
    }
}

async fn carry_out(tx: &mut Tx, account: &Account, deed: &Deed, detail: &mut Value) -> Result<()> {
    match deed {
        Deed::Lock { until } => tx.set_lock(account.id, Some(until)).await?,
        Deed::Unlock => tx.set_lock(account.id, None).await?,
        Deed::Disable => tx.set_disabled(account.id, true).await?,
        Deed::Enable => tx.set_disabled(account.id, false).await?,
        Deed::Grant(powers) => {
            detail["from"] = json!(account.role.name());
            detail["to"] = json!(powers.role.name());
            tx.set_powers(account.id, powers).await?;
        }
        Deed::NewPassword { hash } => {
            // Who knows the new password must not be able to use it alone: the security administrator
            // enables the account again.
            tx.set_password(account.id, hash, true).await?;
            tx.set_disabled(account.id, true).await?;
        }
    }
    Ok(())
}

fn keeper(scope: &Scope) -> Result<()> {
    match scope.role() {
        Role::SystemAdmin | Role::SecurityAdmin => Ok(()),
        _ => Err(Refusal::forbidden()),
    }
}

/// Who may take which step. Passwords come from the system administrator, powers from the security
/// administrator; either stops an account.
fn may(scope: &Scope, action: &str) -> Result<()> {
    let by = match action {
        "disable" => [Role::SystemAdmin, Role::SecurityAdmin].as_slice(),
        "reset_password" => &[Role::SystemAdmin],
        _ => &[Role::SecurityAdmin],
    };
    if by.contains(&scope.role()) { Ok(()) } else { Err(Refusal::forbidden()) }
}

fn others_only(scope: &Scope, account: &Account) -> Result<()> {
    if account.sign_in != scope.actor() {
        return Ok(());
    }
    Err(Refusal::invalid(
        "own_account",
        "不能在这里改动自己的账号，请由另一位管理员操作。",
        "Nobody changes the own account here; another administrator does.",
    ))
}

/// An account is enabled once it has a role, and not by who made it.
fn may_enable(scope: &Scope, account: &Account) -> Result<()> {
    if account.role == Role::Public {
        return Err(Refusal::new(
            Kind::Conflict,
            "no_role",
            format!("账户 {} 还没有角色，请先授予角色再启用。", account.sign_in),
            format!("The account {} has no role yet; give it one before enabling it.", account.sign_in),
        ));
    }
    if account.created_by.as_deref() == Some(scope.actor()) {
        return Err(Refusal::new(
            Kind::Conflict,
            "second_person",
            "账户由您建立，须由另一位管理员启用。",
            "You made this account; another administrator must enable it.",
        ));
    }
    Ok(())
}

/// Refuses to take the last administrator of a kind out of service: nobody could put one in again.
async fn another_remains(tx: &Tx, account: &Account) -> Result<()> {
    if !account.role.is_administrator() || account.disabled {
        return Ok(());
    }
    let filter = AccountFilter { role: Some(account.role), ..AccountFilter::default() };
    let all = tx.read().list_accounts(&filter, Page::ALL).await?.rows;
    if all.iter().any(|a| a.id != account.id && !a.disabled) {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::Conflict,
        "last_administrator",
        format!("{} 是最后一个这类管理员，请先启用另一个。", account.sign_in),
        format!("{} is the last administrator of its kind; enable another one first.", account.sign_in),
    ))
}

fn unknown_firm(code: &str, division: DivisionCode) -> Refusal {
    Refusal::invalid(
        "firm",
        format!("{division} 内没有信用代码为“{code}”的企业。"),
        format!("No firm in {division} has the credit code `{code}`."),
    )
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

fn department_of(name: &str) -> Result<Department> {
    Department::from_name(name).ok_or_else(|| {
        let known = Department::ALL.map(Department::name).join(", ");
        Refusal::invalid(
            "department",
            format!("没有部门“{name}”，可用：{known}。"),
            format!("There is no department `{name}`; allowed: {known}."),
        )
    })
}

/// A sign-in name: letters, digits and `.-_`, beginning with a letter or digit, 3 to 40. The audit log
/// writes `system:task` for the system itself, which no person can be called.
fn sign_in_of(text: &str) -> Result<&str> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if plain && begins && (3..=40).contains(&text.len()) {
        return Ok(text);
    }
    Err(Refusal::invalid(
        "sign_in",
        format!("登录名“{text}”不合要求：3 至 40 位字母、数字、点、横线，以字母或数字开头。"),
        format!(
            "The sign-in name `{text}` is not allowed: 3 to 40 letters, digits, dots, hyphens and underscores, \
             beginning with a letter or digit."
        ),
    ))
}

fn name_of(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid("empty", "姓名不能为空。", "The name must not be empty."));
    }
    Ok(text)
}
