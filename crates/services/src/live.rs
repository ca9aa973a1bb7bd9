//! What is kept in memory beside the store: progress of running work, readings of files that wait,
//! the register for matching, prepared runs. All of it can be made again from the store.

use crate::{Services, register::Register, runs::Prepared, views::Progress};
use base::DivisionCode;
use intake::Reading;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Files read at the same time: each takes a core and, at the limits, some hundred megabytes.
const READERS_MAX: usize = 2;
/// Readings kept: the files that officers are working on.
const READINGS_MAX: usize = 8;
/// Prepared runs kept: the ones that pages are open on.
const RUNS_MAX: usize = 6;

/// A few values by key; the one put first goes first.
struct Few<K, V> {
    most: usize,
    order: VecDeque<K>,
    values: HashMap<K, Arc<V>>,
}

impl<K: Clone + Eq + std::hash::Hash, V> Few<K, V> {
    fn new(most: usize) -> Self {
        Self { most, order: VecDeque::new(), values: HashMap::new() }
    }

    fn get(&self, key: &K) -> Option<Arc<V>> {
        self.values.get(key).cloned()
    }

    fn put(&mut self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        if self.values.insert(key.clone(), value.clone()).is_none() {
            self.order.push_back(key);
            if self.order.len() > self.most
                && let Some(old) = self.order.pop_front()
            {
                self.values.remove(&old);
            }
        }
        value
    }
}

/// Everything in memory.
pub(crate) struct Live {
    progress: Mutex<HashMap<i64, Progress>>,
    /// Imports whose reading is to end.
    cancelled: Mutex<HashSet<i64>>,
    /// Places to read files at the same time.
    places: Arc<Semaphore>,
    readings: Mutex<Few<i64, Reading>>,
    registers: Mutex<Few<DivisionCode, (i64, Arc<Register>)>>,
    runs: Mutex<Few<i64, Prepared>>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            progress: Mutex::default(),
            cancelled: Mutex::default(),
            places: Arc::new(Semaphore::new(READERS_MAX)),
            readings: Mutex::new(Few::new(READINGS_MAX)),
            registers: Mutex::new(Few::new(2)),
            runs: Mutex::new(Few::new(RUNS_MAX)),
        }
    }
}

const POISON: &str = "no panic while holding the lock";

impl Services {
    pub(crate) fn set_progress(&self, import: i64, progress: Progress) {
        self.live().progress.lock().expect(POISON).insert(import, progress);
    }

    pub(crate) fn is_being_read(&self, import: i64) -> bool {
        self.live().progress.lock().expect(POISON).contains_key(&import)
    }

    pub(crate) fn clear_progress(&self, import: i64) {
        self.live().progress.lock().expect(POISON).remove(&import);
        self.live().cancelled.lock().expect(POISON).remove(&import);
    }

    /// Ends a reading at its next report of progress.
    pub(crate) fn cancel_reading(&self, import: i64) {
        if self.is_being_read(import) {
            self.live().cancelled.lock().expect(POISON).insert(import);
        }
    }

    pub(crate) fn is_cancelled(&self, import: i64) -> bool {
        self.live().cancelled.lock().expect(POISON).contains(&import)
    }

    /// Waits for a place to read a file.
    pub(crate) async fn place_to_read(&self) -> OwnedSemaphorePermit {
        self.live().places.clone().acquire_owned().await.expect("the places are never closed")
    }

    pub(crate) fn progress(&self, import: i64) -> Progress {
        self.live().progress.lock().expect(POISON).get(&import).cloned().unwrap_or_default()
    }

    pub(crate) fn cached_reading(&self, import: i64) -> Option<Arc<Reading>> {
        self.live().readings.lock().expect(POISON).get(&import)
    }

    pub(crate) fn keep_reading(&self, import: i64, reading: Reading) -> Arc<Reading> {
        self.live().readings.lock().expect(POISON).put(import, reading)
    }

    /// The register of a division, as long as nothing in it changed since `stamp`.
    pub(crate) fn cached_register(&self, division: DivisionCode, stamp: i64) -> Option<Arc<Register>> {
        let kept = self.live().registers.lock().expect(POISON).get(&division)?;
        (kept.0 == stamp).then(|| kept.1.clone())
    }

    pub(crate) fn keep_register(&self, division: DivisionCode, stamp: i64, register: Register) -> Arc<Register> {
        let register = Arc::new(register);
        self.live().registers.lock().expect(POISON).put(division, (stamp, register.clone()));
        register
    }

    pub(crate) fn cached_run(&self, run: i64) -> Option<Arc<Prepared>> {
        self.live().runs.lock().expect(POISON).get(&run)
    }

    pub(crate) fn keep_run(&self, run: i64, prepared: Prepared) -> Arc<Prepared> {
        self.live().runs.lock().expect(POISON).put(run, prepared)
    }
}
