//! A number that every thread adds to, on the way of each request.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sharded::Sharded;

/// Counts up, from 0.
#[derive(Debug, Default)]
pub struct Counter(Sharded<AtomicU64>);

impl Counter {
    /// Counts one more.
    pub fn count(&self) {
        self.0.mine().fetch_add(1, Ordering::Relaxed);
    }

    /// How many were counted.
    #[must_use]
    pub fn read(&self) -> u64 {
        let parts = self.0.parts();
        parts.map(|part| part.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sharded::LINES;

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
