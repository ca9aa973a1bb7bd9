//! Signing in: passwords by argon2id, lockout after repeated failures, sessions that end when idle.
//!
//! A wrong name and a wrong password are answered alike, and take alike long, so that nobody learns
//! which accounts exist. Tokens are random; the store keeps only their digests.

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
use store::{Account, NewAudit, NewSession};

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

/// Hash of a password in PHC form, argon2id with the crate's recommended cost.
pub fn hash_password(password: &str) -> Result<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(Refusal::internal)
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
}

/// 256 random bits as hex.
pub(crate) fn random_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn wrong() -> Refusal {
    Refusal::new(Kind::SignIn, "wrong_password", "账号或密码不对。", "The sign-in name or the password is wrong.")
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

    /// Signs in; gives the session's view and the token for the cookie.
    pub async fn sign_in(&self, sign_in: &str, password: &str) -> Result<(Me, String)> {
        let gate = self.gate_scope();
        let found = self.store().read(&gate).find_account(sign_in.trim()).await?;
        let Some(mut account) = found.filter(|a| !a.disabled) else {
            // The same work as for a known name.
            let password = password.to_owned();
            let _ = tokio::task::spawn_blocking(move || hash_password(&password)).await;
            return Err(wrong());
        };
        let now = self.timestamp();
        let locked = account.locked_until.as_deref().and_then(|t| t.parse::<Timestamp>().ok()).filter(|t| *t > now);
        if let Some(until) = locked {
            let minutes = (until.as_second() - now.as_second()) / 60 + 1;
            return Err(Refusal::new(
                Kind::SignIn,
                "locked",
                format!("账号已锁定，请约 {minutes} 分钟后再试，或请安全管理员解锁。"),
                format!(
                    "The account is locked; try again in about {minutes} minutes or ask the security administrator."
                ),
            ));
        }
        let (typed, hash) = (password.to_owned(), account.password_hash.clone());
        let right = tokio::task::spawn_blocking(move || verify(&typed, &hash)).await.map_err(Refusal::internal)?;
        let subject = format!("account:{}", account.id);
        let mut tx = self.store().begin(&gate).await?;
        if !right {
            account.failed_count += 1;
            let lock = account.failed_count >= self.settings().failures_max;
            if lock {
                account.failed_count = 0;
                let until = now + SignedDuration::from_secs(self.settings().lock_s);
                account.locked_until = Some(format!("{until:.6}"));
            }
            let action = if lock { "session.locked" } else { "session.failed" };
            tx.audit(NewAudit::new(action, subject, account.division).with(json!({ "sign_in": account.sign_in })));
            tx.update_account(&account).await?;
            tx.commit().await?;
            return Err(wrong());
        }
        account.failed_count = 0;
        account.locked_until = None;
        let (token, csrf) = (random_token()?, random_token()?);
        let expires = now + SignedDuration::from_secs(self.settings().session_s);
        tx.update_account(&account).await?;
        tx.insert_session(&NewSession {
            token_digest: Digest::of(token.as_bytes()),
            account: account.id,
            csrf: csrf.clone(),
            expires_at: format!("{expires:.6}"),
        })
        .await?;
        tx.audit(NewAudit::new("session.begin", subject, account.division).with(json!({ "sign_in": account.sign_in })));
        tx.commit().await?;
        Ok((self.me_of(&account, csrf), token))
    }

    /// The session behind a token, unless it is over.
    pub async fn session(&self, token: &str) -> Result<SessionInfo> {
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
        // Noted once a minute: a page that polls must not write to the database each time.
        if idle_s >= 60 {
            self.store().touch_session(digest).await?;
        }
        Ok(SessionInfo { scope: account.scope(), csrf: session.csrf, must_change: account.must_change })
    }

    /// Who is signed in.
    pub async fn me(&self, token: &str) -> Result<Me> {
        let gate = self.gate_scope();
        let found = self.store().read(&gate).find_session(Digest::of(token.as_bytes())).await?;
        let (session, account) = found.ok_or_else(over)?;
        Ok(self.me_of(&account, session.csrf))
    }

    /// Signs out.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let gate = self.gate_scope();
        let digest = Digest::of(token.as_bytes());
        let Some((_, account)) = self.store().read(&gate).find_session(digest).await? else { return Ok(()) };
        let mut tx = self.store().begin(&gate).await?;
        tx.delete_session(digest).await?;
        tx.audit(NewAudit::new("session.end", format!("account:{}", account.id), account.division));
        Ok(tx.commit().await?)
    }

    /// Changes one's own password and ends one's other sessions.
    pub async fn change_password(&self, scope: &Scope, token: &str, old: &str, new: &str) -> Result<()> {
        let gate = self.gate_scope();
        let digest = Digest::of(token.as_bytes());
        let (_, mut account) = self.store().read(&gate).find_session(digest).await?.ok_or_else(over)?;
        self.check_password(new, &account.sign_in)?;
        let (typed, hash, next) = (old.to_owned(), account.password_hash.clone(), new.to_owned());
        let (right, next) = tokio::task::spawn_blocking(move || (verify(&typed, &hash), hash_password(&next)))
            .await
            .map_err(Refusal::internal)?;
        if !right {
            return Err(Refusal::invalid("old_password", "原密码不对。", "The old password is wrong."));
        }
        account.password_hash = next?;
        account.must_change = false;
        let mut tx = self.store().begin(scope).await?;
        tx.update_account(&account).await?;
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
