//! Jackfield: a host for Twilio Marketplace add-ons whose providers are sandboxed
//! WebAssembly components.
//!
//! The binary is the product; this library is its inside, in the order in which a
//! request meets it. `docs/architecture.md` tells the whole story.

pub mod add_on;
pub mod admission;
mod apart;
mod aside;
pub mod body;
pub mod breaker;
pub mod cli;
pub mod clients;
pub mod config;
pub mod control;
pub mod counter;
pub mod egress;
pub mod expectation;
pub mod failure;
pub mod handle;
pub mod host;
pub mod jobs;
pub mod ledger;
pub mod meter;
pub mod operators;
pub mod process;
pub mod protocol;
pub mod registry;
pub mod reload;
pub mod sandbox;
pub mod server;
mod sharded;
pub mod state;
pub mod stop;
pub mod telemetry;
pub mod told;
pub mod traces;
pub mod trial;
pub mod upload;
pub mod version;
pub mod whose;
mod within;

/// What the host allocates with: many small objects a request, freed on other threads.
pub use tikv_jemallocator::Jemalloc as Allocator;
