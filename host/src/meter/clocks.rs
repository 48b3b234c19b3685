//! By how much Twilio's dates differ from this host's clock.

use jiff::SignedDuration;

use super::histogram::{Histogram, Observed};
use crate::sharded::Sharded;

/// The bounds of a difference, in milliseconds.
const DIFFERENCES: [u64; 10] = [
    100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
];

/// On which side of Twilio's this host's clock was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The request's date had passed: by the time that it was on its way, if by no more.
    Ahead,
    /// The request's date was still to come.
    Behind,
}

/// The differences that requests have shown. A histogram has no negative sizes, so there is
/// one for each side.
#[derive(Default)]
pub struct Clocks {
    ahead: Sharded<Differences>,
    behind: Sharded<Differences>,
}

type Differences = Histogram<{ DIFFERENCES.len() + 1 }>;

impl Clocks {
    /// Counts a request whose date is so old.
    pub fn note(&self, age: SignedDuration) {
        let side = match age.is_negative() {
            true => &self.behind,
            false => &self.ahead,
        };
        let difference = u64::try_from(age.as_millis().unsigned_abs()).unwrap_or(u64::MAX);
        side.mine().note(&DIFFERENCES, difference);
    }

    /// The differences on one side, in seconds.
    #[must_use]
    pub fn seen(&self, way: Way) -> Observed {
        let side = match way {
            Way::Ahead => &self.ahead,
            Way::Behind => &self.behind,
        };
        Observed::of(side.parts(), &DIFFERENCES, 1e3)
    }
}
