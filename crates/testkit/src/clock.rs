//! A clock that stands still until a test moves it.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex};

/// The time of a test. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// A clock that shows `2026-03-02T00:00:00Z`, a working Monday morning in China.
    pub fn new() -> Self {
        Self::at("2026-03-02T00:00:00Z")
    }

    /// A clock that shows the time given in RFC 3339.
    ///
    /// # Panics
    /// When the text is no such time.
    pub fn at(text: &str) -> Self {
        Self(Arc::new(Mutex::new(text.parse().expect("an RFC 3339 time"))))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Moves it, backwards too.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(by).expect("within the calendar");
    }

    /// Moves it by whole seconds.
    pub fn advance_secs(&self, seconds: i64) {
        self.advance(SignedDuration::from_secs(seconds));
    }

    /// As a function, the form in which the store takes a clock.
    pub fn as_fn(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}
