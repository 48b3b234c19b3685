//! How long it takes from a move of a file to the first answer by what is in it.

use std::time::{Duration, Instant};

use jackfield_tests::versions::patched;
use jackfield_tests::{Line, TestHost, add_on_sid, plugin};

use super::{LOG, TRIES, pause};
use crate::alone;

/// The most that half of the moves may take.
const MOST: Duration = Duration::from_millis(150);
/// How often it is measured.
const MOVES: usize = 20;
/// How long the client waits between two questions.
const LOOK: Duration = Duration::from_millis(2);
/// How long one may take at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// A number of the example provider's directory, and a word of whose it is, which no other
/// name has.
const LISTED: (&str, &str) = ("+15005550006", "Marigold");

#[test]
fn a_component_that_is_moved_into_place_answers_soon() {
    let _alone = alone();
    for left in (0..TRIES).rev() {
        let p50 = median_of_moves();
        if p50 <= MOST {
            return;
        }
        assert!(left > 0, "p50 {p50:?}, and more before");
    }
}

fn median_of_moves() -> Duration {
    let sid = add_on_sid('a');
    let compiled = plugin("caller_name");
    let host = TestHost::builder()
        .env("JACKFIELD_LOG", LOG)
        .add_on("caller-name", &sid, &compiled, "")
        .start();
    let compiled = std::fs::read(compiled).unwrap();
    let mut line = Line::open(host.twilio().lookup(&sid, LISTED.0)).unwrap();
    let moves = (0..MOVES).map(|number| {
        let name = format!("Mari{number:04}");
        let next = patched(&compiled, LISTED.1, &name);
        time_of_move(&host, &mut line, &next, &name)
    });
    let mut taken: Vec<Duration> = moves.collect();
    taken.sort_unstable();
    let (p50, p99) = (taken[MOVES / 2], taken[MOVES - 1]);
    println!("from a move to the first answer, {MOVES} times: p50 {p50:.1?}, p99 {p99:.1?}");
    p50
}

/// Moves a component into place, and asks until the caller's new name is answered.
fn time_of_move(host: &TestHost, line: &mut Line, component: &[u8], name: &str) -> Duration {
    let next = host.path().join("next.wasm");
    std::fs::write(&next, component).unwrap();
    let moved = Instant::now();
    std::fs::rename(&next, host.path().join("plugins/caller-name.wasm")).unwrap();
    loop {
        let answer = String::from_utf8(line.call().unwrap()).unwrap();
        if answer.contains(name) {
            return moved.elapsed();
        }
        assert!(moved.elapsed() < PATIENCE, "{name}:\n{}", host.log());
        pause(LOOK);
    }
}
