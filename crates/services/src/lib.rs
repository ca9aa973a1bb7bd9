//! What people can do, one module per noun: load, permission, decide, change in one transaction,
//! audit. No HTTP here, so the command line and background jobs share it.
//!
//! Guards sit in the state machine (`cases`); a service asks it before any change, and hands it the
//! facts that guards need. Computation happens on blocking threads, never on the async ones.

mod accounts;
mod audit;
mod catalogue;
mod chain_figures;
mod chain_needs;
mod chain_stress;
mod chain_tasks;
pub mod chain_views;
mod chains;
mod clusters;
mod elsewhere;
mod evaluations;
mod filings;
mod firms;
mod freeze;
mod imports;
pub mod interpret;
mod land;
mod live;
mod measure_dates;
mod objections;
mod pace;
mod policies;
pub mod policy_views;
mod print;
mod publications;
pub mod queries;
pub mod refusal;
mod register;
mod registry;
pub mod requests;
mod results;
mod round_record;
pub mod round_views;
mod rounds;
mod runs;
pub mod seed;
mod session;
mod sheets;
pub mod views;
mod what_ifs;
mod work;

use base::{Digest, DivisionCode};
use law::Law;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use store::Store;

pub use elsewhere::{Elsewhere, Recomputed};
pub use imports::{UPLOAD_BYTES_MAX, too_large};
pub use refusal::{Kind, Refusal, Result};
pub use runs::dictionary;
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
    /// Seconds by which a demo's clock is ahead; none elsewhere.
    pub demo_clock: Option<Arc<AtomicI64>>,
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
    /// Other machines that must confirm every result; none: this machine computes alone.
    pub elsewhere: Option<Arc<dyn Elsewhere>>,
}

impl Settings {
    /// Settings for a region: the usual values of a level-three protected system (GB/T 22239-2019).
    pub fn for_region(root: DivisionCode) -> Self {
        Self {
            root,
            demo: None,
            demo_clock: None,
            failures_max: 5,
            lock_s: 15 * 60,
            idle_s: 30 * 60,
            session_s: 12 * 3600,
            password_chars_min: 10,
            elsewhere: None,
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
    live: live::Live,
    chains: chains::Cache,
    clusters: clusters::Ready,
}

impl Services {
    /// Services over an open store.
    pub fn new(store: Store, law: Arc<Law>, settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                law,
                settings,
                live: live::Live::default(),
                chains: chains::Cache::default(),
                clusters: clusters::Ready::default(),
            }),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The law.
    pub fn law(&self) -> &Law {
        &self.inner.law
    }

    /// Moves a demo's clock forward, so that a notice of days can be seen to end; never back, since the
    /// audit chain only goes forward.
    pub fn advance_demo_clock(&self, days: u32) -> Result<String> {
        let clock = self.settings().demo_clock.as_ref().ok_or_else(|| Refusal::not_found("页面", "page", "demo"))?;
        if !(1..=60).contains(&days) {
            return Err(Refusal::invalid(
                "days",
                format!("一次可前进 1 至 60 天，收到 {days}。"),
                format!("1 to 60 days are allowed, found {days}."),
            ));
        }
        clock.fetch_add(i64::from(days) * 86_400, Ordering::SeqCst);
        Ok(self.store().now())
    }

    pub(crate) fn law_arc(&self) -> Arc<Law> {
        self.inner.law.clone()
    }

    pub(crate) fn chain_cache(&self) -> &chains::Cache {
        &self.inner.chains
    }

    pub(crate) fn clusters_ready(&self) -> &clusters::Ready {
        &self.inner.clusters
    }

    pub(crate) fn live(&self) -> &live::Live {
        &self.inner.live
    }

    /// Today, where the offices are.
    pub(crate) fn today(&self) -> Result<jiff::civil::Date> {
        cases::clock::local_day(self.timestamp()).map_err(Refusal::internal)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }
}

/// A clock that a demo can move forward, and the seconds by which it is ahead.
pub fn demo_clock() -> (store::Clock, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let shared = ahead.clone();
    let clock: store::Clock =
        Arc::new(move || jiff::Timestamp::now() + jiff::SignedDuration::from_secs(shared.load(Ordering::SeqCst)));
    (clock, ahead)
}
