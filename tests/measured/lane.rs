//! What the slow lane is worth.

use jackfield_tests::{TestHost, hostile, neighbour};

use crate::alone;

/// Guests that burn all that they may, sixteen beside a neighbour.
#[test]
fn without_the_slow_lane_long_guests_hold_up_everybody() {
    let _alone = alone();
    let attack = hostile::attack("loop");
    let host = || hostile::besieged(&[attack], hostile::TIMEOUT, hostile::CPU);
    let excess = |host: TestHost| neighbour::compare(&host, &attack, 16, 3).excess();
    let with = excess(host().start());
    let without = host().without("long_runners", env!("CARGO_BIN_EXE_unlimited"));
    let lifted = excess(without.start());
    println!("the neighbour's p99 beside 16: {with:.1} times with the lane, {lifted:.1} without");
    assert!(
        lifted > 1.5 * with,
        "{with:.1} with the lane, {lifted:.1} without"
    );
}
