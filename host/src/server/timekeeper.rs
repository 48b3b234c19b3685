//! A connection's own timer, for what its client may take before each request.
//!
//! By itself, every request would have the runtime set a timer and take it back, and all
//! threads would meet at its one clock. Here what was set stays: when it rings, and a later
//! moment counts by then, it is set anew.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// A timer that is set once in a while. Whoever waits by it waits alone.
#[derive(Clone, Default)]
pub(super) struct Timekeeper(Arc<Mutex<Option<Bell>>>);

/// What the runtime rings.
type Bell = Pin<Box<tokio::time::Sleep>>;

/// A wait for a moment.
struct Wait {
    timekeeper: Timekeeper,
    until: Instant,
}

impl Timekeeper {
    /// Nothing panics while it is held.
    fn bell(&self) -> MutexGuard<'_, Option<Bell>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Timer for Timekeeper {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, until: Instant) -> Pin<Box<dyn Sleep>> {
        let timekeeper = self.clone();
        Box::pin(Wait { timekeeper, until })
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, until: Instant) {
        *sleep = self.sleep_until(until);
    }
}

impl Sleep for Wait {}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let until = self.until.into();
        let mut bell = self.timekeeper.bell();
        let bell = bell.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if bell.deadline() > until {
            bell.as_mut().reset(until);
        }
        loop {
            ready!(bell.as_mut().poll(context));
            if bell.deadline() >= until {
                return Poll::Ready(());
            }
            bell.as_mut().reset(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(3_600);

    #[tokio::test]
    async fn a_wait_ends_at_its_own_moment_whenever_the_bell_was_set_to_ring() {
        let timekeeper = Timekeeper::default();
        // What was set for the one before rings too early for the next.
        for wait in [MOMENT, 3 * MOMENT, 2 * MOMENT, Duration::ZERO] {
            let given_up = timekeeper.sleep(MOMENT).now_or_never();
            assert!(given_up.is_none());
            let until = Instant::now() + wait;
            timekeeper.sleep_until(until).await;
            assert!(Instant::now() >= until, "{wait:?}");
        }
    }

    #[tokio::test]
    async fn a_wait_that_is_made_shorter_does_not_last_until_the_bell_was_set_to_ring() {
        let timekeeper = Timekeeper::default();
        let mut wait = timekeeper.sleep(LONG);
        assert!((&mut wait).now_or_never().is_none());
        timekeeper.reset(&mut wait, Instant::now() + MOMENT);
        wait.await;
    }
}
