//! What this host works on: a lease each, and the task that is to end with it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use super::id::JobId;
use super::store::Lease;

/// All that is worked on at the moment.
#[derive(Default)]
pub(super) struct Held(Mutex<HashMap<Lease, AbortHandle>>);

/// One lease, for as long as it is worked on.
pub(super) struct Holding<'a> {
    held: &'a Held,
    lease: Lease,
}

impl Held {
    /// Notes a task. It is begun here, so that it cannot end before it is noted.
    pub(super) fn begin(&self, lease: Lease, begin: impl FnOnce() -> AbortHandle) {
        let mut tasks = self.tasks();
        let task = begin();
        tasks.insert(lease, task);
    }

    /// Forgets it when it ends, however that comes about.
    pub(super) fn until_its_end(&self, lease: Lease) -> Holding<'_> {
        Holding { held: self, lease }
    }

    /// The leases.
    pub(super) fn leases(&self) -> Vec<Lease> {
        self.tasks().keys().copied().collect()
    }

    /// Ends the work under leases that are not held any more.
    pub(super) fn give_up(&self, lost: impl Fn(&Lease) -> bool) {
        for (_, task) in self.tasks().extract_if(|lease, _| lost(lease)) {
            task.abort();
        }
    }

    /// Ends the work on jobs that are gone.
    pub(super) fn give_up_jobs(&self, gone: &[JobId]) {
        self.give_up(|lease| gone.contains(&lease.id()));
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<Lease, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.held.tasks().remove(&self.lease);
    }
}
