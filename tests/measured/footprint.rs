//! What attacks leave behind in the process: nothing that grows.

use std::io;

use jackfield_tests::hostile::{Attack, CPU, MESSAGE, TIMEOUT, attacks, besieged};
use jackfield_tests::{Footprint, Line, TestHost, scale};

use crate::alone;

/// How many attackers there are at once.
const ATTACKERS: usize = 4;
/// How often each attack is made before memory is looked at: pools fill up, threads
/// start, tables find their size.
const WARM_UP: usize = 4;
/// What memory may do between two looks: less than one guest's memory.
const SLACK: u64 = 8 * 1024 * 1024;

/// Makes every attack so many times, a few at once.
fn assail(host: &TestHost, attacks: &[Attack], times: usize) {
    let shares = attacks.chunks(attacks.len().div_ceil(ATTACKERS));
    std::thread::scope(|scope| {
        for share in shares {
            scope.spawn(move || repeat(host, share, times).expect("every attack is answered"));
        }
    });
}

fn repeat(host: &TestHost, attacks: &[Attack], times: usize) -> io::Result<()> {
    let twilio = host.twilio();
    for attack in attacks {
        let mut line = Line::open(attack.request(&twilio))?;
        for _ in 0..times {
            line.call()?;
        }
    }
    Ok(())
}

#[test]
fn a_thousand_attacks_leave_nothing_behind() {
    let _alone = alone();
    let attacks = attacks();
    let host = besieged(&attacks, TIMEOUT, CPU).start();
    host.keep_secret(MESSAGE);
    assail(&host, &attacks, WARM_UP);
    let before = Footprint::of(host.process());
    let times = scale(5, 1000);
    assail(&host, &attacks, times);
    let after = Footprint::of(host.process());
    println!("{} attacks, {times} times each:", attacks.len());
    println!("before {before:?}\nafter  {after:?}");
    assert!(
        after.resident <= before.resident + SLACK,
        "{before:?} {after:?}"
    );
    assert!(
        after.descriptors <= before.descriptors + ATTACKERS,
        "{before:?} {after:?}"
    );
    assert!(after.threads <= before.threads + 1, "{before:?} {after:?}");
}
