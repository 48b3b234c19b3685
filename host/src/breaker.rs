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
