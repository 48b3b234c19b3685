//! Asks for somewhat more than it may have, and answers if it gets it. The granted field
//! `act` names what it asks for: one limit each, and none of them comes near another.

use std::hint::black_box;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};
use wasip2::cli::stderr;
use wasip2::clocks::monotonic_clock;
use wasip2::random::random;

const KIB: usize = 1024;
const SECOND: u64 = 1_000_000_000;

struct Greedy;

impl Lookup for Greedy {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let act = request.fields.iter().find(|(name, _)| name == "act");
        match act.map_or("", |(_, act)| act) {
            "memory" => drop(black_box(vec![1_u8; 4 * KIB * KIB])),
            "reply" => return Ok(long(2 * KIB)),
            "depth" => return Ok(deep(100)),
            "hostcall" => return Ok(long(1024 * KIB)),
            "random" => drop(black_box(random::get_random_bytes(8 * KIB as u64))),
            "resources" => hold_clocks(200),
            "lines" => write(3, 20),
            "log" => write(10, KIB),
            "wait" => monotonic_clock::subscribe_duration(SECOND / 2).block(),
            other => panic!("there is no act `{other}`"),
        }
        Ok(Answer::from_json("{}".to_owned()))
    }
}

jackfield_sdk::provider!(Greedy);

fn long(length: usize) -> Answer {
    Answer::from_json(format!(r#"{{"long":"{}"}}"#, "x".repeat(length)))
}

fn deep(depth: usize) -> Answer {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    Answer::from_json(format!(r#"{{"deep":{open}{close}}}"#))
}

fn hold_clocks(count: usize) {
    let clocks = (0..count).map(|_| monotonic_clock::subscribe_duration(SECOND));
    black_box(clocks.collect::<Vec<_>>());
}

fn write(lines: usize, length: usize) {
    let stream = stderr::get_stderr();
    for number in 0..lines {
        let line = format!("line {number} {}\n", "x".repeat(length));
        // What the host does with it is not the guest's concern.
        let _ = stream.blocking_write_and_flush(line.as_bytes());
    }
}
