//! The sandbox that providers run in. This module alone knows wasmtime.
//!
//! A provider is somebody else's code. It gets a fresh instance for every call, no
//! environment, no files, no network, and limits that are armed before its first
//! instruction. What it does can end its own call and nothing else.

mod analysis;
mod artifacts;
mod budget;
mod ceilings;
mod compile;
mod compiler;
mod component;
mod convert;
mod engine;
mod entry;
mod grants;
mod guest;
mod imports;
mod inspect;
mod journal;
mod lane;
mod link;
mod load_error;
mod mask;
mod media;
mod native;
mod needs;
mod open;
mod outcome;
mod pool;
mod probe;
mod provider;
mod quarantine;
mod room;
mod rooms;
mod run;
mod settings;
mod size;
mod stack;
mod stock;
mod sums;
mod ticker;
mod wasi;
mod world;

pub use analysis::{Meta, RecordingFacts};
pub use ceilings::Ceilings;
pub use compiler::child::{VERB as COMPILE, run as compile};
pub use component::{Loader, Opened, Turn};
pub use engine::{Allocation, ENGINE, Sandbox, SandboxError};
pub use imports::of as imports;
pub use inspect::{
    Export, Facts, Import, Inspection, Kind, List, Memory, Producer, Table, inspect, one_line,
};
pub use load_error::{CompileFault, CompileMishap, LoadCause, LoadError, Need, SmokeFault};
pub use media::{Audio, PIECE, Report};
pub use native::Native;
pub use outcome::{Answer, CallError, Called, Refusal, RefusalKind, ReplyError, Usage};
pub use pool::Pool;
pub use provider::Provider;
pub use stock::Stock;
pub use world::World;

/// What the contract in `wit/` looks like from the host's side.
mod contract {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "lookup-provider",
        exports: { default: async },
        ownership: Borrowing { duplicate_if_necessary: false },
    });

    /// The world of recordings, with the types of the other one.
    pub(super) mod analysis {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "analysis-provider",
            imports: { default: async | trappable },
            exports: { default: async },
            ownership: Borrowing { duplicate_if_necessary: false },
            with: { "jackfield:addon/types": super::jackfield::addon::types },
        });
    }
}
