//! The reading side: a connection bound to who asks. Each noun's module adds its queries here.

use crate::open::Inner;
use base::Scope;
use sea_orm::{DatabaseConnection, DatabaseTransaction};

/// Reads on behalf of a scope; made by [`crate::Store::read`] (what is committed) or
/// [`crate::Tx::read`] (with the transaction's own changes).
pub struct Reader<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) db: Db<'a>,
    pub(crate) scope: &'a Scope,
}

/// A pool, or the connection of an open transaction.
#[derive(Clone, Copy)]
pub(crate) enum Db<'a> {
    Pool(&'a DatabaseConnection),
    Tx(&'a DatabaseTransaction),
}

/// Runs a query expression on whichever connection the reader has.
macro_rules! on {
    ($reader:expr, |$db:ident| $query:expr) => {
        match $reader.db {
            $crate::reader::Db::Pool($db) => $query,
            $crate::reader::Db::Tx($db) => $query,
        }
    };
}
pub(crate) use on;

impl<'a> Reader<'a> {
    /// Who asks.
    pub fn scope(&self) -> &'a Scope {
        self.scope
    }

    /// True when the reader sees changes that are not committed yet.
    pub(crate) fn in_transaction(&self) -> bool {
        matches!(self.db, Db::Tx(_))
    }
}
