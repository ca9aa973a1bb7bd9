//! Signing in: passwords by argon2id, lockout after repeated failures, sessions that end when idle.
//!
//! An unknown name, a wrong password, a locked and a disabled account are answered alike, and take alike
//! long, so that nobody learns which accounts exist. Tokens are random; the store keeps only their digests.

use crate::{
    Kind, Refusal, Result, Services,
    views::{DemoAccount, DivisionView, Me},
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use base::{Digest, DivisionCode, Scope};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::net::IpAddr;
use store::{Account, NewAudit, NewSession, Tx};
use tokio::sync::Semaphore;

/// Characters of an unknown sign-in name that the audit log keeps.
const TYPED_CHARS_MAX: usize = 64;

/// A session as the edge needs it.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// How far the person may see.
    pub scope: Scope,
    /// Token that changing requests send back.
    pub csrf: String,
    /// The password must be changed first.
    pub must_change: bool,
}

/// Hashes computed at a time: a flood of sign-ins takes neither all memory nor all blocking threads.
static HASHING: Semaphore = Semaphore::const_new(4);

/// Hash of a password in PHC form, argon2id with the crate's recommended cost. Takes long: on an async
/// thread, [`hash_aside`] is the one to call.
pub fn hash_password(password: &str) -> Result<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(Refusal::internal)
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}

/// Does slow work on a blocking thread, when it is its turn.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(Refusal::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)
}

/// Hash of a password, computed on a blocking thread.
pub(crate) async fn hash_aside(password: &str) -> Result<String> {
    let password = password.to_owned();
    aside(move || hash_password(&password)).await?
}

/// Whether the password is that of the account; for no account the same work is done for nothing.
async fn verify_aside(password: &str, account: Option<&Account>) -> Result<bool> {
    let Some(account) = account else { return hash_aside(password).await.map(|_| false) };
    let (password, hash) = (password.to_owned(), account.password_hash.clone());
    aside(move || verify(&password, &hash)).await
}

/// Why a sign-in fails; people are told the same in each case.
enum Failure {
    /// There is no such account.
    Unknown,
    /// The account may not sign in now: `disabled`, `locked`, or its password `changed` meanwhile.
    Refused(Account, &'static str),
    /// The password is wrong.
    Wrong(Account),
}

/// What a sign-in comes to: the account as it stands now decides, not as it stood when the password
/// was checked.
fn judge(now: Timestamp, account: Option<Account>, checked: Option<&Account>, right: bool) -> Result<Account, Failure> {
    let account = account.ok_or(Failure::Unknown)?;
    if account.disabled {
        return Err(Failure::Refused(account, "disabled"));
    }
    let until = account.locked_until.as_deref().and_then(|t| t.parse::<Timestamp>().ok());
    if until.is_some_and(|until| until > now) {
        return Err(Failure::Refused(account, "locked"));
    }
    if checked.is_none_or(|c| c.password_hash != account.password_hash) {
        return Err(Failure::Refused(account, "changed"));
    }
    if right { Ok(account) } else { Err(Failure::Wrong(account)) }
}

/// 256 random bits as hex.
pub(crate) fn random_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn over() -> Refusal {
    Refusal::new(Kind::SignIn, "session_over", "登录已过期，请重新登录。", "The session is over; please sign in again.")
}

impl Services {
    fn gate_scope(&self) -> Scope {
        Scope::system("sign-in", self.settings().root)
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        self.store().now().parse().expect("the store writes RFC 3339")
    }

    /// Signs in from a network address; gives the session's view and the token for the cookie.
    pub async fn sign_in(&self, sign_in: &str, password: &str, from: Option<IpAddr>) -> Result<(Me, String)> {
        let gate = self.gate_scope().asking_from(from);
        let sign_in = sign_in.trim();
        let checked = self.store().read(&gate).find_account(sign_in).await?;
        let right = verify_aside(password, checked.as_ref()).await?;
        let mut tx = self.store().begin(&gate).await?;
        let account = tx.read().find_account(sign_in).await?;
        match judge(self.timestamp(), account, checked.as_ref(), right) {
            Ok(account) => self.begin_session(tx, account).await,
            Err(failure) => {
                self.note_failure(&mut tx, sign_in, failure).await?;
                tx.commit().await?;
                Err(self.wrong())
            }
        }
    }

    async fn begin_session(&self, mut tx: Tx, account: Account) -> Result<(Me, String)> {
        let (token, csrf) = (random_token()?, random_token()?);
        let expires = self.timestamp() + SignedDuration::from_secs(self.settings().session_s);
        if account.failed_count > 0 || account.locked_until.is_some() {
            tx.set_lock(account.id, None).await?;
        }
        tx.insert_session(&NewSession {
            token_digest: Digest::of(token.as_bytes()),
            account: account.id,
            csrf: csrf.clone(),
            expires_at: format!("{expires:.6}"),
        })
        .await?;
        tx.audit(
            NewAudit::new("session.begin", format!("account:{}", account.id), account.division)
                .with(json!({ "sign_in": account.sign_in })),
        );
        tx.commit().await?;
        Ok((self.me_of(&account, csrf), token))
    }

    /// Enters a failed sign-in and counts a wrong password. Unknown names are entered too: it takes as
    /// long as for known ones, and somebody who tries names leaves a trace.
    async fn note_failure(&self, tx: &mut Tx, typed: &str, failure: Failure) -> Result<()> {
        let entry = match failure {
            Failure::Unknown => {
                let typed: String = typed.chars().take(TYPED_CHARS_MAX).collect();
                NewAudit::new("session.refused", "account:unknown", self.settings().root)
                    .with(json!({ "sign_in": typed, "why": "unknown" }))
            }
            Failure::Refused(account, why) => {
                NewAudit::new("session.refused", format!("account:{}", account.id), account.division)
                    .with(json!({ "sign_in": account.sign_in, "why": why }))
            }
            Failure::Wrong(account) => {
                let until = self.timestamp() + SignedDuration::from_secs(self.settings().lock_s);
                let locks = tx.count_failure(account.id, self.settings().failures_max, &format!("{until:.6}")).await?;
                let action = if locks { "session.locked" } else { "session.failed" };
                NewAudit::new(action, format!("account:{}", account.id), account.division)
                    .with(json!({ "sign_in": account.sign_in }))
            }
        };
        tx.audit(entry);
        Ok(())
    }

    /// The one answer to every sign-in that fails.
    fn wrong(&self) -> Refusal {
        let (times, minutes) = (self.settings().failures_max, self.settings().lock_s / 60);
        Refusal::new(
            Kind::SignIn,
            "wrong_password",
            format!("账号或密码不对，或账号已锁定、停用。连续输错 {times} 次锁定 {minutes} 分钟，可请安全管理员解锁。"),
            format!(
                "The sign-in name or the password is wrong, or the account is locked or disabled. {times} wrong                  passwords in a row lock an account for {minutes} minutes; the security administrator can unlock it."
            ),
        )
    }

    /// The session behind a token, unless it is over. What a page asks by itself (`background`) does not
    /// count as use, so that a page left open ends its session like any other.
    pub async fn session(&self, token: &str, from: Option<IpAddr>, background: bool) -> Result<SessionInfo> {
        let gate = self.gate_scope();
        let digest = Digest::of(token.as_bytes());
        let found = self.store().read(&gate).find_session(digest).await?;
        let (session, account) = found.ok_or_else(over)?;
        let now = self.timestamp();
        let seen: Timestamp = session.last_seen_at.parse().map_err(Refusal::internal)?;
        let idle_s = now.as_second() - seen.as_second();
        if account.disabled || idle_s > self.settings().idle_s {
            let idle_since = now - SignedDuration::from_secs(self.settings().idle_s);
            self.store().delete_idle_sessions(&format!("{idle_since:.6}")).await?;
            return Err(over());
        }
        // Noted once a minute: a page that loads a dozen lists must not write to the database each time.
        if idle_s >= 60 && !background {
            self.store().touch_session(digest).await?;
        }
        let scope = account.scope().asking_from(from);
        Ok(SessionInfo { scope, csrf: session.csrf, must_change: account.must_change })
    }

    /// Who is signed in.
    pub async fn me(&self, token: &str) -> Result<Me> {
        let gate = self.gate_scope();
        let found = self.store().read(&gate).find_session(Digest::of(token.as_bytes())).await?;
        let (session, account) = found.ok_or_else(over)?;
        Ok(self.me_of(&account, session.csrf))
    }

    /// Signs out.
    pub async fn sign_out(&self, scope: &Scope, token: &str) -> Result<()> {
        let gate = self.gate_scope().asking_from(scope.address());
        let digest = Digest::of(token.as_bytes());
        let Some((_, account)) = self.store().read(&gate).find_session(digest).await? else { return Ok(()) };
        let mut tx = self.store().begin(&gate).await?;
        tx.delete_session(digest).await?;
        tx.audit(NewAudit::new("session.end", format!("account:{}", account.id), account.division));
        Ok(tx.commit().await?)
    }

    /// Changes one's own password and ends one's other sessions. A wrong old password counts like one at
    /// the door: whoever finds a screen unlocked cannot try them all.
    pub async fn change_password(&self, scope: &Scope, token: &str, old: &str, new: &str) -> Result<()> {
        let gate = self.gate_scope().asking_from(scope.address());
        let digest = Digest::of(token.as_bytes());
        let (_, checked) = self.store().read(&gate).find_session(digest).await?.ok_or_else(over)?;
        self.check_password(new, &checked.sign_in)?;
        if old == new {
            return Err(Refusal::invalid(
                "same_password",
                "新密码不能与原密码相同。",
                "The new password must differ from the old one.",
            ));
        }
        let right = verify_aside(old, Some(&checked)).await?;
        let wrong = || Refusal::invalid("old_password", "原密码不对。", "The old password is wrong.");
        if let Err(failure) = judge(self.timestamp(), Some(checked.clone()), Some(&checked), right) {
            let mut tx = self.store().begin(&gate).await?;
            self.note_failure(&mut tx, &checked.sign_in, failure).await?;
            tx.commit().await?;
            return Err(wrong());
        }
        let next = hash_aside(new).await?;
        let mut tx = self.store().begin(scope).await?;
        let account = tx.read().find_account(&checked.sign_in).await?;
        // Whoever was locked, disabled or given another password meanwhile does not get past it here.
        let account = judge(self.timestamp(), account, Some(&checked), right).map_err(|_| wrong())?;
        tx.set_password(account.id, &next, false).await?;
        tx.delete_sessions_of(account.id, Some(digest)).await?;
        tx.audit(NewAudit::new("account.password", format!("account:{}", account.id), account.division));
        Ok(tx.commit().await?)
    }

    /// A password must be long enough, mixed, and not the sign-in name.
    pub(crate) fn check_password(&self, password: &str, sign_in: &str) -> Result<()> {
        let least = self.settings().password_chars_min;
        let kinds = [
            password.chars().any(|c| c.is_ascii_digit()),
            password.chars().any(char::is_lowercase),
            password.chars().any(char::is_uppercase),
            password.chars().any(|c| !c.is_alphanumeric()),
        ];
        let mixed = kinds.iter().filter(|k| **k).count() >= 3;
        if password.chars().count() >= least && mixed && !password.to_lowercase().contains(&sign_in.to_lowercase()) {
            return Ok(());
        }
        Err(Refusal::invalid(
            "weak_password",
            format!("密码至少 {least} 位，含大写、小写、数字、符号中的三类，且不得包含账号名。"),
            format!(
                "A password has at least {least} characters of three kinds among capitals, small letters, digits and \
                 symbols, and does not contain the sign-in name."
            ),
        ))
    }

    /// Sign-ins offered by a demo installation.
    pub fn demo_accounts(&self) -> Result<Vec<DemoAccount>> {
        self.settings().demo.clone().ok_or_else(|| Refusal::not_found("页面", "page", "demo"))
    }

    fn me_of(&self, account: &Account, csrf: String) -> Me {
        Me {
            sign_in: account.sign_in.clone(),
            name: account.name.clone(),
            role: account.role.name().to_owned(),
            region: self.division_view(account.division),
            department: account.department.map(|d| d.name().to_owned()),
            firm: account.firm,
            csrf,
            must_change: account.must_change,
        }
    }

    /// A division as pages show it.
    pub(crate) fn division_view(&self, code: DivisionCode) -> DivisionView {
        let level = match code.level() {
            base::division::Level::Province => "province",
            base::division::Level::City => "city",
            base::division::Level::County => "county",
        };
        DivisionView {
            code: code.to_string(),
            name: self.law().divisions.name(code),
            level: level.to_owned(),
            parent: code.parent().map(|p| p.to_string()),
        }
    }
}
