//! Who goes first: what a person waits for goes before what the program works out ahead of time. Work
//! behind has threads of its own and rests between two of its steps while work in front is under way,
//! so that it never holds a thread that somebody waits for.

use rayon::ThreadPool;
use std::sync::{Condvar, Mutex, OnceLock};

/// Computations in front that are under way.
static IN_FRONT: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();
static BEHIND: OnceLock<Option<ThreadPool>> = OnceLock::new();

const POISON: &str = "no panic while holding the lock";

/// Counts down even when the work panics.
struct Front;

impl Drop for Front {
    fn drop(&mut self) {
        *IN_FRONT.lock().expect(POISON) -= 1;
        DONE.notify_all();
    }
}

/// Does work that a person waits for.
pub(crate) fn in_front<T>(work: impl FnOnce() -> T) -> T {
    *IN_FRONT.lock().expect(POISON) += 1;
    let _front = Front;
    work()
}

/// Does work that nobody waits for yet; it calls [`give_way`] between its steps.
pub(crate) fn behind<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let name = |at| format!("behind-{at}");
    match BEHIND.get_or_init(|| rayon::ThreadPoolBuilder::new().thread_name(name).build().ok()) {
        Some(pool) => pool.install(work),
        // Without threads of its own it takes the common ones.
        None => work(),
    }
}

/// Rests while anything in front is under way.
pub(crate) fn give_way() {
    let mut front = IN_FRONT.lock().expect(POISON);
    while *front > 0 {
        front = DONE.wait(front).expect(POISON);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn work_behind_rests_while_work_in_front_is_under_way() {
        let front_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (begun, wait) = std::sync::mpsc::channel();
            let front_done = &front_done;
            scope.spawn(move || {
                in_front(|| {
                    begun.send(()).unwrap();
                    std::thread::sleep(std::time::Duration::from_millis(50));
                    front_done.store(true, Ordering::SeqCst);
                });
            });
            wait.recv().unwrap();
            behind(|| {
                give_way();
                assert!(front_done.load(Ordering::SeqCst));
            });
        });
    }
}
