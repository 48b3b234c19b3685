use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn customer(number: u8) -> Customer {
    Customer(format!("XD{number:032x}").parse().ok())
}

fn demand(concurrency: usize, queue: usize) -> Demand {
    Demand {
        weight: 1,
        concurrency,
        queue,
    }
}

fn scheduler(capacity: usize, demands: &[Demand]) -> Scheduler {
    Scheduler::new(capacity, Fairness::default(), demands)
}

fn ask(scheduler: &mut Scheduler, place: usize, number: u8) -> Asked {
    scheduler.ask(Place(place), customer(number))
}

/// The customers who run after one call has ended.
fn end(scheduler: &mut Scheduler, place: usize, number: u8) -> Vec<(usize, Customer)> {
    let granted = scheduler.end(Place(place), customer(number));
    let shown = granted.iter().map(|turn| (turn.place.0, turn.customer));
    shown.collect()
}

#[test]
fn an_add_on_that_floods_the_host_leaves_the_others_their_part() {
    let mut scheduler = scheduler(8, &[demand(64, 0), demand(64, 0)]);
    let runs = (0..100).filter(|_| ask(&mut scheduler, 0, 1) == Asked::Runs);
    assert_eq!(runs.count(), 6);
    assert_eq!(ask(&mut scheduler, 1, 1), Asked::Runs);
    assert_eq!(ask(&mut scheduler, 1, 1), Asked::Runs);
    assert_eq!(ask(&mut scheduler, 1, 1), Asked::Full);
}

#[test]
fn the_only_customer_of_an_add_on_may_have_all_of_it() {
    let mut scheduler = scheduler(16, &[demand(4, 0)]);
    for _ in 0..4 {
        assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    }
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Full);
}

#[test]
fn one_of_several_customers_leaves_a_slot_to_the_others() {
    let mut scheduler = scheduler(16, &[demand(4, 0)]);
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
    assert_eq!(end(&mut scheduler, 0, 2), []);
    for _ in 0..3 {
        assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    }
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Full);
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
}

#[test]
fn a_customer_leaves_a_guaranteed_slot_to_the_others_where_all_shared_ones_are_taken() {
    let mut scheduler = scheduler(16, &[demand(64, 0), demand(64, 0)]);
    for place in [0, 1] {
        for number in [1, 2] {
            assert_eq!(ask(&mut scheduler, place, number), Asked::Runs);
            end(&mut scheduler, place, number);
        }
    }
    while ask(&mut scheduler, 1, 1) == Asked::Runs {}
    assert_eq!(
        (0..100)
            .filter(|_| ask(&mut scheduler, 0, 1) == Asked::Runs)
            .count(),
        3
    );
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
}

#[test]
fn who_has_the_fewest_calls_is_served_first_and_then_who_came_first() {
    let mut scheduler = scheduler(16, &[demand(3, 9)]);
    for number in [1, 1, 2] {
        assert_eq!(ask(&mut scheduler, 0, number), Asked::Runs);
    }
    for number in [1, 2, 3, 4] {
        assert!(matches!(ask(&mut scheduler, 0, number), Asked::Waits(..)));
    }
    assert_eq!(end(&mut scheduler, 0, 2), [(0, customer(2))]);
    assert_eq!(end(&mut scheduler, 0, 2), [(0, customer(3))]);
    assert_eq!(end(&mut scheduler, 0, 3), [(0, customer(4))]);
    // The first has all that one customer may have, until a call of its own ends.
    assert_eq!(end(&mut scheduler, 0, 4), []);
    assert_eq!(end(&mut scheduler, 0, 1), [(0, customer(1))]);
}

#[test]
fn a_shared_slot_goes_to_the_add_on_with_the_fewest_for_its_weight() {
    let weighed = |weight| Demand {
        weight,
        ..demand(64, 9)
    };
    let mut scheduler = scheduler(16, &[weighed(1), weighed(3), weighed(1)]);
    // The first has all eight shared slots and its own.
    while ask(&mut scheduler, 0, 1) == Asked::Runs {}
    let own = [4, 1];
    for (place, own) in [1, 2].into_iter().zip(own) {
        for _ in 0..own {
            assert_eq!(ask(&mut scheduler, place, 1), Asked::Runs);
        }
        for _ in 0..4 {
            assert!(matches!(ask(&mut scheduler, place, 1), Asked::Waits(..)));
        }
    }
    let served: Vec<usize> = (0..6)
        .flat_map(|_| end(&mut scheduler, 0, 1))
        .map(|it| it.0)
        .collect();
    assert_eq!(served, [1, 2, 1, 1, 1, 2]);
}

#[test]
fn a_newcomer_displaces_the_newest_call_of_the_longest_queue() {
    let mut scheduler = scheduler(16, &[demand(1, 3)]);
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    for ticket in 0..3 {
        assert_eq!(
            ask(&mut scheduler, 0, 1),
            Asked::Waits(Ticket(ticket), None)
        );
    }
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Full);
    assert_eq!(
        ask(&mut scheduler, 0, 2),
        Asked::Waits(Ticket(3), Some(Ticket(2)))
    );
    // Two against one: to displace another would only turn the tables.
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Full);
    assert_eq!(
        ask(&mut scheduler, 0, 3),
        Asked::Waits(Ticket(4), Some(Ticket(1)))
    );
    assert_eq!(ask(&mut scheduler, 0, 4), Asked::Full);
}

/// A host under test, and what it should hold.
struct Trial {
    scheduler: Scheduler,
    capacity: usize,
    demands: Vec<Demand>,
    running: Vec<(Place, Customer)>,
    waiting: HashMap<Ticket, (Place, Customer)>,
}

#[derive(Debug, Clone)]
enum Step {
    Ask(prop::sample::Index, u8),
    End(prop::sample::Index),
    Quit(prop::sample::Index),
}

impl Trial {
    fn new(capacity: usize, demands: Vec<Demand>) -> Self {
        Self {
            scheduler: scheduler(capacity, &demands),
            capacity,
            demands,
            running: Vec::new(),
            waiting: HashMap::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Ask(at, number) => {
                let place = Place(at.index(self.demands.len()));
                self.ask(place, customer(*number));
            }
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
        }
    }

    fn ask(&mut self, place: Place, customer: Customer) {
        let due = self.is_due_at_once(place, customer);
        match self.scheduler.ask(place, customer) {
            Asked::Runs => self.running.push((place, customer)),
            Asked::Waits(ticket, displaced) => {
                assert!(!due, "a guaranteed slot is free");
                if let Some(displaced) = displaced {
                    let (other, _) = self.waiting.remove(&displaced).expect("it waited");
                    assert_eq!(other, place);
                }
                assert!(self.waiting.insert(ticket, (place, customer)).is_none());
            }
            Asked::Full => {
                assert!(!due, "a guaranteed slot is free");
                assert_eq!(self.waiting_at(place), self.demands[place.0].queue);
            }
        }
    }

    fn end(&mut self, place: Place, customer: Customer) {
        for granted in self.scheduler.end(place, customer) {
            let waited = self.waiting.remove(&granted.ticket);
            assert_eq!(waited, Some((granted.place, granted.customer)));
            self.running.push((granted.place, granted.customer));
        }
    }

    fn quit(&mut self, ticket: Ticket) {
        let (place, customer) = self.waiting.remove(&ticket).expect("it waits");
        assert!(self.scheduler.quit(place, customer, ticket));
        assert!(!self.scheduler.quit(place, customer, ticket));
    }

    /// Whether the add-on has less than what is guaranteed, and the customer less than
    /// what it may have of that.
    fn is_due_at_once(&self, place: Place, customer: Customer) -> bool {
        let seat = &self.scheduler.seats[place.0];
        let first = self.held_by(place, |_| true) == 0 && seat.share.guaranteed.slots > 0;
        let held = self.held_by(place, |other| other == customer);
        let all = self.held_by(place, |_| true);
        let of_several = held < seat.share.guaranteed.customer;
        first || (all < seat.share.guaranteed.slots && of_several)
    }

    fn held_by(&self, place: Place, whose: impl Fn(Customer) -> bool) -> usize {
        let held = self.running.iter();
        held.filter(|(at, customer)| *at == place && whose(*customer))
            .count()
    }

    fn waiting_at(&self, place: Place) -> usize {
        self.waiting.values().filter(|(at, _)| *at == place).count()
    }

    fn check(&self) {
        assert!(self.running.len() <= self.capacity);
        let shared: usize = self
            .scheduler
            .seats
            .iter()
            .map(|seat| seat.line.shared())
            .sum();
        let own: usize = self
            .scheduler
            .seats
            .iter()
            .map(|seat| seat.line.own())
            .sum();
        assert_eq!(own + shared, self.running.len());
        let guaranteed: usize = self
            .scheduler
            .seats
            .iter()
            .map(|seat| seat.share.guaranteed.slots)
            .sum();
        assert_eq!(guaranteed + shared + self.scheduler.shared, self.capacity);
        for (number, demand) in self.demands.iter().enumerate() {
            let place = Place(number);
            assert!(self.held_by(place, |_| true) <= demand.concurrency);
            assert!(self.waiting_at(place) <= demand.queue);
            let seat = &self.scheduler.seats[number];
            assert!(seat.line.own() <= seat.share.guaranteed.slots);
        }
        self.nobody_waits_in_vain();
    }

    /// Work conservation: whoever waits is at a limit of the customer's or the add-on's,
    /// or there is neither a slot of the add-on's own nor a shared one.
    fn nobody_waits_in_vain(&self) {
        for (place, customer) in self.waiting.values() {
            let seat = &self.scheduler.seats[place.0];
            let slot = seat.slot(*customer, self.scheduler.shared);
            assert_eq!(slot, None, "{customer:?} waits beside a free slot");
            let limit = match seat.line.several() {
                true => seat.share.concurrency.customer,
                false => seat.share.concurrency.slots,
            };
            let at_limit = self.held_by(*place, |_| true) == seat.share.concurrency.slots
                || self.held_by(*place, |other| other == *customer) >= limit;
            assert!(at_limit || self.scheduler.shared == 0);
        }
    }

    /// Ends every call, and those that come to run by it: nobody is left waiting.
    fn run_dry(mut self) {
        while let Some((place, customer)) = self.running.pop() {
            self.end(place, customer);
            self.check();
        }
        assert!(self.waiting.is_empty(), "{:?}", self.waiting);
        assert!(self.scheduler.crowded.is_empty());
    }
}

fn demands() -> impl Strategy<Value = Vec<Demand>> {
    let demand = (1..8_usize, 1..10_usize, 0..8_usize);
    let demand = demand.prop_map(|(weight, concurrency, queue)| Demand {
        weight,
        concurrency,
        queue,
    });
    vec(demand, 1..6)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        5 => (index(), 0..4_u8).prop_map(|(at, number)| Step::Ask(at, number)),
        3 => index().prop_map(Step::End),
        1 => index().prop_map(Step::Quit),
    ];
    vec(step, 0..200)
}

proptest! {
    #[test]
    fn no_limit_is_passed_and_everybody_who_waits_is_served_or_told(
        capacity in 1..24_usize,
        demands in demands(),
        steps in steps(),
    ) {
        let mut trial = Trial::new(capacity, demands);
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
        steps in steps(),
    ) {
        let demand = self::demand(demand.0, demand.1);
        let mut trial = Trial::new(capacity, vec![demand]);
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
