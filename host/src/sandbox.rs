//! The sandbox that providers run in. This module alone knows wasmtime.
//!
//! A provider is somebody else's code. It gets a fresh instance for every call, no
//! environment, no files, no network, and limits that are armed before its first
//! instruction. What it does can end its own call and nothing else.

mod budget;
mod ceilings;
mod component;
mod convert;
mod engine;
mod guest;
mod journal;
mod outcome;
mod provider;
mod run;
mod stack;
mod ticker;
mod wasi;

pub use ceilings::Ceilings;
pub use component::{LoadError, load};
pub use engine::{Allocation, Sandbox, SandboxError};
pub use outcome::{Answer, CallError, Refusal, RefusalKind};
pub use provider::Provider;

/// What the contract in `wit/` looks like from the host's side.
mod contract {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "lookup-provider",
        exports: { default: async },
    });
}
