//! What came of a load.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;

/// The longest latency that is told apart from longer ones, in nanoseconds.
const LONGEST: u64 = 60_000_000_000;

/// What came of a load.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// All answers that came, right and wrong, those of the warm-up among them.
    pub answers: u64,
    /// Those that were wrong, and connections that broke.
    pub wrong: u64,
    /// The first of them, as text.
    pub first_wrong: Option<String>,
    /// The time that was measured.
    pub measured: Duration,
    /// Latencies of what was measured, in nanoseconds.
    latencies: Histogram<u64>,
}

impl Outcome {
    pub(super) fn new(measured: Duration) -> Result<Self> {
        Ok(Self {
            answers: 0,
            wrong: 0,
            first_wrong: None,
            measured,
            latencies: Histogram::new_with_bounds(1, LONGEST, 3).context("bad bounds")?,
        })
    }

    pub(super) fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(LONGEST);
        self.latencies.saturating_record(nanos.min(LONGEST));
    }

    pub(super) fn complain(&mut self, what: impl FnOnce() -> String) {
        self.wrong += 1;
        self.first_wrong.get_or_insert_with(what);
    }

    /// The answers in a second, of the time that was measured.
    #[must_use]
    pub fn rate(&self) -> f64 {
        as_float(self.latencies.len()) / self.measured.as_secs_f64()
    }

    /// The latency that so many percent of requests did not exceed, in microseconds.
    #[must_use]
    pub fn micros(&self, percent: f64) -> f64 {
        as_float(self.latencies.value_at_percentile(percent)) / 1_000.0
    }
}

fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_and_rates_are_those_that_were_recorded() {
        let mut outcome = Outcome::new(Duration::from_secs(2)).unwrap();
        for micros in 1..=1_000 {
            outcome.record(Duration::from_micros(micros));
        }
        assert!((outcome.rate() - 500.0).abs() < 0.1);
        for (percent, micros) in [(50.0, 500.0), (99.0, 990.0), (99.9, 999.0)] {
            assert!(
                (outcome.micros(percent) / micros - 1.0).abs() < 0.002,
                "{percent}"
            );
        }
    }

    #[test]
    fn the_first_complaint_is_kept() {
        let mut outcome = Outcome::new(Duration::from_secs(1)).unwrap();
        outcome.complain(|| "one".into());
        outcome.complain(|| "two".into());
        assert_eq!(
            (outcome.wrong, outcome.first_wrong.as_deref()),
            (2, Some("one"))
        );
    }
}
