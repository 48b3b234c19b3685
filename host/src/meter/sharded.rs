//! Counters that each thread has of its own, made when it first counts.

use std::sync::OnceLock;

use crate::apart::Apart;
use crate::counter::{LINES, place};

/// The counters of all threads. Threads beyond [`LINES`] share them.
pub(super) struct Sharded<T>([OnceLock<Box<Apart<T>>>; LINES]);

impl<T: Default> Sharded<T> {
    /// This thread's.
    pub(super) fn mine(&self) -> &T {
        &self.0[place()].get_or_init(Box::default).0
    }

    /// Those of all threads that have counted anything.
    pub(super) fn parts(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().filter_map(|part| Some(&part.get()?.0))
    }
}

impl<T> Default for Sharded<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| OnceLock::new()))
    }
}
