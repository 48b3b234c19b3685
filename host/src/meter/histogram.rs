//! How often something was how large.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{add, read, zeros};

/// Counts by size: one counter for each bound, and one for all that is beyond.
pub(super) struct Histogram<const N: usize> {
    counts: [AtomicU64; N],
    sum: AtomicU64,
}

/// What was counted, in the unit that it is told in.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The sum of all sizes.
    pub sum: f64,
    /// Each bound, and how many were not beyond it, but beyond the bound before.
    pub counts: Vec<(f64, u64)>,
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self {
            counts: zeros(),
            sum: AtomicU64::new(0),
        }
    }
}

impl<const N: usize> Histogram<N> {
    /// Counts one of this size, by these bounds, of which there is one less than counters.
    pub(super) fn note(&self, bounds: &[u64], size: u64) {
        let place = bounds.partition_point(|bound| *bound < size);
        add(&self.counts[place.min(N - 1)]);
        self.sum.fetch_add(size, Ordering::Relaxed);
    }
}

impl Observed {
    /// The sum of some histograms, so many of whose units are one that it is told in.
    pub(super) fn of<'a, const N: usize>(
        parts: impl Iterator<Item = &'a Histogram<N>> + Clone,
        bounds: &[u64],
        units: f64,
    ) -> Self {
        let bound = |place: usize| bounds.get(place).map(|bound| *bound as f64 / units);
        let count = |place: usize| parts.clone().map(|part| read(&part.counts[place])).sum();
        let counts = (0..N).map(|place| (bound(place).unwrap_or(f64::INFINITY), count(place)));
        let sum: u64 = parts.clone().map(|part| read(&part.sum)).sum();
        Self {
            counts: counts.collect(),
            sum: sum as f64 / units,
        }
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

/// A time in nanoseconds; 584 years at the most.
pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
