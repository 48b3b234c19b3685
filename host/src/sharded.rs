//! What every thread has one of: it writes to its own on the way of each request, and only
//! whoever reads looks at all of them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::apart::Apart;

/// How many threads have their own. Those beyond share them.
pub(crate) const LINES: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static PLACE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % LINES;
}

/// What the threads have, each made when its thread first asks for it: where nothing
/// happens, nothing takes memory.
#[derive(Debug)]
pub(crate) struct Sharded<T>([OnceLock<Box<Apart<T>>>; LINES]);

impl<T: Default> Sharded<T> {
    /// This thread's.
    pub(crate) fn mine(&self) -> &T {
        let place = PLACE.try_with(|place| *place).unwrap_or_default();
        &self.0[place].get_or_init(Box::default).0
    }

    /// Those of all threads that have asked.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().filter_map(|part| Some(&part.get()?.0))
    }
}

impl<T> Default for Sharded<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| OnceLock::new()))
    }
}
