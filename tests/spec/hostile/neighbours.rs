//! What an attack costs its neighbours: not more than three times their ordinary latency.

use std::time::Duration;

use jackfield_tests::hostile::{Attack, MESSAGE, attack, attacks, besieged};
use jackfield_tests::neighbour::{Comparison, compare};
use jackfield_tests::{TestHost, scale};

/// A neighbour's 99th percentile beside attackers, as a multiple of that without.
const MOST: f64 = 3.0;
/// Windows of each kind that are compared first, and where these say no: a verdict takes
/// the median of all, so that one moment of a busy machine decides nothing.
const ROUNDS: [usize; 3] = [3, 5, 9];
/// An attacker stays for as long as it likes, that the attack covers the whole window.
const TIMEOUT: Duration = Duration::from_millis(500);

fn judge(host: &TestHost, attack: &Attack, count: usize) -> Comparison {
    let mut last = compare(host, attack, count, ROUNDS[0]);
    for rounds in &ROUNDS[1..] {
        if last.ratio() <= MOST {
            break;
        }
        last = compare(host, attack, count, *rounds);
    }
    last
}

fn measure(attacks: &[Attack], counts: &[usize]) {
    let host = besieged(attacks, TIMEOUT, TIMEOUT).start();
    host.keep_secret(MESSAGE);
    println!(
        "{:28} {:>3} {:>10} {:>10} {:>6} {:>8}",
        "attack", "k", "p99 before", "p99 during", "ratio", "attacks"
    );
    let mut slow = Vec::new();
    for attack in attacks {
        for &count in counts {
            let found = judge(&host, attack, count);
            let (quiet, besieged) = (found.quiet.p99, found.besieged.p99);
            let row = format!(
                "{:28} {count:>3} {quiet:>10.1?} {besieged:>10.1?} {:>6.2} {:>8}",
                attack.name,
                found.ratio(),
                found.attacks
            );
            println!("{row}");
            if found.ratio() > MOST {
                slow.push(row);
            }
        }
    }
    assert!(slow.is_empty(), "slowed down:\n{}", slow.join("\n"));
}

#[test]
fn a_neighbours_latency_is_its_own_whatever_runs_beside_it() {
    match scale(0, 1) {
        0 => measure(&["loop", "poll-at-once", "grow"].map(attack), &[1, 16]),
        _ => measure(&attacks(), &[1, 2, 4, 16]),
    }
}
