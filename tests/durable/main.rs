//! What a 202 is worth: hosts are killed, databases go away, disks are full and receivers
//! misbehave, and nothing that was accepted is lost. Each proof prints its row of the table
//! of faults.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics fails, and a proof shows its counts"
)]

mod database;
mod full_disk;
mod kills;
mod order;
mod receivers;
mod rig;
mod rows;
mod strike;
mod versions;

use std::sync::{Mutex, MutexGuard, PoisonError};

use jackfield_tests::crash::Phase;
use jackfield_tests::scale;

/// How often each proof does its worst: so many kills in each phase, and as many rounds of
/// every other fault. A soak kills a host at 300 moments.
fn repetitions() -> usize {
    scale(2, 300 / Phase::ALL.len())
}

/// Keeps every other proof waiting: each of them wants the machine. One that failed
/// disturbs no other.
fn alone() -> MutexGuard<'static, ()> {
    static QUIET: Mutex<()> = Mutex::new(());
    QUIET.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the proofs do is done in many places at once.
fn run(proof: impl Future<Output = ()>) {
    let _alone = alone();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(proof);
}
