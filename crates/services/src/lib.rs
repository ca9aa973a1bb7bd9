//! What people can do, one module per noun: load, permission, decide, change in one transaction,
//! audit. No HTTP here, so the command line and background jobs share it.
//!
//! Guards sit in the state machine (`cases`); a service asks it before any change, and hands it the
//! facts that guards need. Computation happens on blocking threads, never on the async ones.

mod accounts;
mod audit;
mod catalogue;
mod firms;
pub mod queries;
pub mod refusal;
pub mod requests;
mod session;
pub mod views;

use base::{Digest, DivisionCode};
use law::Law;
use std::sync::Arc;
use store::Store;

pub use refusal::{Kind, Refusal, Result};
pub use session::{SessionInfo, hash_password};

/// Engine version written into every run: a run can be recomputed by the version that made it.
pub const ENGINE: &str = concat!("baigong ", env!("CARGO_PKG_VERSION"));

/// A file on its way out.
#[derive(Clone, Debug)]
pub struct Document {
    /// File name.
    pub name: String,
    /// Content type.
    pub mime: &'static str,
    /// Bytes.
    pub bytes: Vec<u8>,
    /// Digest of the content (of the rows, for tables), stated in the file too.
    pub digest: Digest,
    /// Rows, for tables.
    pub rows: Option<u64>,
}

/// How an installation is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Root of the region that the installation serves.
    pub root: DivisionCode,
    /// Sign-ins offered on the sign-in page of a demo; none elsewhere.
    pub demo: Option<Vec<views::DemoAccount>>,
    /// Wrong passwords in a row that lock an account.
    pub failures_max: i64,
    /// How long it stays locked, seconds.
    pub lock_s: i64,
    /// A session unused for this long ends, seconds.
    pub idle_s: i64,
    /// A session ends after this long, however busy, seconds.
    pub session_s: i64,
    /// Fewest characters of a password.
    pub password_chars_min: usize,
}

impl Settings {
    /// Settings for a region: the usual values of a level-three protected system (GB/T 22239-2019).
    pub fn for_region(root: DivisionCode) -> Self {
        Self {
            root,
            demo: None,
            failures_max: 5,
            lock_s: 15 * 60,
            idle_s: 30 * 60,
            session_s: 12 * 3600,
            password_chars_min: 10,
        }
    }
}

/// Everything that people can do, over one store and one body of law. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    law: Arc<Law>,
    settings: Settings,
}

impl Services {
    /// Services over an open store.
    pub fn new(store: Store, law: Arc<Law>, settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { store, law, settings }) }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The law.
    pub fn law(&self) -> &Law {
        &self.inner.law
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }
}
