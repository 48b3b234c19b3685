//! Claims about figures. They are measured one at a time, on a machine that does nothing
//! else meanwhile: a program of their own, whose tests wait for each other.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics fails, and a proof shows its counts"
)]

mod abuse;
mod footprint;
mod lane;
mod ledger;
mod neighbours;
mod recordings;
mod reload;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps every other measurement waiting. One that failed disturbs no other.
fn alone() -> MutexGuard<'static, ()> {
    static QUIET: Mutex<()> = Mutex::new(());
    QUIET.lock().unwrap_or_else(PoisonError::into_inner)
}
