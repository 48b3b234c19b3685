//! Who runs, who waits and who is turned away. Pure: it knows neither tasks nor time.
//!
//! After every step, nobody waits for whom there is a slot. So a newcomer that finds one
//! passes nobody by.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::line::{Customer, Line, Slot, Ticket, Turn};
use super::shares::{Bound, Demand, Fairness, Share, divide};

/// An add-on's place in the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) usize);

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
    pub(super) place: Place,
    pub(super) customer: Customer,
    pub(super) ticket: Ticket,
}

/// The host's slots, and the calls of every add-on.
#[derive(Debug)]
pub(super) struct Scheduler {
    seats: Vec<Seat>,
    /// Shared slots that are free.
    shared: usize,
    /// The add-ons that somebody waits for.
    crowded: BTreeSet<Place>,
    tickets: u64,
}

#[derive(Debug)]
struct Seat {
    share: Share,
    line: Line,
}

impl Scheduler {
    /// A host of so many slots, and a place for each add-on.
    pub(super) fn new(capacity: usize, fairness: Fairness, demands: &[Demand]) -> Self {
        let (shares, shared) = divide(capacity, fairness, demands);
        let seat = |share| Seat {
            share,
            line: Line::default(),
        };
        Self {
            seats: shares.into_iter().map(seat).collect(),
            shared,
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

    /// A running call has ended. Returns those that run in its stead: mostly one.
    pub(super) fn end(&mut self, place: Place, customer: Customer) -> Vec<Granted> {
        if self.seat(place).line.end(customer) == Slot::Shared {
            self.shared += 1;
        }
        let mut granted = Vec::new();
        while let Some((place, turn, slot)) = self.next(place) {
            self.quit(place, turn.customer, turn.ticket);
            self.run(place, turn.customer, slot);
            granted.push(Granted {
                place,
                customer: turn.customer,
                ticket: turn.ticket,
            });
        }
        granted
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

    /// Who is next, after a call of the add-on at `place` has ended: one of its own calls
    /// in one of its own slots, or whoever has the best claim to a shared one.
    fn next(&self, place: Place) -> Option<(Place, Turn, Slot)> {
        if self.crowded.is_empty() {
            return None;
        }
        let own = self.seats[place.0].next(Slot::Own, self.shared);
        own.map(|turn| (place, turn, Slot::Own))
            .or_else(|| self.next_shared())
    }

    fn next_shared(&self) -> Option<(Place, Turn, Slot)> {
        if self.shared == 0 {
            return None;
        }
        let candidates = self.crowded.iter().filter_map(|place| {
            let turn = self.seats[place.0].next(Slot::Shared, self.shared)?;
            Some((*place, turn))
        });
        let best = candidates.min_by(|(a, first), (b, second)| {
            let claims = self.seats[a.0].claim(&self.seats[b.0]);
            claims.then(first.ticket.cmp(&second.ticket))
        });
        best.map(|(place, turn)| (place, turn, Slot::Shared))
    }
}

/// Where a call may wait.
enum Room {
    Free,
    /// In the place of this one.
    Of(Customer, Ticket),
    None,
}

impl Seat {
    /// The slot that a customer's next call would run in.
    fn slot(&self, customer: Customer, shared: usize) -> Option<Slot> {
        let party = self.line.party(customer);
        let (own, running) = party.map_or((0, 0), |party| (party.own, party.running()));
        let all = self.line.own() + self.line.shared();
        let Share {
            guaranteed,
            concurrency,
            ..
        } = self.share;
        if all >= concurrency.slots || running >= self.most(concurrency) {
            return None;
        }
        if self.line.own() < guaranteed.slots && own < self.most(guaranteed) {
            return Some(Slot::Own);
        }
        (shared > 0).then_some(Slot::Shared)
    }

    /// How many slots one customer may take. Where there was never another, all of them.
    fn most(&self, bound: Bound) -> usize {
        match self.line.several() {
            true => bound.customer,
            false => bound.slots,
        }
    }

    /// The first turn that a slot of this kind serves. At most one customer stands in
    /// front of it at the limit of what it may take.
    fn next(&self, slot: Slot, shared: usize) -> Option<Turn> {
        let mut turns = self.line.turns();
        turns.find(|turn| self.slot(turn.customer, shared) == Some(slot))
    }

    /// Where a customer's next call may wait. It takes another's place only if that one
    /// has the longer queue even afterwards: or the two would displace each other for ever.
    fn room(&self, customer: Customer) -> Room {
        if self.line.waiting() < self.share.queue {
            return Room::Free;
        }
        let waiting = self
            .line
            .party(customer)
            .map_or(0, |party| party.waiting.len());
        match self.line.longest() {
            Some((length, other, newest)) if waiting + 1 < length => Room::Of(other, newest),
            _ => Room::None,
        }
    }

    /// Whose claim to a shared slot comes first: that of the add-on with fewer of them
    /// for its weight.
    fn claim(&self, other: &Self) -> Ordering {
        let held = |a: &Self, b: &Self| a.line.shared() as u128 * b.share.weight as u128;
        held(self, other).cmp(&held(other, self))
    }
}

#[cfg(test)]
mod tests;
