//! What is one for the process: the rooms for guests, and the clock that stops them.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::ceilings::Ceilings;
use super::lane::SlowLane;
use super::pool::{self, Pool};
use super::rooms::Rooms;
use super::ticker::Ticker;
use crate::counter::Counter;

/// The version of the engine. (It does not tell.)
pub const ENGINE: &str = "48.0.8";

/// Providers that are tried at once.
const PROBES: usize = 2;

/// How guests get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From slots that are reserved at start and used again: a fresh instance costs
    /// microseconds.
    Pooled,
    /// From the operating system for every call, because the slots could not be
    /// reserved. Correct, and several times slower.
    OnDemand,
}

/// The sandbox could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly engine does not start: {0}")]
pub struct SandboxError(String);

/// Where guests live, and the clock that stops them.
pub struct Sandbox {
    pub(super) rooms: Rooms,
    pub(super) ceilings: Ceilings,
    pub(super) lane: SlowLane,
    pub(super) probes: Arc<Semaphore>,
    pub(super) instances: Arc<Counter>,
    _ticker: Ticker,
}

impl Sandbox {
    /// Reserves room for `concurrency` guests at once.
    ///
    /// # Errors
    /// Where the engine does not start at all. Where only the pool cannot be reserved,
    /// as on machines with little address space, the sandbox works without it.
    pub fn new(concurrency: usize, ceilings: Ceilings) -> Result<Self, SandboxError> {
        let rooms = Rooms::reserve(pool::guests(concurrency), &ceilings)
            .map_err(|error| SandboxError(format!("{error:#}")))?;
        let failed = |error: io::Error| SandboxError(error.to_string());
        Ok(Self {
            _ticker: Ticker::start(rooms.engines()).map_err(failed)?,
            lane: SlowLane::start(ceilings.long_runners.unwrap_or_else(spare_processors))
                .map_err(failed)?,
            probes: Arc::new(Semaphore::new(PROBES)),
            instances: Arc::default(),
            rooms,
            ceilings,
        })
    }

    /// How guests get their memory.
    #[must_use]
    pub fn allocation(&self) -> Allocation {
        match self.rooms.pool_error {
            None => Allocation::Pooled,
            Some(_) => Allocation::OnDemand,
        }
    }

    /// How many instances were made, each for one call, were it only to try a component.
    #[must_use]
    pub fn instances(&self) -> u64 {
        self.instances.read()
    }

    /// How much of the pool is in use at the moment; nothing where there is none.
    #[must_use]
    pub fn pool(&self) -> Option<Pool> {
        self.rooms.pool()
    }

    /// Why the pool could not be reserved, where it could not.
    #[must_use]
    pub fn pool_error(&self) -> Option<&str> {
        self.rooms.pool_error.as_deref()
    }
}

/// The processors that guests may hold for long: all but one.
fn spare_processors() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    processors.saturating_sub(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_is_the_one_that_is_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        let package = format!("name = \"wasmtime\"\nversion = \"{ENGINE}\"\n");
        assert!(lock.contains(&package));
    }
}
