//! When the next request is due.

use std::time::{Duration, Instant};

/// How requests follow one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// Each connection asks again as soon as it is answered: what the server can do at most.
    Saturate,
    /// So many in a second, however fast they are answered.
    Rate(f64),
}

/// The moments at which requests are due.
#[derive(Debug)]
pub(super) struct Schedule {
    start: Instant,
    end: Instant,
    /// The time between two requests in seconds, where there is a rate.
    gap: Option<f64>,
    taken: u64,
}

impl Schedule {
    /// Requests from a moment on, for a while.
    pub(super) fn new(pace: Pace, start: Instant, length: Duration) -> Self {
        let gap = match pace {
            Pace::Saturate => None,
            Pace::Rate(rate) => Some(1.0 / rate.max(1.0)),
        };
        let end = start + length;
        Self {
            start,
            end,
            gap,
            taken: 0,
        }
    }

    /// When the next request is due, unless there is none any more.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let due = match self.gap {
            None => now,
            Some(gap) => self.start + Duration::from_secs_f64(gap * as_float(self.taken)),
        };
        (due < self.end).then_some(due)
    }

    /// Takes the next request if it is due, with the moment at which it was.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        let due = self.due(now).filter(|due| *due <= now)?;
        self.taken += 1;
        Some(due)
    }
}

/// Exact up to 2^53 requests.
fn as_float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_stay_due_while_nobody_takes_them() {
        let start = Instant::now();
        let mut schedule = Schedule::new(Pace::Rate(1_000.0), start, Duration::from_secs(1));
        let late = start + Duration::from_micros(2_500);
        let taken: Vec<_> = std::iter::from_fn(|| schedule.take(late)).collect();
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(taken, [at(0), at(1), at(2)]);
        assert_eq!(schedule.due(late), Some(at(3)));
    }

    #[test]
    fn saturation_is_always_due_until_the_end() {
        let start = Instant::now();
        let mut schedule = Schedule::new(Pace::Saturate, start, Duration::from_secs(1));
        assert_eq!(schedule.take(start), Some(start));
        assert_eq!(schedule.take(start), Some(start));
        assert_eq!(schedule.take(start + Duration::from_secs(1)), None);
    }
}
