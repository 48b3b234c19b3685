//! Who runs, who waits and who is turned away. Pure: it knows neither tasks nor time.
//!
//! After every step, nobody waits for whom there is a slot. So a newcomer that finds one
//! passes nobody by. And every slot is held by one add-on, or runs a call as a shared
//! one, or is a free shared one: so no more calls run than there are slots, whatever is
//! divided anew while they do.

mod division;
mod seat;

use std::collections::BTreeSet;

use super::gate::Load;
use super::line::{Customer, Slot, Ticket, Turn};
use super::shares::Fairness;
use seat::{Room, Seat};

/// An add-on's place in the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(usize);

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It runs.
    Runs,
    /// It waits, in the place of another that waits no longer, where one is named.
    Waits(Ticket, Option<Ticket>),
    /// It is turned away.
    Full,
}

/// A call that waited and now runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) customer: Customer,
    pub(super) ticket: Ticket,
}

/// The host's slots, and the calls of every add-on.
#[derive(Debug)]
pub(super) struct Scheduler {
    capacity: usize,
    fairness: Fairness,
    seats: Vec<Seat>,
    /// The places in `seats` that no add-on has.
    vacant: Vec<Place>,
    /// Shared slots that are free: none, as long as an add-on is owed one.
    shared: usize,
    /// The add-ons that hold fewer slots than are guaranteed to them.
    owed: BTreeSet<Place>,
    /// The add-ons that somebody waits for.
    crowded: BTreeSet<Place>,
    tickets: u64,
}

impl Scheduler {
    /// A host of so many slots, and nobody there yet.
    pub(super) fn new(capacity: usize, fairness: Fairness) -> Self {
        Self {
            capacity,
            fairness,
            seats: Vec::new(),
            vacant: Vec::new(),
            shared: capacity,
            owed: BTreeSet::new(),
            crowded: BTreeSet::new(),
            tickets: 0,
        }
    }

    /// A call wants to run.
    pub(super) fn ask(&mut self, place: Place, customer: Customer) -> Asked {
        self.seat(place).line.meet(customer);
        if let Some(slot) = self.seats[place.0].slot(customer, self.shared) {
            self.run(place, customer, slot);
            return Asked::Runs;
        }
        self.wait(place, customer)
    }

    /// A call wants to run if that makes nobody wait. It does where nobody waits for the
    /// add-on and there is a slot to spare. Returns whether it runs.
    pub(super) fn try_ask(&mut self, place: Place, customer: Customer) -> bool {
        self.seat(place).line.meet(customer);
        let spare = self.seats[place.0].spare(customer, self.shared);
        spare.map(|slot| self.run(place, customer, slot)).is_some()
    }

    /// A running call has ended. Returns those that run in its stead: mostly one.
    pub(super) fn end(&mut self, place: Place, customer: Customer) -> Vec<Granted> {
        let mut paid = None;
        if self.seat(place).line.end(customer) == Slot::Shared {
            self.shared += 1;
            paid = self.pay_one();
        }
        self.serve([Some(place), paid].into_iter().flatten())
    }

    /// A waiting call is given up. Returns whether it still waited.
    pub(super) fn quit(&mut self, place: Place, customer: Customer, ticket: Ticket) -> bool {
        let line = &mut self.seat(place).line;
        let waited = line.quit(customer, ticket);
        if line.waiting() == 0 {
            self.crowded.remove(&place);
        }
        waited
    }

    /// How busy an add-on is.
    pub(super) fn load(&self, place: Place) -> Load {
        let Seat { line, share, .. } = &self.seats[place.0];
        Load {
            running: line.own() + line.shared(),
            waiting: line.waiting(),
            guaranteed: share.guaranteed.slots,
        }
    }

    fn seat(&mut self, place: Place) -> &mut Seat {
        &mut self.seats[place.0]
    }

    fn run(&mut self, place: Place, customer: Customer, slot: Slot) {
        if slot == Slot::Shared {
            self.shared -= 1;
        }
        self.seat(place).line.run(customer, slot);
    }

    fn wait(&mut self, place: Place, customer: Customer) -> Asked {
        let displaced = match self.seats[place.0].room(customer) {
            Room::Free => None,
            Room::Of(other, ticket) => {
                self.quit(place, other, ticket);
                Some(ticket)
            }
            Room::None => return Asked::Full,
        };
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        self.seat(place).line.wait(customer, ticket);
        self.crowded.insert(place);
        Asked::Waits(ticket, displaced)
    }

    /// Gives slots to those who wait: those of their own to the add-ons at `places`, and
    /// then the shared ones to whoever has the best claim.
    fn serve(&mut self, places: impl IntoIterator<Item = Place>) -> Vec<Granted> {
        let mut granted = Vec::new();
        if self.crowded.is_empty() {
            return granted;
        }
        for place in places {
            while let Some(turn) = self.seats[place.0].next(Slot::Own, self.shared) {
                granted.push(self.grant(place, turn, Slot::Own));
            }
        }
        while let Some((place, turn)) = self.next_shared() {
            granted.push(self.grant(place, turn, Slot::Shared));
        }
        granted
    }

    fn grant(&mut self, place: Place, turn: Turn, slot: Slot) -> Granted {
        let Turn {
            customer, ticket, ..
        } = turn;
        self.quit(place, customer, ticket);
        self.run(place, customer, slot);
        Granted { customer, ticket }
    }

    fn next_shared(&self) -> Option<(Place, Turn)> {
        if self.shared == 0 {
            return None;
        }
        let candidates = self.crowded.iter().filter_map(|place| {
            let turn = self.seats[place.0].next(Slot::Shared, self.shared)?;
            Some((*place, turn))
        });
        candidates.min_by(|(a, first), (b, second)| {
            let claims = self.seats[a.0].claim(&self.seats[b.0]);
            claims.then(first.ticket.cmp(&second.ticket))
        })
    }
}

#[cfg(test)]
mod tests;
