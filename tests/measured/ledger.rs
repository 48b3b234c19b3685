//! What the ledger costs a request that is no repetition, and saves one that is.

use std::time::{Duration, Instant};

use jackfield_tests::{Line, NUMBER, Signed, TestHost, add_on_sid, request_sid, scale};

use crate::alone;

/// What a lookup may take that is remembered, as a multiple of one that the ledger does not
/// hear of. What it does besides its provider's work are two looks under a lock and one
/// hash.
const MOST: f64 = 1.25;

/// How long requests took, over one kept connection.
struct Took(Vec<Duration>);

impl Took {
    fn ask(&mut self, line: &mut Line, request: Signed) {
        let started = Instant::now();
        line.ask(request).unwrap();
        self.0.push(started.elapsed());
    }

    fn median(&mut self) -> Duration {
        self.0.sort_unstable();
        self.0[self.0.len() / 2]
    }
}

#[test]
fn a_lookup_costs_as_much_whether_it_is_remembered_or_not() {
    let _alone = alone();
    let host = TestHost::with("echo", &add_on_sid('a'), "").start();
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let mut line = Line::open(lookup()).unwrap();
    let [mut bare, mut kept, mut repeated] = [(); 3].map(|()| Took(Vec::new()));
    // In turns, so that whatever else the machine does meets all of them.
    for number in 1..=scale(2_000, 50_000) as u64 {
        bare.ask(&mut line, lookup());
        kept.ask(&mut line, lookup().request_sid(&request_sid(number)));
        repeated.ask(&mut line, lookup().request_sid(&request_sid(1)));
    }
    let [bare, kept, repeated] = [bare, kept, repeated].map(|mut took| took.median());
    println!("a lookup: {bare:.1?} without a SID, {kept:.1?} remembered, {repeated:.1?} again");
    assert!(kept < bare.mul_f64(MOST), "{bare:?} {kept:?}");
    assert!(repeated < bare, "{bare:?} {repeated:?}");
}
