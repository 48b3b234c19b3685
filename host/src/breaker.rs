//! A breaker for each add-on: a provider that keeps failing is left alone for a while,
//! and its callers are told so at once.

mod circuit;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use circuit::{Change, Circuit, Outcome, Pass};
use tracing::{info, warn};

use crate::config::{AddOnName, BreakerRule};

pub use circuit::Suspended;

/// An add-on's breaker.
pub struct Breaker {
    add_on: AddOnName,
    circuit: Mutex<Circuit>,
}

/// A call that the breaker let through. It says how it ended; one that is dropped
/// without a word has neither failed nor succeeded.
pub struct Attempt<'a> {
    breaker: &'a Breaker,
    pass: Pass,
    outcome: Outcome,
}

/// Whether a provider is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakerState {
    /// It is.
    Closed,
    /// It is left alone, or only tried now and then.
    Open(Suspended),
}

impl Breaker {
    /// A closed breaker for an add-on whose calls take no longer than `longest_call`.
    #[must_use]
    pub fn new(add_on: AddOnName, rule: BreakerRule, longest_call: Duration) -> Self {
        Self {
            add_on,
            circuit: Mutex::new(Circuit::new(rule, longest_call)),
        }
    }

    /// Lets a call through.
    ///
    /// # Errors
    /// Where the provider is left alone at the moment.
    pub fn admit(&self) -> Result<Attempt<'_>, Suspended> {
        let pass = self.circuit().admit(Instant::now())?;
        Ok(Attempt {
            breaker: self,
            pass,
            outcome: Outcome::Unknown,
        })
    }

    /// Whether the provider is called at the moment. Asking changes nothing.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        match self.circuit().suspended() {
            Some(why) => BreakerState::Open(why),
            None => BreakerState::Closed,
        }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, change: &Change) {
        let add_on = self.add_on.as_str();
        match change {
            Change::Opened { why, pause } => {
                let pause_ms = pause.as_millis();
                warn!(add_on, pause_ms, reason = %why, "suspended");
            }
            Change::Closed => info!(add_on, "resumed"),
        }
    }
}

impl Attempt<'_> {
    /// Asks again after a wait, in which the breaker may have opened.
    ///
    /// # Errors
    /// Where the provider is left alone by now.
    pub fn renew(&mut self) -> Result<(), Suspended> {
        self.pass = self.breaker.circuit().renew(self.pass, Instant::now())?;
        Ok(())
    }

    /// The provider answered.
    pub fn succeeded(mut self) {
        self.outcome = Outcome::Success;
    }

    /// The provider failed. The text says how, and nothing of the request.
    pub fn failed(mut self, how: String) {
        self.outcome = Outcome::Failure(how);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let outcome = std::mem::take(&mut self.outcome);
        let change = self
            .breaker
            .circuit()
            .conclude(self.pass, outcome, Instant::now());
        if let Some(change) = change {
            self.breaker.log(&change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_tells_why_a_provider_is_left_alone_and_asking_changes_nothing() {
        let rule = BreakerRule {
            failures: 1,
            pause: Duration::ZERO,
            longest_pause: Duration::ZERO,
        };
        let breaker = Breaker::new("a".parse().unwrap(), rule, Duration::from_secs(1));
        assert_eq!(breaker.state(), BreakerState::Closed);
        breaker.admit().unwrap().failed("it trapped".to_owned());
        for _ in 0..2 {
            let BreakerState::Open(why) = breaker.state() else {
                panic!("the breaker is closed");
            };
            let expected = "suspended after 1 failures in a row, the last: it trapped";
            assert_eq!(why.to_string(), expected);
        }
        // The one probe is still to be had.
        breaker.admit().unwrap().succeeded();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}
