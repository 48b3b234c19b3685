//! Jackfield: a host for Twilio Marketplace add-ons whose providers are sandboxed
//! WebAssembly components.
//!
//! The binary is the product; this library is its inside, in the order in which a
//! request meets it. `docs/architecture.md` tells the whole story.

pub mod cli;
pub mod config;
pub mod host;
pub mod server;
pub mod handle;
pub mod body;
pub mod protocol;
pub mod registry;
pub mod add_on;
pub mod sandbox;
pub mod failure;
pub mod telemetry;
