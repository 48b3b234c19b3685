//! Any sequence of steps, beside a model that counts calls and knows no slots.

use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::admission::shares::{Bound, divide};

/// A host under test, and what it should hold.
struct Trial {
    scheduler: Scheduler,
    capacity: usize,
    add_ons: BTreeMap<Place, AddOn>,
    /// The most add-ons that there were at once.
    most: usize,
    running: Vec<(Place, Customer)>,
    waiting: HashMap<Ticket, (Place, Customer)>,
}

/// What an add-on may have: nothing, until it is named.
#[derive(Clone, Copy, Default)]
struct AddOn {
    guaranteed: Bound,
    concurrency: Bound,
    queue: usize,
}

#[derive(Debug, Clone)]
enum Step {
    Ask(Index, u8),
    Try(Index, u8),
    End(Index),
    Quit(Index),
    Add,
    Remove(Index),
    Arrange(Vec<(Index, Demand)>),
}

impl Trial {
    fn new(capacity: usize, demands: &[Demand]) -> Self {
        let mut trial = Self {
            scheduler: Scheduler::new(capacity, Fairness::default()),
            capacity,
            add_ons: BTreeMap::new(),
            most: 0,
            running: Vec::new(),
            waiting: HashMap::new(),
        };
        let demands = demands.iter().map(|demand| (trial.add(), *demand));
        let demands: BTreeMap<Place, Demand> = demands.collect();
        trial.arrange(&demands);
        trial
    }

    fn take(&mut self, step: &Step) {
        let owed = self.owed();
        match step {
            Step::Add => {
                self.add();
            }
            Step::Ask(at, number) => self.at(at, |it, place| it.ask(place, customer(*number))),
            Step::Try(at, number) => self.at(at, |it, place| it.try_ask(place, customer(*number))),
            Step::Remove(at) => self.at(at, Self::remove),
            Step::End(_) if self.running.is_empty() => {}
            Step::End(at) => {
                let (place, customer) = self.running.swap_remove(at.index(self.running.len()));
                self.end(place, customer);
            }
            Step::Quit(_) if self.waiting.is_empty() => {}
            Step::Quit(at) => {
                let mut tickets: Vec<Ticket> = self.waiting.keys().copied().collect();
                tickets.sort();
                self.quit(tickets[at.index(tickets.len())]);
            }
            Step::Arrange(demands) => {
                let mut named = BTreeMap::new();
                for (at, demand) in demands {
                    self.at(at, |_, place| {
                        named.insert(place, *demand);
                    });
                }
                return self.arrange(&named);
            }
        }
        assert!(self.owed() <= owed, "a guarantee is lost");
    }

    /// Takes a step at one of the add-ons, if there are any.
    fn at(&mut self, at: &Index, step: impl FnOnce(&mut Self, Place)) {
        let places: Vec<Place> = self.add_ons.keys().copied().collect();
        if !places.is_empty() {
            step(self, *at.get(&places));
        }
    }

    fn add(&mut self) -> Place {
        let place = self.scheduler.add();
        let known = self.add_ons.insert(place, AddOn::default());
        assert!(known.is_none(), "two add-ons in one place");
        self.most = self.most.max(self.add_ons.len());
        place
    }

    /// An add-on goes away with the last of its calls.
    fn remove(&mut self, place: Place) {
        if self.held_by(place, |_| true) == 0 && self.waiting_at(place) == 0 {
            self.add_ons.remove(&place);
            let granted = self.scheduler.remove(place);
            self.served(&granted);
        }
    }

    fn arrange(&mut self, demands: &BTreeMap<Place, Demand>) {
        let idle: BTreeMap<Place, usize> = self
            .add_ons
            .keys()
            .map(|place| {
                (
                    *place,
                    self.seat(*place).held() - self.seat(*place).line.own(),
                )
            })
            .collect();
        self.name(demands);
        let own: BTreeMap<Place, usize> = idle.keys().map(|at| (*at, self.fits(*at))).collect();
        let shared = self.running.len() - own.values().sum::<usize>();
        let demands: Vec<(Place, Demand)> = demands.iter().map(|it| (*it.0, *it.1)).collect();
        let granted = self.scheduler.arrange(&demands);
        self.served(&granted);
        assert_eq!(self.owed(), shared.saturating_sub(self.pool()));
        for (place, own) in own {
            let kept = (own + idle[&place]).min(self.add_ons[&place].guaranteed.slots);
            assert!(
                self.seat(place).held() >= kept,
                "an idle slot is taken away"
            );
        }
    }

    /// Notes what each add-on may have from now on.
    fn name(&mut self, demands: &BTreeMap<Place, Demand>) {
        let all: Vec<Demand> = demands.values().copied().collect();
        let (shares, _) = divide(self.capacity, Fairness::default(), &all);
        for add_on in self.add_ons.values_mut() {
            add_on.guaranteed = Bound::default();
        }
        for (place, share) in demands.keys().zip(shares) {
            let add_on = AddOn {
                guaranteed: share.guaranteed,
                concurrency: share.concurrency,
                queue: share.queue,
            };
            self.add_ons.insert(*place, add_on);
        }
    }

    /// How many of the running calls fit into what is guaranteed to the add-on.
    fn fits(&self, place: Place) -> usize {
        let guaranteed = self.add_ons[&place].guaranteed;
        let most = self.most(place, guaranteed);
        let mut parties: BTreeMap<Customer, usize> = BTreeMap::new();
        for (_, customer) in self.running.iter().filter(|(at, _)| *at == place) {
            *parties.entry(*customer).or_default() += 1;
        }
        let fits = parties.values().map(|calls| *calls.min(&most));
        fits.sum::<usize>().min(guaranteed.slots)
    }

    fn ask(&mut self, place: Place, customer: Customer) {
        let due = self.is_due_at_once(place, customer);
        let full = self.waiting_at(place) >= self.add_ons[&place].queue;
        match self.scheduler.ask(place, customer) {
            Asked::Runs => self.start(place, customer),
            Asked::Waits(ticket, displaced) => {
                assert!(!due, "a guaranteed slot is free");
                assert_eq!(displaced.is_some(), full);
                if let Some(displaced) = displaced {
                    let (other, _) = self.waiting.remove(&displaced).expect("it waited");
                    assert_eq!(other, place);
                }
                assert!(self.waiting.insert(ticket, (place, customer)).is_none());
            }
            Asked::Full => {
                assert!(!due, "a guaranteed slot is free");
                assert!(full);
            }
        }
    }

    fn try_ask(&mut self, place: Place, customer: Customer) {
        let before = self.scheduler.shared;
        if self.scheduler.try_ask(place, customer) {
            assert_eq!(self.waiting_at(place), 0);
            self.start(place, customer);
            let seat = self.seat(place);
            let next = seat.slot(customer, self.scheduler.shared);
            assert!(next.is_some(), "the last slot is taken");
            match self.scheduler.shared == before {
                true => assert!(seat.held() > seat.line.own()),
                false => assert!(self.scheduler.shared > 0),
            }
        }
    }

    /// A call runs: within its limits, whatever they were when others started.
    fn start(&mut self, place: Place, customer: Customer) {
        self.running.push((place, customer));
        let concurrency = self.add_ons[&place].concurrency;
        assert!(self.held_by(place, |_| true) <= concurrency.slots);
        let held = self.held_by(place, |other| other == customer);
        assert!(held <= self.most(place, concurrency));
    }

    fn end(&mut self, place: Place, customer: Customer) {
        let granted = self.scheduler.end(place, customer);
        self.served(&granted);
    }

    fn served(&mut self, granted: &[Granted]) {
        for granted in granted {
            let (place, customer) = self.waiting.remove(&granted.ticket).expect("it waits");
            assert_eq!(customer, granted.customer);
            self.start(place, customer);
        }
    }

    fn quit(&mut self, ticket: Ticket) {
        let (place, customer) = self.waiting.remove(&ticket).expect("it waits");
        assert!(self.scheduler.quit(place, customer, ticket));
        assert!(!self.scheduler.quit(place, customer, ticket));
    }

    /// Whether the add-on has less than the slots of its own, and the customer less than
    /// what it may have of those.
    fn is_due_at_once(&self, place: Place, customer: Customer) -> bool {
        let own = Fairness::default().bound(self.seat(place).held());
        let all = self.held_by(place, |_| true);
        let held = self.held_by(place, |other| other == customer);
        (all == 0 && own.slots > 0) || (all < own.slots && held < own.customer)
    }

    fn seat(&self, place: Place) -> &Seat {
        &self.scheduler.seats[place.0]
    }

    fn most(&self, place: Place, bound: Bound) -> usize {
        match self.seat(place).line.several() {
            true => bound.customer,
            false => bound.slots,
        }
    }

    fn held_by(&self, place: Place, whose: impl Fn(Customer) -> bool) -> usize {
        let held = self.running.iter();
        held.filter(|(at, customer)| *at == place && whose(*customer))
            .count()
    }

    fn waiting_at(&self, place: Place) -> usize {
        self.waiting.values().filter(|(at, _)| *at == place).count()
    }

    /// The slots that are guaranteed to nobody.
    fn pool(&self) -> usize {
        let guaranteed = self.add_ons.values().map(|it| it.guaranteed.slots);
        self.capacity - guaranteed.sum::<usize>()
    }

    fn owed(&self) -> usize {
        self.scheduler.seats.iter().map(Seat::owed).sum()
    }

    /// No slot is lost or used twice, and what is owed is what runs beyond the pool: so a
    /// call that ends pays for a guarantee before anybody gets a shared slot.
    fn check(&self) {
        assert!(self.running.len() <= self.capacity);
        let taken: usize = self.scheduler.seats.iter().map(Seat::taken).sum();
        assert_eq!(taken + self.scheduler.shared, self.capacity);
        let shared = self.scheduler.seats.iter().map(|seat| seat.line.shared());
        let shared: usize = shared.sum();
        assert_eq!(self.owed(), shared.saturating_sub(self.pool()));
        assert_eq!(self.scheduler.shared, self.pool().saturating_sub(shared));
        for (place, add_on) in &self.add_ons {
            let seat = self.seat(*place);
            let running = seat.line.own() + seat.line.shared();
            assert_eq!(running, self.held_by(*place, |_| true));
            assert_eq!(seat.line.waiting(), self.waiting_at(*place));
            assert!(seat.line.own() <= seat.held());
            assert_eq!(seat.held() + seat.owed(), add_on.guaranteed.slots);
            assert_eq!(self.scheduler.owed.contains(place), seat.owed() > 0);
        }
        let seats = self.add_ons.len() + self.scheduler.vacant.len();
        assert_eq!(self.scheduler.seats.len(), seats);
        assert!(seats <= self.most);
        self.nobody_waits_in_vain();
    }

    /// Work conservation: whoever waits is at a limit of the customer's or the add-on's,
    /// or there is neither a slot of the add-on's own nor a shared one.
    fn nobody_waits_in_vain(&self) {
        for (place, customer) in self.waiting.values() {
            let slot = self.seat(*place).slot(*customer, self.scheduler.shared);
            assert_eq!(slot, None, "{customer:?} waits beside a free slot");
            let concurrency = self.add_ons[place].concurrency;
            let limit = self.most(*place, concurrency);
            let at_limit = self.held_by(*place, |_| true) >= concurrency.slots
                || self.held_by(*place, |other| other == *customer) >= limit;
            assert!(at_limit || self.scheduler.shared == 0);
        }
    }

    /// Ends every call, and those that come to run by it: nobody is left waiting, and the
    /// host is as if it had just been divided.
    fn run_dry(mut self) {
        while let Some((place, customer)) = self.running.pop() {
            self.end(place, customer);
            self.check();
        }
        for (ticket, (place, _)) in self.waiting.clone() {
            // Nothing is shared, and nothing is guaranteed to it any longer.
            let stranded = self.pool() == 0 && self.add_ons[&place].guaranteed.slots == 0;
            assert!(stranded, "{place:?} is forgotten");
            self.quit(ticket);
        }
        assert!(self.scheduler.crowded.is_empty());
        assert!(self.scheduler.owed.is_empty());
        assert_eq!(self.scheduler.shared, self.pool());
        for place in self.add_ons.keys().copied().collect::<Vec<_>>() {
            assert!(self.seat(place).line.is_empty());
            self.remove(place);
            self.check();
        }
        assert_eq!(self.scheduler.shared, self.capacity);
        assert_eq!(self.scheduler.vacant.len(), self.scheduler.seats.len());
    }
}

fn a_demand() -> impl Strategy<Value = Demand> {
    let demand = (1..8_usize, 1..10_usize, 0..8_usize);
    demand.prop_map(|(weight, concurrency, queue)| Demand {
        weight,
        concurrency,
        queue,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        5 => (index(), 0..4_u8).prop_map(|(at, number)| Step::Ask(at, number)),
        1 => (index(), 0..4_u8).prop_map(|(at, number)| Step::Try(at, number)),
        3 => index().prop_map(Step::End),
        1 => index().prop_map(Step::Quit),
    ]
}

fn reload() -> impl Strategy<Value = Step> {
    let named = vec((any::<Index>(), a_demand()), 0..6);
    prop_oneof![
        2 => Just(Step::Add),
        2 => any::<Index>().prop_map(Step::Remove),
        3 => named.prop_map(Step::Arrange),
    ]
}

proptest! {
    #[test]
    fn no_limit_is_passed_and_everybody_who_waits_is_served_or_told(
        capacity in 1..24_usize,
        demands in vec(a_demand(), 1..6),
        steps in vec(step(), 0..200),
    ) {
        let mut trial = Trial::new(capacity, &demands);
        for step in &steps {
            trial.take(step);
            trial.check();
        }
        trial.run_dry();
    }

    /// The same, while the host is divided anew among add-ons that come and go.
    #[test]
    fn a_new_division_passes_no_limit_and_forgets_nobody(
        capacity in 1..24_usize,
        demands in vec(a_demand(), 0..4),
        steps in vec(prop_oneof![8 => step(), 1 => reload()], 0..300),
    ) {
        let mut trial = Trial::new(capacity, &demands);
        for step in &steps {
            trial.take(step);
            trial.check();
        }
        trial.run_dry();
    }

    /// Where there are several customers, none ever comes to hold more than its part.
    #[test]
    fn no_customer_passes_its_part(
        capacity in 1..24_usize,
        demand in (1..10_usize, 0..8_usize),
        steps in vec(step(), 0..200),
    ) {
        let demand = super::demand(demand.0, demand.1);
        let mut trial = Trial::new(capacity, &[demand]);
        for number in [0, 1] {
            trial.ask(Place(0), customer(number));
            while let Some((place, customer)) = trial.running.pop() {
                trial.end(place, customer);
            }
        }
        let most = trial.scheduler.seats[0].share.concurrency.customer;
        for step in &steps {
            trial.take(step);
            let mut held: BTreeMap<Customer, usize> = BTreeMap::new();
            for (_, customer) in &trial.running {
                *held.entry(*customer).or_default() += 1;
            }
            prop_assert!(held.values().all(|held| *held <= most), "{held:?} of {most}");
        }
    }
}
