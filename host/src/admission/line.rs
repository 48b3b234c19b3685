//! The calls of one add-on, by customer: those that run and those that wait.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::protocol::sid::AddOnInstallSid;

/// Whose call it is: an installation of the add-on. Calls without one are one customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Customer(pub Option<AddOnInstallSid>);

/// A call that waits. A later one has a greater number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Ticket(pub(super) u64);

/// The two kinds of slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// One that is guaranteed to the add-on.
    Own,
    /// One that all add-ons share.
    Shared,
}

/// A customer's first waiting call. The least is served first: that of who has the
/// fewest calls running, then that of who came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) running: usize,
    pub(super) ticket: Ticket,
    pub(super) customer: Customer,
}

/// One customer's calls.
#[derive(Debug, Default)]
pub(super) struct Party {
    /// Running ones, in slots of the add-on's own.
    pub(super) own: usize,
    /// Running ones, in shared slots.
    pub(super) shared: usize,
    /// Waiting ones.
    pub(super) waiting: BTreeSet<Ticket>,
}

impl Party {
    pub(super) fn running(&self) -> usize {
        self.own + self.shared
    }

    fn turn(&self, customer: Customer) -> Option<Turn> {
        let running = self.running();
        self.waiting.first().map(|ticket| Turn {
            running,
            ticket: *ticket,
            customer,
        })
    }
}

/// The calls of one add-on.
#[derive(Debug, Default)]
pub(super) struct Line {
    parties: HashMap<Customer, Party>,
    turns: BTreeSet<Turn>,
    /// Customers that wait, by how many of their calls do.
    lengths: BTreeSet<(usize, Customer)>,
    own: usize,
    shared: usize,
    waiting: usize,
    first: Option<Customer>,
    several: bool,
}

impl Line {
    /// Running calls in slots of the add-on's own.
    pub(super) fn own(&self) -> usize {
        self.own
    }

    /// Running calls in shared slots.
    pub(super) fn shared(&self) -> usize {
        self.shared
    }

    /// Waiting calls.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether nothing runs or waits.
    pub(super) fn is_empty(&self) -> bool {
        self.parties.is_empty()
    }

    /// Whether more than one customer has ever called.
    pub(super) fn several(&self) -> bool {
        self.several
    }

    /// A customer's calls, if it has any.
    pub(super) fn party(&self, customer: Customer) -> Option<&Party> {
        self.parties.get(&customer)
    }

    /// The turns of all customers that wait, in order.
    pub(super) fn turns(&self) -> impl Iterator<Item = Turn> {
        self.turns.iter().copied()
    }

    /// The customer with the most waiting calls: how many, and the newest of them.
    pub(super) fn longest(&self) -> Option<(usize, Customer, Ticket)> {
        let (length, customer) = *self.lengths.last()?;
        let newest = self.party(customer)?.waiting.last()?;
        Some((length, customer, *newest))
    }

    /// Notes that a customer calls.
    pub(super) fn meet(&mut self, customer: Customer) {
        self.several |= *self.first.get_or_insert(customer) != customer;
    }

    /// A call starts to run.
    pub(super) fn run(&mut self, customer: Customer, slot: Slot) {
        match slot {
            Slot::Own => self.own += 1,
            Slot::Shared => self.shared += 1,
        }
        self.change(customer, |party| match slot {
            Slot::Own => party.own += 1,
            Slot::Shared => party.shared += 1,
        });
    }

    /// A running call ends. Slots are alike: the one that others are waiting for is
    /// given back first.
    pub(super) fn end(&mut self, customer: Customer) -> Slot {
        let slot = self.change(customer, |party| {
            if party.shared > 0 {
                party.shared -= 1;
                return Slot::Shared;
            }
            party.own -= 1;
            Slot::Own
        });
        match slot {
            Slot::Own => self.own -= 1,
            Slot::Shared => self.shared -= 1,
        }
        slot
    }

    /// Deals so many slots of the add-on's own anew among the running calls: as evenly as
    /// can be, and to no customer more than `most`. The other calls run in shared ones
    /// from now on. Nobody's turn changes by it: it is the sum of both that counts.
    pub(super) fn deal(&mut self, slots: usize, most: usize) {
        let running = self.own + self.shared;
        let mut parties: Vec<(usize, Customer, &mut Party)> = self
            .parties
            .iter_mut()
            .map(|(customer, party)| (party.running().min(most), *customer, party))
            .collect();
        parties.sort_unstable_by_key(|(wanted, customer, _)| (*wanted, *customer));
        let (mut left, mut others) = (slots, parties.len());
        for (wanted, _, party) in parties {
            let own = wanted.min(left / others);
            party.shared = party.running() - own;
            party.own = own;
            left -= own;
            others -= 1;
        }
        self.own = slots - left;
        self.shared = running - self.own;
    }

    /// A call starts to wait.
    pub(super) fn wait(&mut self, customer: Customer, ticket: Ticket) {
        self.waiting += 1;
        self.change(customer, |party| party.waiting.insert(ticket));
    }

    /// A call waits no longer. Returns whether it did.
    pub(super) fn quit(&mut self, customer: Customer, ticket: Ticket) -> bool {
        let waited = self.change(customer, |party| party.waiting.remove(&ticket));
        self.waiting -= usize::from(waited);
        waited
    }

    /// Changes a customer's calls and keeps the orders of those who wait.
    fn change<R>(&mut self, customer: Customer, change: impl FnOnce(&mut Party) -> R) -> R {
        let mut entry = match self.parties.entry(customer) {
            Entry::Occupied(party) => party,
            Entry::Vacant(place) => place.insert_entry(Party::default()),
        };
        let party = entry.get_mut();
        if let Some(turn) = party.turn(customer) {
            self.turns.remove(&turn);
            self.lengths.remove(&(party.waiting.len(), customer));
        }
        let result = change(party);
        if let Some(turn) = party.turn(customer) {
            self.turns.insert(turn);
            self.lengths.insert((party.waiting.len(), customer));
        } else if party.running() == 0 {
            entry.remove();
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(number: usize) -> Customer {
        Customer(format!("XD{number:032x}").parse().ok())
    }

    /// The slots of the add-on's own that each customer's calls are dealt.
    fn dealt(running: &[usize], slots: usize, most: usize) -> Vec<usize> {
        let mut line = Line::default();
        for (number, calls) in running.iter().enumerate() {
            for _ in 0..*calls {
                line.run(customer(number), Slot::Shared);
            }
        }
        line.deal(slots, most);
        let parties = (0..running.len()).map(|number| &line.parties[&customer(number)]);
        let own: Vec<usize> = parties.map(|party| party.own).collect();
        assert_eq!(line.own(), own.iter().sum::<usize>());
        assert_eq!(line.own() + line.shared(), running.iter().sum::<usize>());
        own
    }

    #[test]
    fn own_slots_are_dealt_evenly_and_to_nobody_more_than_the_most() {
        for (running, slots, most, own) in [
            (&[6][..], 4, 4, &[4][..]),
            (&[6], 4, 3, &[3]),
            (&[6], 0, 0, &[0]),
            (&[2], 4, 3, &[2]),
            (&[6, 2], 4, 3, &[2, 2]),
            (&[6, 1], 4, 3, &[3, 1]),
            (&[1, 6, 6], 8, 6, &[1, 3, 4]),
            (&[5, 5, 5], 2, 2, &[0, 1, 1]),
        ] {
            assert_eq!(
                dealt(running, slots, most),
                own,
                "{running:?} {slots} {most}"
            );
        }
    }
}
