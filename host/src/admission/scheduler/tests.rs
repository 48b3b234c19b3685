//! One rule each, and in `trial` all of them at once.

mod arranging;
mod trial;

use super::*;
use crate::admission::shares::Demand;

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
    let mut scheduler = Scheduler::new(capacity, Fairness::default());
    let demands: Vec<_> = demands.iter().map(|it| (scheduler.add(), *it)).collect();
    assert_eq!(scheduler.arrange(&demands), []);
    scheduler
}

fn ask(scheduler: &mut Scheduler, place: usize, number: u8) -> Asked {
    scheduler.ask(Place(place), customer(number))
}

/// The customers who run after one call has ended.
fn end(scheduler: &mut Scheduler, place: usize, number: u8) -> Vec<Customer> {
    customers(&scheduler.end(Place(place), customer(number)))
}

fn customers(granted: &[Granted]) -> Vec<Customer> {
    granted.iter().map(|turn| turn.customer).collect()
}

impl Scheduler {
    /// The add-ons there are, the places there have ever been at once, and the shared
    /// slots that are free.
    pub(in crate::admission) fn counts(&self) -> (usize, usize, usize) {
        let places = self.seats.len();
        (places - self.vacant.len(), places, self.shared)
    }
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
    assert_eq!(end(&mut scheduler, 0, 2), [customer(2)]);
    assert_eq!(end(&mut scheduler, 0, 2), [customer(3)]);
    assert_eq!(end(&mut scheduler, 0, 3), [customer(4)]);
    // The first has all that one customer may have, until a call of its own ends.
    assert_eq!(end(&mut scheduler, 0, 4), []);
    assert_eq!(end(&mut scheduler, 0, 1), [customer(1)]);
}

#[test]
fn a_shared_slot_goes_to_the_add_on_with_the_fewest_for_its_weight() {
    let weighed = |weight| Demand {
        weight,
        ..demand(64, 9)
    };
    let mut scheduler = scheduler(16, &[weighed(1), weighed(3), weighed(1)]);
    // The first has all eight shared slots and its own. Every add-on has one customer.
    while ask(&mut scheduler, 0, 0) == Asked::Runs {}
    for (place, number, own) in [(1, 1, 4), (2, 2, 1)] {
        for _ in 0..own {
            assert_eq!(ask(&mut scheduler, place, number), Asked::Runs);
        }
        for _ in 0..4 {
            assert!(matches!(
                ask(&mut scheduler, place, number),
                Asked::Waits(..)
            ));
        }
    }
    let served: Vec<Customer> = (0..6).flat_map(|_| end(&mut scheduler, 0, 0)).collect();
    assert_eq!(served, [1, 2, 1, 1, 1, 2].map(customer));
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
