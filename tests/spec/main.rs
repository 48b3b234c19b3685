//! What the host promises, claim by claim, in the order in which a request meets it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics fails, and a proof shows its counts"
)]

mod accounts;
mod admission;
mod analysis;
mod answers;
mod command_line;
mod components;
mod configuration;
mod control;
mod credentials;
mod edge;
mod fields;
mod freshness;
mod hostile;
mod limits;
mod methods;
mod official;
mod operators;
mod process;
mod providers;
mod recordings;
mod reload;
mod repetitions;
mod sandbox;
mod settings;
mod shapes;
mod signature;
mod smoke;
mod traces;
mod unverified;
