//! A rate for each key, with a bound on how many keys are remembered.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::parts::{PARTS, Parts};
use super::rule::Rate;

/// The most keys of one limiter, in each of its parts: 65536 in all, some 5 MiB. Beyond
/// that, those are forgotten that were counted longest ago.
const MOST: usize = 65_536 / PARTS;

/// What counts, and says when it is too much.
pub(super) struct Limiter<K, C = DefaultClock>(
    RateLimiter<K, Kept<K>, C, NoOpMiddleware<<C as Clock>::Instant>>,
)
where
    K: Hash + Eq + Clone,
    C: Clock;

impl<K: Hash + Eq + Clone, C: Clock> Limiter<K, C> {
    pub(super) fn new(rate: Rate, clock: C) -> Self {
        Self(RateLimiter::new(quota(rate), Kept::default(), clock))
    }

    /// Counts one. If it is too much, it is not counted, and there is the time until one
    /// is not.
    pub(super) fn count(&self, key: &K) -> Result<(), Duration> {
        let now = self.0.clock().now();
        let counted = self.0.check_key(key);
        counted.map_err(|not_until| not_until.wait_time_from(now))
    }

    pub(super) fn clock(&self) -> &C {
        self.0.clock()
    }

    /// Forgets those keys for whom it makes no difference.
    pub(super) fn tidy(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// As many at once as in the whole time; then one whenever its share of that has passed.
fn quota(rate: Rate) -> Quota {
    let each = (rate.per / rate.count.get()).max(Duration::from_nanos(1));
    let one = NonZeroU32::MIN;
    let quota = Quota::with_period(each).unwrap_or(Quota::per_second(one));
    quota.allow_burst(rate.count)
}

/// The states of a limiter's keys.
struct Kept<K>(Parts<K, Nanos>);

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self(Parts::default())
    }
}

impl<K: Hash + Eq + Clone> StateStore for Kept<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut part = self.0.of(key);
        let (measured, state) = measure(part.get(key).copied())?;
        part.insert(key.clone(), state);
        if part.len() > MOST {
            part.pop_front();
        }
        Ok(measured)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Kept<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        for mut part in self.0.all() {
            part.retain(|_, state| *state > drop_below);
        }
    }

    fn shrink_to_fit(&self) {
        for mut part in self.0.all() {
            if part.capacity() > 4 * part.len() {
                part.shrink_to_fit();
            }
        }
    }

    fn len(&self) -> usize {
        self.0.all().map(|part| part.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limiter(rate: &str) -> (Limiter<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limiter::new(rate.parse().unwrap(), clock.clone()), clock)
    }

    #[test]
    fn a_key_has_its_rate_and_others_have_theirs() {
        let (limiter, clock) = limiter("3/m");
        for key in [1, 2] {
            for _ in 0..3 {
                assert_eq!(limiter.count(&key), Ok(()));
            }
            assert_eq!(limiter.count(&key), Err(Duration::from_secs(20)));
        }
        clock.advance(Duration::from_secs(15));
        assert_eq!(limiter.count(&1), Err(Duration::from_secs(5)));
        clock.advance(Duration::from_secs(5));
        assert_eq!(limiter.count(&1), Ok(()));
        assert_eq!(limiter.count(&1), Err(Duration::from_secs(20)));
    }

    #[test]
    fn as_many_keys_as_there_are_are_not_remembered() {
        let (limiter, _) = limiter("1/h");
        for key in 0..200_000 {
            assert_eq!(limiter.count(&key), Ok(()));
        }
        assert!(limiter.0.len() <= MOST * PARTS, "{}", limiter.0.len());
        assert!(limiter.0.len() > MOST * PARTS / 2, "{}", limiter.0.len());
        // Those that were counted last are.
        assert!(limiter.count(&199_999).is_err());
    }

    #[test]
    fn whoever_may_do_everything_again_is_forgotten() {
        let (limiter, clock) = limiter("2/s");
        for key in 0..100 {
            assert_eq!(limiter.count(&key), Ok(()));
        }
        clock.advance(Duration::from_millis(100));
        limiter.tidy();
        assert_eq!(limiter.0.len(), 100);
        clock.advance(Duration::from_secs(2));
        limiter.tidy();
        assert!(limiter.0.is_empty());
    }
}
