//! The host: everything that a request meets, and what it takes to change it while it
//! runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use tokio::sync::watch;
use tracing::warn;

use crate::admission::Admission;
use crate::clients::Clients;
use crate::config::{EgressConfig, JobsConfig, ServerConfig};
use crate::egress::{Egress, Roots};
use crate::jobs::Jobs;
use crate::ledger::Ledger;
use crate::meter::{Clocks, Listeners, Meter};
use crate::protocol::address;
use crate::registry::Registry;
use crate::sandbox::{Ceilings, Loader, Sandbox, SandboxError};
use crate::traces::Traces;

/// A host. It serves nothing until a registry is put into it.
// Apart from the count of its references, which every request changes.
#[repr(align(128))]
pub struct Host {
    registry: ArcSwap<Registry>,
    generation: watch::Sender<u64>,
    egress: Mutex<Option<(EgressConfig, Arc<Egress>)>>,
    jobs: ArcSwapOption<Jobs>,
    jobs_are_wanted: AtomicBool,
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
    /// What is known of those who ask.
    pub clients: Arc<Clients>,
    /// What is counted of requests that came to no add-on.
    pub strangers: Meter,
    /// What is counted of connections.
    pub listeners: Listeners,
    /// What traces requests.
    pub traces: Traces,
    /// By how much Twilio's clock differs from this one.
    pub clocks: Clocks,
    /// How jobs are kept, from its start to its end.
    pub jobs_config: JobsConfig,
}

impl Host {
    /// A host that serves no add-ons yet.
    ///
    /// # Errors
    /// Where the sandbox does not start.
    pub fn new(
        server: &ServerConfig,
        jobs_config: JobsConfig,
        ceilings: Ceilings,
    ) -> Result<Self, SandboxError> {
        // The phone tables take a while to read: the first request need not wait for them.
        address::warm_up();
        let sandbox = Arc::new(Sandbox::new(server.concurrency, ceilings)?);
        let empty = Registry::new(0, server.clone(), Vec::new(), Vec::new());
        Ok(Self {
            registry: ArcSwap::from_pointee(empty),
            generation: watch::Sender::new(0),
            egress: Mutex::new(None),
            jobs: ArcSwapOption::empty(),
            jobs_are_wanted: AtomicBool::new(false),
            editing: Mutex::new(()),
            loader: Arc::new(Loader::new(Arc::clone(&sandbox), server)),
            admission: Admission::new(server.concurrency, ceilings.fairness),
            ledger: Arc::new(Ledger::new()),
            clients: Arc::new(Clients::new(&server.clients)),
            strangers: Meter::default(),
            listeners: Listeners::default(),
            traces: Traces::default(),
            clocks: Clocks::default(),
            jobs_config,
            sandbox,
        })
    }

    /// What is served at the moment, for as long as a request takes: without a count of
    /// references, which requests on all threads would change.
    #[must_use]
    pub fn glance(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    /// What is served at the moment.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        self.registry.load_full()
    }

    /// What connects to others, as the configuration has it. The authorities of the system
    /// are read when it is needed for the first time, and after a change.
    #[must_use]
    pub fn egress(&self) -> Arc<Egress> {
        let registry = self.registry.load();
        let wanted = &registry.server().egress;
        let mut made = self.egress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, egress)) = made.as_ref().filter(|(config, _)| config == wanted) {
            return Arc::clone(egress);
        }
        let roots = Roots::of_the_system_and(&wanted.authorities);
        tell_of_gaps(&roots);
        let egress = Arc::new(Egress::new(wanted.policy.clone(), roots));
        *made = Some((wanted.clone(), Arc::clone(&egress)));
        egress
    }

    /// What keeps recordings; nothing until an add-on serves them and its store is open.
    #[must_use]
    pub fn jobs(&self) -> Option<Arc<Jobs>> {
        self.jobs.load_full()
    }

    /// Whether recordings are to be kept, or were, so that [`Self::jobs`] should be there.
    #[must_use]
    pub fn wants_jobs(&self) -> bool {
        self.jobs_are_wanted.load(Ordering::Relaxed)
    }

    /// Says that recordings are to be kept.
    pub fn want_jobs(&self) {
        self.jobs_are_wanted.store(true, Ordering::Relaxed);
    }

    /// Has recordings kept from now on.
    pub fn set_jobs(&self, jobs: Arc<Jobs>) {
        self.jobs.store(Some(jobs));
    }

    /// Tells when something else is served.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }

    /// Puts another registry in the place of the one that is served, if there is any
    /// change: in one step, for every request that comes from then on. Those that run go
    /// on with theirs. One change at a time, each on what the one before left.
    pub fn change<R>(&self, change: impl FnOnce(&Registry) -> (Option<Registry>, R)) -> R {
        let _turn = self.editing.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, result) = change(&self.registry.load());
        if let Some(next) = next {
            let generation = next.generation;
            self.clients.obey(&next.server().clients);
            self.traces.obey(next.server().traces.as_ref());
            self.registry.store(Arc::new(next));
            self.generation.send_replace(generation);
        }
        result
    }
}

/// Says what is missing of the system's authorities: errors of TLS do not tell that from
/// a server that is not to be believed.
fn tell_of_gaps(roots: &Roots) {
    for reason in roots.problems() {
        warn!(reason, "a certificate of the system's cannot be read");
    }
    if roots.is_empty() {
        warn!("the system knows no authority, and `egress.ca` names none: no TLS outwards");
    }
}
