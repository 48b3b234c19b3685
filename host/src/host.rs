//! The host: everything that a request meets, and what it takes to change it while it
//! runs.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::admission::Admission;
use crate::config::ServerConfig;
use crate::ledger::Ledger;
use crate::protocol::address;
use crate::registry::Registry;
use crate::sandbox::{Ceilings, Loader, Sandbox, SandboxError};

/// A host. It serves nothing until a registry is put into it.
pub struct Host {
    registry: ArcSwap<Registry>,
    /// Taken by whoever changes the registry, so that no change is lost.
    editing: Mutex<()>,
    /// Kept for as long as any provider runs.
    pub sandbox: Arc<Sandbox>,
    /// What makes providers out of components.
    pub loader: Arc<Loader>,
    /// The host's slots.
    pub admission: Arc<Admission>,
    /// What was answered, and may have to be answered again.
    pub ledger: Arc<Ledger>,
}

impl Host {
    /// A host that serves no add-ons yet.
    ///
    /// # Errors
    /// Where the sandbox does not start.
    pub fn new(server: &ServerConfig, ceilings: Ceilings) -> Result<Self, SandboxError> {
        // The phone tables take a while to read: the first request need not wait for them.
        address::warm_up();
        let sandbox = Arc::new(Sandbox::new(server.concurrency, ceilings)?);
        let empty = Registry::new(0, server.clone(), Vec::new(), Vec::new());
        Ok(Self {
            registry: ArcSwap::from_pointee(empty),
            editing: Mutex::new(()),
            loader: Arc::new(Loader::new(Arc::clone(&sandbox), server)),
            admission: Admission::new(server.concurrency, ceilings.fairness),
            ledger: Arc::new(Ledger::new()),
            sandbox,
        })
    }

    /// What is served at the moment.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        self.registry.load_full()
    }

    /// Puts another registry in the place of the one that is served, if there is any
    /// change: in one step, for every request that comes from then on. Those that run go
    /// on with theirs. One change at a time, each on what the one before left.
    pub fn change<R>(&self, change: impl FnOnce(&Registry) -> (Option<Registry>, R)) -> R {
        let _turn = self.editing.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, result) = change(&self.registry.load());
        if let Some(next) = next {
            self.registry.store(Arc::new(next));
        }
        result
    }
}
