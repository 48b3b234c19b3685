//! An add-on's way in: a call asks here for a turn, and waits for it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::line::{Customer, Ticket};
use super::scheduler::{Asked, Place, Scheduler};
use super::{Admission, Waiter};

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

/// An add-on's way in. When the last gate to it is gone, so is its place.
#[derive(Clone)]
pub struct Gate(Arc<Entrance>);

// Apart from the count of its references, which every call changes.
#[repr(align(128))]
struct Entrance {
    admission: Arc<Admission>,
    place: Place,
}

/// The right to run one guest, for as long as it is kept.
pub struct Permit {
    gate: Gate,
    customer: Customer,
}

/// How busy an add-on is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// The calls that run.
    pub running: usize,
    /// The calls that wait.
    pub waiting: usize,
    /// The slots that are guaranteed to it.
    pub guaranteed: usize,
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

impl Gate {
    pub(super) fn new(admission: Arc<Admission>, place: Place) -> Self {
        Self(Arc::new(Entrance { admission, place }))
    }

    pub(super) fn admission(&self) -> &Admission {
        &self.0.admission
    }

    pub(super) fn place(&self) -> Place {
        self.0.place
    }

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

    /// A turn at once or none, for work that must make nobody wait. There is one only
    /// where nobody waits for the add-on, and where a slot of the same kind, the add-on's
    /// own or a shared one, is left for a further call of the customer, within the
    /// customer's limit and the add-on's. So the last guaranteed slot is never taken here,
    /// nor the last shared one, nor the last that `concurrency` allows.
    #[must_use]
    pub fn try_enter(&self, customer: Customer) -> Option<Permit> {
        let runs = self
            .admission()
            .state()
            .scheduler
            .try_ask(self.place(), customer);
        runs.then(|| Permit::new(self.clone(), customer))
    }

    /// How many of its calls run and wait at the moment.
    #[must_use]
    pub fn load(&self) -> Load {
        self.admission().state().scheduler.load(self.place())
    }

    fn ask(&self, customer: Customer) -> Entry<'_> {
        let mut state = self.admission().state();
        let (ticket, displaced) = match state.scheduler.ask(self.place(), customer) {
            Asked::Runs => return Entry::Now(Permit::new(self.clone(), customer)),
            Asked::Full => return Entry::Never,
            Asked::Waits(ticket, displaced) => (ticket, displaced),
        };
        let (sender, turn) = oneshot::channel();
        let waiter = Waiter {
            gate: self.clone(),
            turn: sender,
        };
        state.waiters.insert(ticket, waiter);
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
}

impl Permit {
    pub(super) fn new(gate: Gate, customer: Customer) -> Self {
        Self { gate, customer }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Self { gate, customer } = self;
        let step = |scheduler: &mut Scheduler| scheduler.end(gate.place(), *customer);
        gate.admission().step(step);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Self {
            gate,
            customer,
            ticket,
            ..
        } = self;
        let mut state = gate.admission().state();
        let quit = state.scheduler.quit(gate.place(), *customer, *ticket);
        let waiter = quit.then(|| state.waiters.remove(ticket));
        drop(state);
        drop(waiter);
    }
}

impl Drop for Entrance {
    fn drop(&mut self) {
        let step = |scheduler: &mut Scheduler| scheduler.remove(self.place);
        self.admission.step(step);
    }
}
