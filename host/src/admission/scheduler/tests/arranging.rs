//! The host divided anew while calls run, a rule at a time.

use super::*;

fn weighed(weight: usize, concurrency: usize, queue: usize) -> Demand {
    Demand {
        weight,
        concurrency,
        queue,
    }
}

/// Divides anew among the add-ons at these places. Returns whose calls run by it.
fn arrange(scheduler: &mut Scheduler, demands: &[(usize, Demand)]) -> Vec<Customer> {
    let demands = demands
        .iter()
        .map(|(place, demand)| (Place(*place), *demand));
    let demands: Vec<(Place, Demand)> = demands.collect();
    customers(&scheduler.arrange(&demands))
}

/// How many calls of a customer run before one does not.
fn fill(scheduler: &mut Scheduler, place: usize, number: u8) -> usize {
    (0..)
        .take_while(|_| ask(scheduler, place, number) == Asked::Runs)
        .count()
}

fn waits(scheduler: &mut Scheduler, place: usize, number: u8) {
    let asked = ask(scheduler, place, number);
    assert!(matches!(asked, Asked::Waits(_, None)), "{asked:?}");
}

/// The slots that an add-on holds, and those that it is owed.
fn held(scheduler: &Scheduler, place: usize) -> (usize, usize) {
    let seat = &scheduler.seats[place];
    (seat.held(), seat.owed())
}

#[test]
fn an_add_on_has_no_slot_before_it_is_named() {
    let mut scheduler = scheduler(8, &[demand(8, 8)]);
    assert_eq!(scheduler.add(), Place(1));
    assert_eq!(ask(&mut scheduler, 1, 1), Asked::Full);
    assert!(!scheduler.try_ask(Place(1), customer(1)));
    assert_eq!(held(&scheduler, 0), (4, 0));
    arrange(&mut scheduler, &[(0, demand(8, 8)), (1, demand(8, 8))]);
    assert_eq!(ask(&mut scheduler, 1, 1), Asked::Runs);
    assert_eq!(held(&scheduler, 0), (2, 0));
}

#[test]
fn a_new_guarantee_comes_true_as_the_calls_in_its_slots_end() {
    let mut scheduler = scheduler(8, &[demand(8, 0), demand(8, 8)]);
    assert_eq!(ask(&mut scheduler, 1, 2), Asked::Runs);
    for _ in 0..5 {
        assert_eq!(ask(&mut scheduler, 1, 2), Asked::Runs);
    }
    waits(&mut scheduler, 1, 2);
    scheduler.add();
    let demands = [
        (0, weighed(1, 8, 0)),
        (1, weighed(1, 8, 8)),
        (2, weighed(4, 8, 8)),
    ];
    // One, one and two of eight are guaranteed now; five calls of the second run in the
    // four slots that are shared.
    assert_eq!(arrange(&mut scheduler, &demands), []);
    assert_eq!(held(&scheduler, 2), (1, 1));
    assert_eq!(ask(&mut scheduler, 2, 3), Asked::Runs);
    waits(&mut scheduler, 2, 3);
    // The slot that was the first's before is still.
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    assert_eq!(end(&mut scheduler, 0, 1), []);
    // The third's own comes before the second's claim to what is shared.
    assert_eq!(end(&mut scheduler, 1, 2), [customer(3)]);
    assert_eq!(held(&scheduler, 2), (2, 0));
    assert_eq!(end(&mut scheduler, 1, 2), [customer(2)]);
}

#[test]
fn an_add_on_that_is_not_named_keeps_its_calls_and_loses_its_guarantee() {
    let mut scheduler = scheduler(8, &[demand(8, 8)]);
    assert_eq!(fill(&mut scheduler, 0, 1), 8);
    scheduler.add();
    assert_eq!(arrange(&mut scheduler, &[(1, demand(8, 8))]), []);
    assert_eq!(held(&scheduler, 0), (0, 0));
    // Its eight calls run where four slots are shared: the newcomer's four come first.
    assert_eq!(held(&scheduler, 1), (0, 4));
    for owed in (0..4).rev() {
        assert_eq!(end(&mut scheduler, 0, 1), []);
        assert_eq!(held(&scheduler, 1), (4 - owed, owed));
    }
    // And then those of its calls that wait.
    assert_eq!(end(&mut scheduler, 0, 1), [customer(1)]);
    assert_eq!(fill(&mut scheduler, 1, 2), 4);
}

#[test]
fn calls_in_shared_slots_run_in_guaranteed_ones_when_there_are_more_of_those() {
    let mut scheduler = scheduler(8, &[weighed(1, 8, 0), weighed(3, 8, 0)]);
    assert_eq!(fill(&mut scheduler, 0, 1), 5);
    assert_eq!(scheduler.shared, 0);
    let demands = [(0, weighed(3, 8, 0)), (1, weighed(1, 8, 0))];
    arrange(&mut scheduler, &demands);
    assert_eq!(held(&scheduler, 0), (3, 0));
    assert_eq!(held(&scheduler, 1), (1, 0));
    assert_eq!(scheduler.shared, 2);
    assert_eq!(fill(&mut scheduler, 1, 2), 3);
}

#[test]
fn whoever_waits_and_now_may_run_does() {
    for (name, demands, served) in [
        ("a higher limit", [weighed(1, 4, 8), weighed(1, 8, 8)], 3),
        ("the same limit", [weighed(1, 1, 8), weighed(1, 8, 8)], 0),
        (
            "more is guaranteed",
            [weighed(9, 8, 8), weighed(1, 8, 8)],
            5,
        ),
    ] {
        let mut scheduler = scheduler(8, &[weighed(1, 1, 8), weighed(1, 8, 8)]);
        assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
        for _ in 0..5 {
            waits(&mut scheduler, 0, 1);
        }
        let demands = [(0, demands[0]), (1, demands[1])];
        let granted = arrange(&mut scheduler, &demands);
        assert_eq!(granted, vec![customer(1); served], "{name}");
    }
}

#[test]
fn where_more_run_than_a_lower_limit_allows_nobody_new_does_until_enough_have_ended() {
    let mut scheduler = scheduler(16, &[demand(6, 8)]);
    for _ in 0..6 {
        assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    }
    waits(&mut scheduler, 0, 1);
    assert_eq!(arrange(&mut scheduler, &[(0, demand(2, 8))]), []);
    for _ in 0..4 {
        assert_eq!(end(&mut scheduler, 0, 1), []);
    }
    assert_eq!(end(&mut scheduler, 0, 1), [customer(1)]);
}

#[test]
fn a_customers_part_is_the_new_one_for_newcomers() {
    let mut scheduler = scheduler(64, &[demand(8, 0)]);
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
    assert_eq!(fill(&mut scheduler, 0, 1), 6);
    arrange(&mut scheduler, &[(0, demand(16, 0))]);
    assert_eq!(fill(&mut scheduler, 0, 1), 6);
    arrange(&mut scheduler, &[(0, demand(16, 0))]);
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Full);
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
}

#[test]
fn a_shorter_queue_displaces_nobody_and_lets_nobody_in() {
    let mut scheduler = scheduler(16, &[demand(1, 3)]);
    assert_eq!(ask(&mut scheduler, 0, 1), Asked::Runs);
    for number in [1, 2, 3] {
        waits(&mut scheduler, 0, number);
    }
    assert_eq!(arrange(&mut scheduler, &[(0, demand(1, 1))]), []);
    assert_eq!(ask(&mut scheduler, 0, 4), Asked::Full);
    for (ending, number) in [(1, 1), (1, 2), (2, 3)] {
        assert_eq!(end(&mut scheduler, 0, ending), [customer(number)]);
    }
    waits(&mut scheduler, 0, 4);
    assert_eq!(ask(&mut scheduler, 0, 5), Asked::Full);
}

#[test]
fn an_add_on_that_goes_away_leaves_its_slots_to_those_who_wait() {
    let mut scheduler = scheduler(8, &[demand(8, 8), demand(8, 8)]);
    assert_eq!(fill(&mut scheduler, 0, 1), 6);
    waits(&mut scheduler, 0, 1);
    let granted = scheduler.remove(Place(1));
    assert_eq!(customers(&granted), [customer(1); 2]);
    assert_eq!(scheduler.shared, 0);
}

#[test]
fn the_places_of_those_who_went_are_used_again() {
    let mut scheduler = scheduler(8, &[demand(8, 8)]);
    let mut place = Place(0);
    for _ in 0..10_000 {
        let next = scheduler.add();
        scheduler.arrange(&[(next, demand(8, 8))]);
        assert_eq!(scheduler.ask(next, customer(1)), Asked::Runs);
        assert_eq!(scheduler.end(next, customer(1)), []);
        scheduler.remove(place);
        place = next;
    }
    assert_eq!(scheduler.seats.len(), 2);
    assert_eq!(scheduler.vacant.len(), 1);
    assert_eq!((held(&scheduler, place.0), scheduler.shared), ((4, 0), 4));
}

#[test]
fn the_last_word_on_an_add_on_counts() {
    let mut scheduler = scheduler(8, &[demand(8, 0)]);
    let twice = [(0, demand(1, 0)), (0, demand(3, 0))];
    arrange(&mut scheduler, &twice);
    assert_eq!((held(&scheduler, 0), scheduler.shared), ((3, 0), 5));
    assert_eq!(fill(&mut scheduler, 0, 1), 3);
}

/// Of eight slots, four are the add-on's own where it is alone, and two where it is not.
#[test]
fn a_call_that_must_make_nobody_wait_leaves_a_slot_of_each_kind() {
    let tries = |scheduler: &mut Scheduler, number: u8| {
        (0..100)
            .take_while(|_| scheduler.try_ask(Place(0), customer(number)))
            .count()
    };
    // Three of its own and three shared ones.
    let mut alone = scheduler(8, &[demand(8, 8)]);
    assert_eq!(tries(&mut alone, 1), 6);
    assert_eq!(fill(&mut alone, 0, 1), 2);
    assert_eq!(tries(&mut alone, 1), 0);
    // One of its own and three shared ones.
    let mut beside = scheduler(8, &[demand(8, 8), demand(8, 8)]);
    assert_eq!(tries(&mut beside, 1), 4);
    assert_eq!(fill(&mut beside, 1, 2), 3);
    // All but one that its limit allows.
    let mut limited = scheduler(8, &[demand(3, 8)]);
    assert_eq!(tries(&mut limited, 1), 2);
    assert_eq!(ask(&mut limited, 0, 1), Asked::Runs);
    // All but one of the customer's part.
    let mut several = scheduler(64, &[demand(8, 8)]);
    assert_eq!(ask(&mut several, 0, 2), Asked::Runs);
    assert_eq!(tries(&mut several, 1), 5);
    assert_eq!(ask(&mut several, 0, 1), Asked::Runs);
}

#[test]
fn a_call_that_must_make_nobody_wait_goes_after_all_who_do() {
    let mut scheduler = scheduler(64, &[demand(8, 8)]);
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
    assert_eq!(fill(&mut scheduler, 0, 1), 6);
    // The first customer waits at the limit of its part.
    assert!(!scheduler.try_ask(Place(0), customer(2)));
    assert_eq!(ask(&mut scheduler, 0, 2), Asked::Runs);
}
