use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3);
const CALL: Duration = Duration::from_millis(800);

fn circuit(failures: usize) -> Circuit {
    let rule = BreakerRule {
        failures,
        pause: PAUSE,
        longest_pause: LONGEST,
    };
    Circuit::new(rule, CALL)
}

fn failure() -> Outcome {
    Outcome::Failure("it trapped".into())
}

/// A circuit that has just opened, and when.
fn opened(failures: usize) -> (Circuit, Instant) {
    let (mut circuit, now) = (circuit(failures), Instant::now());
    for _ in 0..failures {
        let pass = circuit.admit(now).unwrap();
        circuit.conclude(pass, failure(), now);
    }
    assert!(circuit.admit(now).is_err());
    (circuit, now)
}

#[test]
fn only_a_run_of_failures_opens_it() {
    use Outcome::{Success, Unknown};
    for (outcomes, open) in [
        (vec![failure(), failure()], false),
        (vec![failure(), failure(), failure()], true),
        (vec![failure(), failure(), Success, failure()], false),
        (
            vec![failure(), Unknown, failure(), Unknown, failure()],
            true,
        ),
        (vec![Success, failure(), failure(), failure()], true),
    ] {
        let (mut circuit, now) = (circuit(3), Instant::now());
        for outcome in outcomes.clone() {
            let pass = circuit.admit(now).unwrap();
            circuit.conclude(pass, outcome, now);
        }
        assert_eq!(circuit.admit(now).is_err(), open, "{outcomes:?}");
    }
}

#[test]
fn it_says_once_that_it_opens_and_once_that_it_closes() {
    let (mut circuit, now) = (circuit(2), Instant::now());
    let [first, second, third] = [(); 3].map(|()| circuit.admit(now).unwrap());
    assert_eq!(circuit.conclude(first, failure(), now), None);
    let change = circuit.conclude(second, failure(), now);
    let Some(Change::Opened { why, pause }) = change else {
        panic!("{change:?}");
    };
    assert_eq!(pause, PAUSE);
    let text = "suspended after 2 failures in a row, the last: it trapped";
    assert_eq!(why.to_string(), text);
    assert_eq!(circuit.conclude(third, failure(), now), None);
    let probe = circuit.admit(now + PAUSE).unwrap();
    let change = circuit.conclude(probe, Outcome::Success, now + PAUSE);
    assert_eq!(change, Some(Change::Closed));
}

#[test]
fn one_probe_at_a_time_is_let_through_after_the_pause() {
    let (mut circuit, now) = opened(2);
    assert!(
        circuit
            .admit(now + PAUSE - Duration::from_nanos(1))
            .is_err()
    );
    assert!(circuit.admit(now + PAUSE).is_ok());
    assert!(circuit.admit(now + PAUSE).is_err());
}

#[test]
fn each_failed_probe_doubles_the_pause_up_to_the_longest() {
    let (mut circuit, mut now) = opened(2);
    for pause in [PAUSE, 2 * PAUSE, LONGEST, LONGEST] {
        assert!(circuit.admit(now + pause / 2).is_err());
        now += pause;
        let probe = circuit.admit(now).unwrap();
        assert_eq!(circuit.conclude(probe, failure(), now), None);
    }
    let why = circuit.admit(now).unwrap_err();
    assert_eq!(why.failures, 6);
}

#[test]
fn a_breaker_that_closed_forgets_what_was() {
    let (mut circuit, now) = opened(2);
    let now = now + PAUSE;
    let probe = circuit.admit(now).unwrap();
    circuit.conclude(probe, Outcome::Success, now);
    let pass = circuit.admit(now).unwrap();
    assert_eq!(circuit.conclude(pass, failure(), now), None);
    let pass = circuit.admit(now).unwrap();
    let change = circuit.conclude(pass, failure(), now);
    assert!(matches!(change, Some(Change::Opened { pause: PAUSE, .. })));
}

#[test]
fn calls_that_began_before_it_opened_change_nothing() {
    for outcome in [Outcome::Success, failure(), Outcome::Unknown] {
        let (mut circuit, now) = (circuit(1), Instant::now());
        let (late, first) = (circuit.admit(now).unwrap(), circuit.admit(now).unwrap());
        circuit.conclude(first, failure(), now);
        assert_eq!(circuit.conclude(late, outcome, now), None);
        assert!(circuit.admit(now).is_err());
        assert!(circuit.admit(now + PAUSE).is_ok());
    }
}

#[test]
fn a_call_that_waited_is_judged_by_the_state_it_meets() {
    let (mut circuit, now) = (circuit(1), Instant::now());
    let waiting = circuit.admit(now).unwrap();
    assert_eq!(circuit.renew(waiting, now), Ok(waiting));
    let first = circuit.admit(now).unwrap();
    circuit.conclude(first, failure(), now);
    assert!(circuit.renew(waiting, now).is_err());
    let now = now + PAUSE;
    let probe = circuit.renew(waiting, now).unwrap();
    assert!(circuit.admit(now).is_err());
    assert_eq!(circuit.renew(probe, now), Ok(probe));
    let change = circuit.conclude(probe, Outcome::Success, now);
    assert_eq!(change, Some(Change::Closed));
}

#[test]
fn a_probe_that_is_dropped_leaves_its_place_to_the_next() {
    let (mut circuit, now) = opened(2);
    let now = now + PAUSE;
    let probe = circuit.admit(now).unwrap();
    circuit.conclude(probe, Outcome::Unknown, now);
    assert!(circuit.admit(now).is_ok());
}

#[test]
fn a_probe_that_never_ends_is_given_up_and_its_end_is_ignored() {
    let (mut circuit, now) = opened(2);
    let sent = now + PAUSE;
    let lost = circuit.admit(sent).unwrap();
    assert!(circuit.admit(sent + CALL).is_err());
    let now = sent + CALL + LOST;
    let probe = circuit.admit(now).unwrap();
    assert_eq!(circuit.conclude(lost, Outcome::Success, now), None);
    assert!(circuit.admit(now).is_err());
    let change = circuit.conclude(probe, Outcome::Success, now);
    assert_eq!(change, Some(Change::Closed));
}

#[test]
fn a_breaker_without_a_limit_never_opens() {
    let (mut circuit, now) = (circuit(usize::MAX), Instant::now());
    for _ in 0..100_000 {
        let pass = circuit.admit(now).unwrap();
        assert_eq!(circuit.conclude(pass, failure(), now), None);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Admit,
    Conclude(prop::sample::Index, Outcome),
    Pass(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let outcome = prop_oneof![
        3 => Just(failure()),
        1 => Just(Outcome::Success),
        1 => Just(Outcome::Unknown),
    ];
    let step = prop_oneof![
        4 => Just(Step::Admit),
        4 => (any::<prop::sample::Index>(), outcome).prop_map(|(at, how)| Step::Conclude(at, how)),
        1 => (0..4_000_u16).prop_map(Step::Pass),
    ];
    vec(step, 0..300)
}

proptest! {
    /// Whatever happens: at most one call runs that could close it, and once nothing
    /// has been heard for long enough, a probe is let through.
    #[test]
    fn it_never_floods_and_never_wedges(steps in steps(), failures in 1..4_usize) {
        let (mut circuit, mut now) = (circuit(failures), Instant::now());
        let mut running = Vec::new();
        for step in steps {
            match step {
                Step::Admit => running.extend(circuit.admit(now).ok()),
                Step::Conclude(_, _) if running.is_empty() => {}
                Step::Conclude(at, outcome) => {
                    let pass = running.swap_remove(at.index(running.len()));
                    let change = circuit.conclude(pass, outcome.clone(), now);
                    let due = match change {
                        Some(Change::Opened { .. }) => matches!(outcome, Outcome::Failure(_)),
                        Some(Change::Closed) => outcome == Outcome::Success,
                        None => true,
                    };
                    prop_assert!(due, "{outcome:?} {change:?}");
                }
                Step::Pass(millis) => now += Duration::from_millis(millis.into()),
            }
            if matches!(circuit.state, State::Open { .. }) {
                let counting = running.iter().filter(|pass| **pass == Pass(circuit.age)).count();
                prop_assert!(counting <= 1, "{counting} probes");
            }
        }
        now += LONGEST + CALL + LOST;
        prop_assert!(circuit.admit(now).is_ok());
    }
}
