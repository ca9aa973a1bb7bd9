//! Sessions of people who are signed in. Only the digest of the token is kept, so a stolen database
//! opens nobody's session.

use crate::{Account, Reader, Result, Store, StoreError, Tx, accounts, reader::on};
use base::Digest;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde::Serialize;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_digest: String,
        pub account: i64,
        pub csrf: String,
        pub created_at: String,
        pub last_seen_at: String,
        pub expires_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A session to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSession {
    /// Digest of the token in the cookie.
    pub token_digest: Digest,
    /// Whose.
    pub account: i64,
    /// What forms send back against forgery.
    pub csrf: String,
    /// After that it ends, however busy.
    pub expires_at: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// Digest of the token in the cookie.
    #[serde(skip)]
    pub token_digest: Digest,
    /// Whose.
    pub account: i64,
    /// What forms send back against forgery.
    pub csrf: String,
    /// Since when.
    pub created_at: String,
    /// Last request.
    pub last_seen_at: String,
    /// After that it ends.
    pub expires_at: String,
}

impl Tx {
    /// Begins a session of an account in scope.
    pub async fn insert_session(&mut self, new: &NewSession) -> Result<Session> {
        let account = self.read().get_account(new.account).await?;
        let row = row::Model {
            token_digest: new.token_digest.hex(),
            account: account.id,
            csrf: new.csrf.clone(),
            created_at: self.now.clone(),
            last_seen_at: self.now.clone(),
            expires_at: new.expires_at.clone(),
        };
        let insert = row::ActiveModel {
            token_digest: Set(row.token_digest.clone()),
            account: Set(row.account),
            csrf: Set(row.csrf.clone()),
            created_at: Set(row.created_at.clone()),
            last_seen_at: Set(row.last_seen_at.clone()),
            expires_at: Set(row.expires_at.clone()),
        };
        row::Entity::insert(insert).exec_without_returning(&self.db).await?;
        Session::try_from(row)
    }

    /// Ends a session.
    pub async fn delete_session(&mut self, token_digest: Digest) -> Result<()> {
        row::Entity::delete_by_id(token_digest.hex()).exec(&self.db).await?;
        Ok(())
    }

    /// Ends every session of an account in scope, but the one given; returns how many.
    pub async fn delete_sessions_of(&mut self, account: i64, except: Option<Digest>) -> Result<u64> {
        let account = self.read().get_account(account).await?;
        let mut which = Condition::all().add(row::Column::Account.eq(account.id));
        if let Some(kept) = except {
            which = which.add(row::Column::TokenDigest.ne(kept.hex()));
        }
        Ok(row::Entity::delete_many().filter(which).exec(&self.db).await?.rows_affected)
    }
}

impl Reader<'_> {
    /// The session of a token, with its account, if it has not expired.
    pub async fn find_session(&self, token_digest: Digest) -> Result<Option<(Session, Account)>> {
        let now = crate::time::to_text((self.inner.clock)());
        let query = row::Entity::find_by_id(token_digest.hex()).filter(row::Column::ExpiresAt.gt(now));
        let Some(session) = on!(self, |db| query.one(db).await)? else { return Ok(None) };
        let query = accounts::row::Entity::find_by_id(session.account).filter(self.account_scope());
        let Some(account) = on!(self, |db| query.one(db).await)? else { return Ok(None) };
        Ok(Some((Session::try_from(session)?, Account::try_from(account)?)))
    }
}

impl Store {
    /// Notes that a session was used. Housekeeping: no audit entry.
    pub async fn touch_session(&self, token_digest: Digest) -> Result<()> {
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        let change = row::ActiveModel { last_seen_at: Set(self.now()), ..Default::default() };
        row::Entity::update_many()
            .set(change)
            .filter(row::Column::TokenDigest.eq(token_digest.hex()))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Ends sessions not used since `last_seen_before`, and expired ones; returns how many.
    pub async fn delete_idle_sessions(&self, last_seen_before: &str) -> Result<u64> {
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        let idle = Condition::any()
            .add(row::Column::LastSeenAt.lt(last_seen_before))
            .add(row::Column::ExpiresAt.lte(self.now()));
        let done = row::Entity::delete_many().filter(idle).exec(&tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected)
    }
}

impl TryFrom<row::Model> for Session {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            token_digest: crate::scoped::digest("session", "token", &row.token_digest)?,
            account: row.account,
            csrf: row.csrf,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
        })
    }
}
