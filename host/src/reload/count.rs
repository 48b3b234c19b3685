//! How reloads ended, counted since the start.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::Timestamp;

use super::report::Outcome;

/// How many reloads ended how, and when one was good.
pub struct Reloads {
    counts: [AtomicU64; Outcome::ALL.len()],
    good: AtomicI64,
}

impl Reloads {
    /// Those of a host that has just started: that counts as a good one.
    pub(super) fn new() -> Self {
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            good: AtomicI64::new(Timestamp::now().as_second()),
        }
    }

    pub(super) fn note(&self, outcome: Outcome) {
        for (count, _) in self
            .counts
            .iter()
            .zip(Outcome::ALL)
            .filter(|it| it.1 == outcome)
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if matches!(outcome, Outcome::Changed | Outcome::Unchanged) {
            let now = Timestamp::now().as_second();
            self.good.store(now, Ordering::Relaxed);
        }
    }

    /// How many there were, by how they ended.
    pub fn counts(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let counts = self
            .counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        Outcome::ALL.into_iter().zip(counts)
    }

    /// When what is in place was last taken up, or found to be what is served: in seconds
    /// since 1970.
    #[must_use]
    pub fn last_good(&self) -> i64 {
        self.good.load(Ordering::Relaxed)
    }
}
