//! The writing side: one unit of work of one actor. Changes, their audit entries and the link in the
//! hash chain are committed together or not at all.

use crate::{
    Reader, Result, StoreError,
    audit::{self, NewAudit},
    open::Inner,
    reader::Db,
    time,
};
use base::Scope;
use sea_orm::DatabaseTransaction;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// A transaction on behalf of a scope. Dropped without [`Tx::commit`], it leaves no trace.
///
/// There is one writing transaction at a time in the whole database, on SQLite and on PostgreSQL:
/// what a guard reads inside it stays true until it commits. Keep it short; prepare outside it.
/// Beginning a second one while holding the first waits for itself and ends as [`StoreError::Busy`].
pub struct Tx {
    pub(crate) inner: Arc<Inner>,
    pub(crate) db: DatabaseTransaction,
    pub(crate) scope: Scope,
    pub(crate) now: String,
    entries: Vec<NewAudit>,
    _turn: OwnedMutexGuard<()>,
}

impl Tx {
    pub(crate) fn new(inner: Arc<Inner>, db: DatabaseTransaction, scope: Scope, turn: OwnedMutexGuard<()>) -> Self {
        let now = time::to_text((inner.clock)());
        Self { inner, db, scope, now, entries: Vec::new(), _turn: turn }
    }

    /// Who writes.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The one moment that all rows of this transaction carry, RFC 3339 in UTC.
    pub fn now(&self) -> &str {
        &self.now
    }

    /// Reads with this transaction's own changes.
    pub fn read(&self) -> Reader<'_> {
        Reader { inner: &self.inner, db: Db::Tx(&self.db), scope: &self.scope }
    }

    /// Adds an entry to the audit log: what was done to what, and why.
    pub fn audit(&mut self, entry: NewAudit) {
        self.entries.push(entry);
    }

    /// Keeps everything. Refused as [`StoreError::Unaudited`] when no entry was added.
    pub async fn commit(self) -> Result<()> {
        if self.entries.is_empty() {
            return Err(StoreError::Unaudited { actor: self.scope.actor().to_owned() });
        }
        let pending =
            self.entries.into_iter().map(|entry| audit::Pending::new(&self.scope, &self.now, entry)).collect();
        audit::append(&self.db, pending).await?;
        Ok(self.db.commit().await?)
    }

    /// Forgets everything. The same as dropping, but waits until the database has done it.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.db.rollback().await?)
    }
}
