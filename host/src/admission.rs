//! Admission: who may run a guest, and who waits for a turn.
//!
//! Half of the host is guaranteed to the add-ons by weight, and the rest is shared, so
//! that no add-on, however busy or slow, takes another's part; the same holds among the
//! customers of one add-on. It can be divided anew at any time, while calls run. The
//! decisions are the scheduler's; here callers wait for them.

mod gate;
mod line;
mod scheduler;
mod shares;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::apart::Apart;

pub use gate::{Gate, Load, NoTurn, Permit};
pub use line::Customer;
use line::Ticket;
use scheduler::{Granted, Place, Scheduler};
pub use shares::{Demand, Fairness};

/// The host's slots.
pub struct Admission {
    state: Apart<Mutex<State>>,
}

struct State {
    scheduler: Scheduler,
    waiters: HashMap<Ticket, Waiter>,
}

/// Whom to tell of a turn. Its gate may be the last to the add-on, and is therefore
/// never dropped under the lock.
struct Waiter {
    gate: Gate,
    turn: oneshot::Sender<Permit>,
}

/// Turns that have come, and for whose call each.
type Turns = Vec<(Waiter, Customer)>;

impl Admission {
    /// A host of `capacity` slots, all of them shared until they are divided.
    #[must_use]
    pub fn new(capacity: usize, fairness: Fairness) -> Arc<Self> {
        let state = State {
            scheduler: Scheduler::new(capacity, fairness),
            waiters: HashMap::new(),
        };
        Arc::new(Self {
            state: Apart(Mutex::new(state)),
        })
    }

    /// A new add-on's way in. It lets nobody in, and takes nothing from the others, until
    /// [`arrange`](Self::arrange) names it.
    #[must_use]
    pub fn gate(self: &Arc<Self>) -> Gate {
        let place = self.state().scheduler.add();
        Gate::new(Arc::clone(self), place)
    }

    /// Divides the host anew among the add-ons behind these gates, while calls run. No
    /// running or waiting call is lost, and whoever waits and now may run does.
    ///
    /// An add-on that is not named keeps its last demand, but nothing is guaranteed to it
    /// any longer: its last calls run in shared slots, and where nothing is shared, those
    /// that still wait get no turn. A gate that is named twice counts as the last says.
    ///
    /// Where a slot that is now guaranteed still runs another add-on's
    /// call, it is the first to be given back, before anybody gets a shared one.
    ///
    /// # Panics
    /// Where a gate leads into another host.
    pub fn arrange(&self, demands: &[(Gate, Demand)]) {
        let demands = demands.iter().map(|(gate, demand)| {
            assert!(std::ptr::eq(self, gate.admission()), "another host's gate");
            (gate.place(), *demand)
        });
        let demands: Vec<(Place, Demand)> = demands.collect();
        self.step(|scheduler| scheduler.arrange(&demands));
    }

    /// Takes a step after which some who waited may run, and tells them.
    fn step(&self, step: impl FnOnce(&mut Scheduler) -> Vec<Granted>) {
        let mut state = self.state();
        let granted = step(&mut state.scheduler);
        let turns = state.turns(granted);
        // Waking somebody is none of the lock's business.
        drop(state);
        for (Waiter { gate, turn }, customer) in turns {
            // Whoever has just gone gives the permit back by dropping it.
            let _ = turn.send(Permit::new(gate, customer));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn turns(&mut self, granted: Vec<Granted>) -> Turns {
        let turns = granted.into_iter().filter_map(|granted| {
            let waiter = self.waiters.remove(&granted.ticket)?;
            Some((waiter, granted.customer))
        });
        turns.collect()
    }
}

#[cfg(test)]
mod tests;
