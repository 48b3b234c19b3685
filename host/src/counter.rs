//! A number that every thread adds to, on the way of each request: threads have lines of
//! the cache of their own, and only whoever reads looks at all of them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::apart::Apart;

/// How many lines there are. Threads beyond that share them.
pub(crate) const LINES: usize = 16;

/// Counts up, from 0.
#[derive(Debug, Default)]
pub struct Counter([Apart<AtomicU64>; LINES]);

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static PLACE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % LINES;
}

/// The line of this thread.
pub(crate) fn place() -> usize {
    PLACE.try_with(|place| *place).unwrap_or_default()
}

impl Counter {
    /// Counts one more.
    pub fn count(&self) {
        self.0[place()].fetch_add(1, Ordering::Relaxed);
    }

    /// How many were counted.
    #[must_use]
    pub fn read(&self) -> u64 {
        let lines = self.0.iter();
        lines.map(|line| line.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_threads_count_is_counted() {
        let counter = Counter::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * LINES {
                scope.spawn(|| (0..1_000).for_each(|_| counter.count()));
            }
        });
        assert_eq!(counter.read(), 2 * 1_000 * LINES as u64);
    }
}
