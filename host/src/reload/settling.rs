//! Files that are still being written: what they hold makes no sense yet, and is no
//! failure until it has stayed the same for a while.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long something must stay as bad as it is to be called so. Longer than the pauses
/// of whoever copies a file over a slow line, and shorter than an operator's patience.
const SETTLE: Duration = Duration::from_millis(800);

/// What made no sense when it was last looked at, and since when it has been so.
#[derive(Debug, Default)]
pub(super) struct Settling(HashMap<String, (String, Instant)>);

impl Settling {
    /// How much longer `whose` file has to stay as it is before that is final. `what` says
    /// how it is, as its hash does.
    pub(super) fn left(&mut self, whose: &str, what: &str, now: Instant) -> Option<Duration> {
        let seen = self.0.get(whose).filter(|(before, _)| before == what);
        let since = seen.map_or(now, |(_, since)| *since);
        self.0.insert(whose.to_owned(), (what.to_owned(), since));
        let left = SETTLE.saturating_sub(now.duration_since(since));
        (!left.is_zero()).then_some(left)
    }

    /// Notes that `whose` file makes sense. Should it ever be as bad again as it was, that
    /// is another matter: the beginnings of two components may be the same.
    pub(super) fn forget(&mut self, whose: &str) {
        self.0.remove(whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_bad_for_long_enough_is_bad() {
        let (mut settling, start) = (Settling::default(), Instant::now());
        let at = |share: u32| start + SETTLE * share / 4;
        for (time, whose, what, left) in [
            (0, "a", "half", Some(4)),
            (2, "a", "half", Some(2)),
            (2, "b", "half", Some(4)),
            (3, "a", "more", Some(4)),
            (6, "a", "more", Some(1)),
            (6, "b", "half", None),
            (7, "a", "more", None),
            (9, "a", "more", None),
            (9, "a", "half", Some(4)),
        ] {
            let left = left.map(|share| SETTLE * share / 4);
            assert_eq!(settling.left(whose, what, at(time)), left, "{time} {whose}");
        }
        settling.forget("b");
        assert_eq!(settling.left("b", "half", at(10)), Some(SETTLE));
    }
}
