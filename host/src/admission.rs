//! Admission: who may run a guest, and who waits for a turn.
//!
//! Half of the host is guaranteed to the add-ons by weight, and the rest is shared, so
//! that no add-on, however busy or slow, takes another's part; the same holds among the
//! customers of one add-on. The decisions are the scheduler's; here callers wait for them.

mod line;
mod scheduler;
mod shares;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

pub use line::Customer;
use line::Ticket;
use scheduler::{Asked, Granted, Place, Scheduler};
pub use shares::{Demand, Fairness};

/// Why a call gets no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTurn {
    /// As many as may wait wait already.
    #[error("the add-on is at its limit of calls, and so is its queue")]
    Full,
    /// None came in time.
    #[error("the add-on is at its limit of calls, and none ended in time")]
    Late,
    /// Its place among those who wait went to a customer with fewer calls there.
    #[error("the add-on is at its limit of calls, and another customer's goes first")]
    Displaced,
    /// The sandbox has no slot for one more guest.
    #[error("the host has no room for another guest")]
    NoRoom,
}

/// The host's slots.
pub struct Admission {
    state: Mutex<State>,
}

struct State {
    scheduler: Scheduler,
    waiters: HashMap<Ticket, oneshot::Sender<Permit>>,
}

/// An add-on's way in.
#[derive(Clone)]
pub struct Gate {
    admission: Arc<Admission>,
    place: Place,
}

/// The right to run one guest, for as long as it is kept.
pub struct Permit {
    gate: Gate,
    customer: Customer,
}

enum Entry<'a> {
    Now(Permit),
    Later(Waiting<'a>),
    Never,
}

/// A call that waits. When it is dropped, its place is free.
struct Waiting<'a> {
    gate: &'a Gate,
    customer: Customer,
    ticket: Ticket,
    turn: oneshot::Receiver<Permit>,
}

impl Admission {
    /// Divides a host of `capacity` slots among add-ons. Returns a gate for each, in the
    /// order of `demands`.
    #[must_use]
    pub fn divide(capacity: usize, fairness: Fairness, demands: &[Demand]) -> Vec<Gate> {
        let admission = Arc::new(Self {
            state: Mutex::new(State {
                scheduler: Scheduler::new(capacity, fairness, demands),
                waiters: HashMap::new(),
            }),
        });
        let gate = |place| Gate {
            admission: Arc::clone(&admission),
            place: Place(place),
        };
        (0..demands.len()).map(gate).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// Waits for a turn, but not beyond `until`. There is no turn for the future after
    /// it is dropped.
    ///
    /// # Errors
    /// Where none comes.
    pub async fn enter(&self, customer: Customer, until: Instant) -> Result<Permit, NoTurn> {
        let mut waiting = match self.ask(customer) {
            Entry::Now(permit) => return Ok(permit),
            Entry::Later(waiting) => waiting,
            Entry::Never => return Err(NoTurn::Full),
        };
        match tokio::time::timeout_at(until.into(), &mut waiting.turn).await {
            Ok(Ok(permit)) => Ok(permit),
            // Whoever displaces a call forgets whom to tell of its turn.
            Ok(Err(_)) => Err(NoTurn::Displaced),
            Err(_) => Err(NoTurn::Late),
        }
    }

    fn ask(&self, customer: Customer) -> Entry<'_> {
        let mut state = self.admission.state();
        let (ticket, displaced) = match state.scheduler.ask(self.place, customer) {
            Asked::Runs => return Entry::Now(self.permit(customer)),
            Asked::Full => return Entry::Never,
            Asked::Waits(ticket, displaced) => (ticket, displaced),
        };
        let (sender, turn) = oneshot::channel();
        state.waiters.insert(ticket, sender);
        let told = displaced.and_then(|ticket| state.waiters.remove(&ticket));
        // Waking somebody is none of the lock's business.
        drop(state);
        drop(told);
        Entry::Later(Waiting {
            gate: self,
            customer,
            ticket,
            turn,
        })
    }

    fn permit(&self, customer: Customer) -> Permit {
        Permit {
            gate: self.clone(),
            customer,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Gate { admission, place } = &self.gate;
        let mut state = admission.state();
        let granted = state.scheduler.end(*place, self.customer);
        let turns: Vec<(oneshot::Sender<Permit>, Granted)> = granted
            .into_iter()
            .filter_map(|turn| Some((state.waiters.remove(&turn.ticket)?, turn)))
            .collect();
        drop(state);
        for (
            waiter,
            Granted {
                place, customer, ..
            },
        ) in turns
        {
            let admission = Arc::clone(admission);
            let gate = Gate { admission, place };
            // Whoever has just gone gives the permit back by dropping it.
            let _ = waiter.send(gate.permit(customer));
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.admission.state();
        let Self {
            gate,
            customer,
            ticket,
            ..
        } = self;
        if state.scheduler.quit(gate.place, *customer, *ticket) {
            state.waiters.remove(ticket);
        }
    }
}

#[cfg(test)]
mod tests;
