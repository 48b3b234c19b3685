//! What an attack costs its neighbours: not more than three times their ordinary latency.

use std::time::Duration;

use jackfield_tests::hostile::{Attack, MESSAGE, attack, attacks, besieged};
use jackfield_tests::neighbour::{Comparison, compare};
use jackfield_tests::{TestHost, scale};

use crate::alone;

/// A neighbour's 99th percentile beside attackers, as a multiple of that without.
const MOST: f64 = 3.0;
/// Rounds that are compared first, and where these say no: a verdict takes the medians,
/// so that one moment of a busy machine decides nothing.
const ROUNDS: [usize; 4] = [1, 3, 5, 9];
/// An attacker stays for as long as it likes, so that the attack covers the whole window.
const TIMEOUT: Duration = Duration::from_millis(500);

fn judge(host: &TestHost, attack: &Attack, count: usize) -> Comparison {
    let mut last = compare(host, attack, count, ROUNDS[0]);
    for rounds in &ROUNDS[1..] {
        if last.excess() <= MOST {
            break;
        }
        last = compare(host, attack, count, *rounds);
    }
    last
}

fn row(attack: &Attack, count: usize, found: &Comparison) -> String {
    let p99 = [found.quiet, found.busy, found.besieged].map(|latency| latency.p99);
    format!(
        "{:28}{count:>4}{:>10.1?}{:>10.1?}{:>10.1?}{:>8.2}{:>8.2}{:>9}",
        attack.name,
        p99[0],
        p99[1],
        p99[2],
        found.ratio(),
        found.excess(),
        found.attacks
    )
}

/// Measures each attack with each number of attackers.
fn measure(attacks: &[Attack], counts: &[usize]) {
    let host = besieged(attacks, TIMEOUT, TIMEOUT).start();
    host.keep_secret(MESSAGE);
    println!(
        "{:28}{:>4}{:>10}{:>10}{:>10}{:>8}{:>8}{:>9}",
        "p99 beside", "k", "nobody", "threads", "attackers", "ratio", "excess", "attacks"
    );
    let mut slow = Vec::new();
    for attack in attacks {
        for &count in counts {
            let found = judge(&host, attack, count);
            let row = row(attack, count, &found);
            println!("{row}");
            if found.excess() > MOST {
                slow.push(row);
            }
        }
    }
    assert!(slow.is_empty(), "slowed down:\n{}", slow.join("\n"));
}

#[test]
fn a_neighbours_latency_is_its_own_whatever_runs_beside_it() {
    let _alone = alone();
    match scale(0, 1) {
        0 => measure(&["loop", "fill-everything"].map(attack), &[2, 16]),
        _ => measure(&attacks(), &[1, 2, 4, 16]),
    }
}
