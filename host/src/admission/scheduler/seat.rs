//! One add-on's seat: what it may have, what it holds, and what its next call gets.

use std::cmp::Ordering;

use crate::admission::line::{Customer, Line, Slot, Ticket, Turn};
use crate::admission::shares::{Bound, Fairness, Share};

/// What one add-on may have, and its calls.
#[derive(Debug, Default)]
pub(super) struct Seat {
    pub(super) share: Share,
    pub(super) line: Line,
    /// The slots of its own: those that are guaranteed to it, but for the ones that it
    /// is owed.
    own: Bound,
}

/// Where a call may wait.
pub(super) enum Room {
    Free,
    /// In the place of this one.
    Of(Customer, Ticket),
    None,
}

impl Seat {
    /// The slot that a customer's next call would run in.
    pub(super) fn slot(&self, customer: Customer, shared: usize) -> Option<Slot> {
        let (limit, own) = self.left(customer);
        match (limit, own, shared) {
            (0, _, _) | (_, 0, 0) => None,
            (_, 0, _) => Some(Slot::Shared),
            _ => Some(Slot::Own),
        }
    }

    /// A slot that a customer's call may have without making anybody wait: there is
    /// another one like it left, within all limits, and nobody waits for the add-on.
    pub(super) fn spare(&self, customer: Customer, shared: usize) -> Option<Slot> {
        let (limit, own) = self.left(customer);
        match (self.line.waiting(), limit, own, shared) {
            (0, 2.., 2.., _) => Some(Slot::Own),
            (0, 2.., _, 2..) => Some(Slot::Shared),
            _ => None,
        }
    }

    /// How many calls more the limits allow a customer, and how many of those the
    /// add-on's own slots would take.
    fn left(&self, customer: Customer) -> (usize, usize) {
        let party = self.line.party(customer);
        let (own, running) = party.map_or((0, 0), |party| (party.own, party.running()));
        let all = self.line.own() + self.line.shared();
        let concurrency = self.share.concurrency;
        let left = |slots: usize, taken: usize, bound: Bound, of_customer: usize| {
            let customers = self.most(bound).saturating_sub(of_customer);
            slots.saturating_sub(taken).min(customers)
        };
        (
            left(concurrency.slots, all, concurrency, running),
            left(self.own.slots, self.line.own(), self.own, own),
        )
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
    pub(super) fn next(&self, slot: Slot, shared: usize) -> Option<Turn> {
        let mut turns = self.line.turns();
        turns.find(|turn| self.slot(turn.customer, shared) == Some(slot))
    }

    /// Where a customer's next call may wait. It takes another's place only if that one
    /// has the longer queue even afterwards: or the two would displace each other for ever.
    pub(super) fn room(&self, customer: Customer) -> Room {
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
    pub(super) fn claim(&self, other: &Self) -> Ordering {
        let held = |a: &Self, b: &Self| a.line.shared() as u128 * b.share.weight as u128;
        held(self, other).cmp(&held(other, self))
    }

    /// Fits the calls that run into a new share. They run in the add-on's own slots as
    /// far as these are guaranteed; those that were idle stay so, as far as they are.
    pub(super) fn settle(&mut self, fairness: Fairness) {
        let idle = self.own.slots - self.line.own();
        let guaranteed = self.share.guaranteed;
        self.line.deal(guaranteed.slots, self.most(guaranteed));
        let kept = self.line.own() + idle;
        self.hold(kept.min(guaranteed.slots), fairness);
    }

    /// From now on so many slots are its own.
    pub(super) fn hold(&mut self, slots: usize, fairness: Fairness) {
        self.own = fairness.bound(slots);
    }

    /// The slots of its own.
    pub(super) fn held(&self) -> usize {
        self.own.slots
    }

    /// The slots that are guaranteed to it, but are not its own yet.
    pub(super) fn owed(&self) -> usize {
        self.share.guaranteed.slots - self.own.slots
    }

    /// The slots that are nobody else's: its own, and the shared ones that it runs in.
    pub(super) fn taken(&self) -> usize {
        self.own.slots + self.line.shared()
    }

    /// Which of two holds less of what is guaranteed to it.
    pub(super) fn held_part(&self, other: &Self) -> Ordering {
        let part = |a: &Self, b: &Self| a.own.slots as u128 * b.share.guaranteed.slots as u128;
        part(self, other).cmp(&part(other, self))
    }
}
