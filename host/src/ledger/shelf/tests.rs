use std::borrow::Cow;

use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use proptest::prelude::*;

use super::*;
use crate::ledger::answer::SHORT;
use crate::ledger::tests::{content, key, told};
use crate::told::Failed;

const MINUTE: Duration = Duration::from_secs(60);
const ROOM: usize = 1 << 20;

/// A shelf and a clock that is set by hand.
struct Bench {
    shelf: Shelf,
    now: Instant,
    room: usize,
}

impl Bench {
    fn new() -> Self {
        Self {
            shelf: Shelf::default(),
            now: Instant::now(),
            room: ROOM,
        }
    }

    fn ask(&mut self, request: u64, says: u8) -> Place {
        self.shelf
            .ask(key(request), content(says), MINUTE, self.now)
    }

    fn land(&mut self, request: u64, body: &str) -> u64 {
        let told = Arc::new(told(StatusCode::OK, body));
        let answer = Some(Answer::of(&told));
        self.shelf
            .land(&key(request), answer, MINUTE, self.room, self.now)
    }

    /// A call from its beginning to its end.
    fn call(&mut self, request: u64, body: &str) -> u64 {
        assert!(matches!(self.ask(request, 0), Place::Free(_)), "{request}");
        self.land(request, body)
    }

    fn answer(&mut self, request: u64) -> Option<String> {
        match self.ask(request, 0) {
            Place::Answered(told) => Some(String::from_utf8(told.body.to_vec()).unwrap()),
            _ => None,
        }
    }
}

#[test]
fn a_call_is_begun_once_and_answered_from_then_on() {
    let mut bench = Bench::new();
    let Place::Free(first) = bench.ask(1, 0) else {
        panic!("somebody was here before");
    };
    assert!(matches!(bench.ask(1, 0), Place::Running(flight) if Arc::ptr_eq(&flight, &first)));
    assert!(matches!(bench.ask(2, 0), Place::Free(_)));
    bench.land(1, "one");
    for _ in 0..3 {
        assert_eq!(bench.answer(1).as_deref(), Some("one"));
    }
    assert!(matches!(bench.ask(2, 0), Place::Running(_)));
}

#[test]
fn an_answer_is_told_again_as_it_was_whatever_it_is() {
    let said = |length: usize| told(StatusCode::OK, &"x".repeat(length));
    let refused = Told {
        header: Some((RETRY_AFTER, HeaderValue::from_static("1"))),
        ..told(StatusCode::SERVICE_UNAVAILABLE, "later")
    };
    let failed = Told {
        failed: Some(Failed {
            degraded: true,
            reason: "it trapped".to_owned(),
        }),
        code: Cow::Owned("of_its_own".to_owned()),
        ..said(3)
    };
    let lengths = [0, 1, SHORT, SHORT + 1, 60_000].map(said);
    for told in lengths.into_iter().chain([refused, failed]) {
        let told = Arc::new(told);
        let answer = Answer::of(&told);
        assert_eq!((answer.body(), answer.size()), (&*told.body, told.size()));
        let again = answer.told();
        assert_eq!((again.status, &again.body), (told.status, &told.body));
        assert_eq!((&again.header, &again.code), (&told.header, &told.code));
        let reason = |told: &Told| told.failed.as_ref().map(|failed| failed.reason.clone());
        assert_eq!(reason(&again), reason(&told));
    }
}

#[test]
fn one_that_is_kept_takes_no_more_than_it_is_counted_for() {
    let links = 2 * size_of::<usize>();
    let slot = 2 * size_of::<usize>();
    assert!(links + slot + size_of::<(Key, Kept)>() <= OVERHEAD);
}

#[test]
fn what_many_answers_took_is_given_back_once_they_are_gone() {
    let mut bench = Bench::new();
    for request in 0..1_000 {
        bench.call(request, "one");
    }
    let most = bench.shelf.kept.capacity();
    bench.shelf.shrink();
    assert_eq!(bench.shelf.kept.capacity(), most);
    bench.now += MINUTE;
    bench.shelf.expire(MINUTE, bench.now);
    bench.shelf.shrink();
    assert_eq!(bench.shelf.kept.capacity(), 0);
}

#[test]
fn what_does_not_last_leaves_nothing() {
    let mut bench = Bench::new();
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
    bench.shelf.land(&key(1), None, MINUTE, ROOM, bench.now);
    assert_eq!(bench.shelf.size(), (0, 0));
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
}

#[test]
fn other_content_is_refused_while_the_call_runs_and_afterwards() {
    let mut bench = Bench::new();
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
    assert!(matches!(bench.ask(1, 1), Place::Reused));
    bench.land(1, "one");
    assert!(matches!(bench.ask(1, 1), Place::Reused));
    assert_eq!(bench.answer(1).as_deref(), Some("one"));
}

#[test]
fn content_that_was_read_differently_is_no_proof_of_another_request() {
    let mut bench = Bench::new();
    let otherwise = Content {
        reading: 9,
        ..content(1)
    };
    let ask = |bench: &mut Bench| bench.shelf.ask(key(1), otherwise, MINUTE, bench.now);
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
    assert!(matches!(ask(&mut bench), Place::Unclear));
    bench.land(1, "one");
    // The later one runs, and takes the place of the earlier.
    assert!(matches!(ask(&mut bench), Place::Free(_)));
    assert_eq!(bench.shelf.size(), (0, 0));
    bench.land(1, "two");
    assert!(matches!(ask(&mut bench), Place::Answered(_)));
    // A fingerprint that is the same needs no other proof.
    let mut bench = Bench::new();
    bench.call(1, "one");
    let again = Content {
        reading: 9,
        ..content(0)
    };
    let found = bench.shelf.ask(key(1), again, MINUTE, bench.now);
    assert!(matches!(found, Place::Answered(_)));
}

#[test]
fn an_answer_is_kept_for_so_long_from_its_end_and_no_longer() {
    let mut bench = Bench::new();
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
    bench.now += 5 * MINUTE;
    bench.land(1, "one");
    bench.now += MINUTE - Duration::from_nanos(1);
    assert_eq!(bench.answer(1).as_deref(), Some("one"));
    bench.now += Duration::from_nanos(1);
    // Its content means nothing any more either.
    assert!(matches!(bench.ask(1, 1), Place::Free(_)));
    assert_eq!(bench.shelf.size(), (0, 0));
}

#[test]
fn what_is_over_goes_whenever_something_comes_and_whenever_it_is_looked_for() {
    let mut bench = Bench::new();
    bench.call(1, "one");
    bench.now += MINUTE / 2;
    bench.call(2, "two");
    bench.now += MINUTE / 2;
    assert_eq!(bench.call(3, "three"), 0);
    assert_eq!(bench.shelf.size().0, 2);
    bench.now += MINUTE / 2;
    bench.shelf.expire(MINUTE, bench.now);
    assert_eq!(bench.shelf.size().0, 1);
    // Once nothing is kept any more, nothing is.
    bench.shelf.expire(Duration::ZERO, bench.now);
    assert_eq!(bench.shelf.size(), (0, 0));
}

#[test]
fn the_oldest_make_room_and_calls_that_run_are_not_touched() {
    let mut bench = Bench::new();
    bench.room = 3 * (OVERHEAD + 100);
    let body = "x".repeat(93);
    assert!(matches!(bench.ask(9, 0), Place::Free(_)));
    for request in 1..=3 {
        assert_eq!(bench.call(request, &body), 0);
    }
    // Being asked for makes nothing younger.
    assert!(bench.answer(1).is_some());
    assert_eq!(bench.call(4, &body), 1);
    assert!(bench.answer(2).is_some() && bench.answer(4).is_some());
    assert!(matches!(bench.ask(9, 0), Place::Running(_)));
    assert!(matches!(bench.ask(1, 0), Place::Free(_)));
    // One that needs more room than there is is not kept either.
    assert_eq!(bench.call(5, &"x".repeat(bench.room)), 4);
    assert_eq!(bench.shelf.size(), (0, 0));
}

#[test]
fn what_is_erased_is_gone_and_what_runs_is_not_kept() {
    let mut bench = Bench::new();
    for (request, body) in [(1, "of +12125550123"), (2, "of +12125550124"), (3, "")] {
        bench.call(request, body);
    }
    assert!(matches!(bench.ask(4, 0), Place::Free(_)));
    let number = b"+12125550123";
    let has = |kept: &Remembered<'_>| kept.body.windows(number.len()).any(|it| it == number);
    assert_eq!(bench.shelf.erase(&has), 1);
    assert!(bench.answer(2).is_some() && bench.answer(3).is_some());
    assert_eq!(bench.shelf.size(), (2, 2 * (OVERHEAD + 7) + 15));
    bench.land(4, "of +12125550123");
    assert_eq!(bench.shelf.size().0, 2);
    let install = content(0).install;
    assert_eq!(bench.shelf.erase(&|kept| kept.install == install), 2);
    assert_eq!(bench.shelf.size(), (0, 0));
}

proptest! {
    /// Whatever happens in whatever order, no more is kept than there is room for, it is
    /// counted right, and an answer is the one that was given last under its SID.
    #[test]
    fn what_is_counted_is_what_is_there(
        steps in proptest::collection::vec((0_u64..6, 0_u8..4, 0_usize..400, 0_u64..40), 0..80),
    ) {
        let mut bench = Bench::new();
        bench.room = 3 * OVERHEAD + 400;
        let mut given: HashMap<u64, String> = HashMap::new();
        for (request, step, length, seconds) in steps {
            bench.now += Duration::from_secs(seconds);
            let body = format!("{request} {}", "x".repeat(length));
            match step {
                0 => if matches!(bench.ask(request, 0), Place::Free(_)) {
                    given.remove(&request);
                }
                1 => if bench.shelf.running.contains_key(&key(request)) {
                    bench.land(request, &body);
                    given.insert(request, body);
                }
                2 => if let Place::Answered(told) = bench.ask(request, 0) {
                    prop_assert_eq!(given.get(&request).map(String::as_bytes), Some(&*told.body));
                }
                _ => { bench.shelf.expire(MINUTE, bench.now); }
            }
            let bytes: usize = bench.shelf.kept.values().map(Kept::size).sum();
            prop_assert_eq!(bench.shelf.size(), (bench.shelf.kept.len(), bytes));
            prop_assert!(bytes <= bench.room);
        }
    }
}
