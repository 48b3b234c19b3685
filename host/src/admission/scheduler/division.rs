//! The host divided anew, while calls run.
//!
//! What an add-on stands in stays its own as far as it is guaranteed. What it is
//! guaranteed beyond that is taken from the free slots; where these are too few, it is
//! owed the rest, and is paid with the next shared slots that become free.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::seat::Seat;
use super::{Granted, Place, Scheduler};
use crate::admission::shares::{Bound, Demand, divide};

impl Scheduler {
    /// A place for one more add-on. It has no slots until `arrange` names it.
    pub(in crate::admission) fn add(&mut self) -> Place {
        self.vacant.pop().unwrap_or_else(|| {
            self.seats.push(Seat::default());
            Place(self.seats.len() - 1)
        })
    }

    /// An add-on of which nothing runs or waits goes away. Returns those that run in the
    /// slots that it held.
    pub(in crate::admission) fn remove(&mut self, place: Place) -> Vec<Granted> {
        let seat = std::mem::take(self.seat(place));
        assert!(seat.line.is_empty(), "a call outlives its gate");
        self.vacant.push(place);
        self.balance()
    }

    /// Divides the host anew. An add-on that is not named has no guaranteed slots any
    /// longer; one that is named twice is what the last says. Returns those that waited
    /// and now run.
    pub(in crate::admission) fn arrange(&mut self, demands: &[(Place, Demand)]) -> Vec<Granted> {
        let named: BTreeMap<Place, Demand> = demands.iter().copied().collect();
        let (places, demands): (Vec<Place>, Vec<Demand>) = named.into_iter().unzip();
        let (shares, _) = divide(self.capacity, self.fairness, &demands);
        for seat in &mut self.seats {
            seat.share.guaranteed = Bound::default();
        }
        for (place, share) in places.into_iter().zip(shares) {
            self.seat(place).share = share;
        }
        for seat in &mut self.seats {
            seat.settle(self.fairness);
        }
        self.balance()
    }

    /// Gives one free shared slot to the add-on that is owed it most. Returns which.
    pub(super) fn pay_one(&mut self) -> Option<Place> {
        let place = self.creditor().filter(|_| self.shared > 0)?;
        self.pay(place, 1);
        Some(place)
    }

    /// Counts the shared slots that are free, and pays and serves with them.
    fn balance(&mut self) -> Vec<Granted> {
        let taken = self.seats.iter().map(Seat::taken);
        self.shared = self.capacity - taken.sum::<usize>();
        let places = (0..self.seats.len()).map(Place);
        self.owed = places
            .filter(|place| self.seats[place.0].owed() > 0)
            .collect();
        self.pay_all();
        self.serve(self.crowded.clone())
    }

    fn pay_all(&mut self) {
        let owed: usize = self.owed.iter().map(|at| self.seats[at.0].owed()).sum();
        if owed <= self.shared {
            for place in self.owed.clone() {
                self.pay(place, self.seats[place.0].owed());
            }
        }
        while self.pay_one().is_some() {}
    }

    fn pay(&mut self, place: Place, slots: usize) {
        self.shared -= slots;
        let fairness = self.fairness;
        let seat = self.seat(place);
        seat.hold(seat.held() + slots, fairness);
        if seat.owed() == 0 {
            self.owed.remove(&place);
        }
    }

    /// Who is owed a slot most: an add-on that somebody waits for, and then the one that
    /// holds the least of what is guaranteed to it.
    fn creditor(&self) -> Option<Place> {
        let owed = self.owed.iter().copied();
        owed.min_by(|a, b| {
            let waited = |place| Reverse(self.crowded.contains(place));
            let held = self.seats[a.0].held_part(&self.seats[b.0]);
            waited(a).cmp(&waited(b)).then(held)
        })
    }
}
