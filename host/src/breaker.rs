//! A breaker for each add-on: a provider that keeps failing is left alone for a while,
//! and its callers are told so at once.

mod circuit;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use circuit::{Change, Circuit, Outcome, Pass};
use tracing::{info, warn};

use crate::config::{AddOnName, BreakerRule};

pub use circuit::Suspended;

/// Stands for a pass where the circuit is not at rest.
const NO_PASS: u64 = u64::MAX;

/// An add-on's breaker.
pub struct Breaker {
    add_on: AddOnName,
    circuit: Mutex<Circuit>,
    /// The pass of [`Circuit::at_rest`], or [`NO_PASS`]. As long as every call succeeds,
    /// calls on all processors read this and write nothing.
    rest: AtomicU64,
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
        let circuit = Circuit::new(rule, longest_call);
        Self {
            add_on,
            rest: AtomicU64::new(rest(&circuit)),
            circuit: Mutex::new(circuit),
        }
    }

    /// Lets a call through.
    ///
    /// # Errors
    /// Where the provider is left alone at the moment.
    pub fn admit(&self) -> Result<Attempt<'_>, Suspended> {
        let pass = match self.at_rest() {
            Some(pass) => pass,
            None => self.step(|circuit| circuit.admit(Instant::now()))?,
        };
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

    fn at_rest(&self) -> Option<Pass> {
        let pass = self.rest.load(Ordering::Acquire);
        (pass != NO_PASS).then_some(Pass(pass))
    }

    fn step<R>(&self, step: impl FnOnce(&mut Circuit) -> R) -> R {
        let mut circuit = self.circuit();
        let result = step(&mut circuit);
        self.rest.store(rest(&circuit), Ordering::Release);
        result
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
        if self.breaker.at_rest() != Some(self.pass) {
            let renew = |circuit: &mut Circuit| circuit.renew(self.pass, Instant::now());
            self.pass = self.breaker.step(renew)?;
        }
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
        let failed = matches!(outcome, Outcome::Failure(_));
        if !failed && self.breaker.at_rest() == Some(self.pass) {
            return;
        }
        let conclude = |circuit: &mut Circuit| circuit.conclude(self.pass, outcome, Instant::now());
        let change = self.breaker.step(conclude);
        if let Some(change) = change {
            self.breaker.log(&change);
        }
    }
}

fn rest(circuit: &Circuit) -> u64 {
    circuit.at_rest().map_or(NO_PASS, |Pass(pass)| pass)
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

    #[test]
    fn a_call_that_began_at_rest_counts_by_how_it_ends_and_when() {
        let rule = BreakerRule {
            failures: 2,
            pause: Duration::from_secs(60),
            longest_pause: Duration::from_secs(60),
        };
        let breaker = Breaker::new("a".parse().unwrap(), rule, Duration::from_secs(1));
        let fail = || breaker.admit().unwrap().failed("it trapped".to_owned());
        let (first, mut waiting, late) = (breaker.admit(), breaker.admit(), breaker.admit());
        fail();
        first.unwrap().succeeded();
        fail();
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail();
        assert_ne!(breaker.state(), BreakerState::Closed);
        late.unwrap().succeeded();
        assert!(waiting.as_mut().unwrap().renew().is_err());
        assert_ne!(breaker.state(), BreakerState::Closed);
        assert!(breaker.admit().is_err());
    }
}
