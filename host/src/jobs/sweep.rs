//! Removing what is kept no longer: jobs past their time, and files that no job needs,
//! which a host left behind that died between the two.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{info, warn};

use super::blob::BlobName;
use super::store::{ACCEPTED_WITHIN, EngineKind, Retention};
use super::{Jobs, JobsError};

/// How often.
const EVERY: Duration = Duration::from_secs(60);
/// The most jobs that are removed in one go: others want the store as well.
const MOST: u32 = 500;

impl Jobs {
    /// Sweeps until the host is told to end.
    pub(super) async fn sweep_always(self: Arc<Self>) {
        let every = EVERY.min(self.config.keep).min(self.config.keep_dead);
        loop {
            tokio::select! {
                () = self.stop.asked() => return,
                () = tokio::time::sleep(every) => {}
            }
            let swept = self.sweep(self.youngest_orphan()).await;
            if let Err(error) = swept {
                warn!(reason = %error, "what is past its time is still kept");
            }
        }
    }

    /// Sweeps for the first time, before anything arrives: a host that has its store for
    /// itself knows that whatever no job needs is nobody's.
    pub(super) async fn sweep_first(&self) -> Result<(), JobsError> {
        let age = match self.store.engine() {
            EngineKind::Sqlite => Duration::ZERO,
            EngineKind::Postgres => self.youngest_orphan(),
        };
        self.sweep(age).await
    }

    /// How old a file has to be before it counts as left behind: for as long as a lease, a
    /// result may be waiting for a store that is away.
    fn youngest_orphan(&self) -> Duration {
        2 * self.config.lease + ACCEPTED_WITHIN
    }

    async fn sweep(&self, age: Duration) -> Result<(), JobsError> {
        self.sweep_jobs().await?;
        let spooled = self.spool.names().await?;
        let old: Vec<BlobName> = spooled
            .into_iter()
            .filter(|file| file.age >= age)
            .map(|file| file.name)
            .collect();
        for names in old.chunks(MOST as usize) {
            let needed = self.store.referenced(names).await?;
            let orphans = names.iter().filter(|name| !needed.contains(*name));
            let orphans: Vec<_> = orphans.cloned().collect();
            if !orphans.is_empty() {
                info!(files = orphans.len(), "removed files that no job needs");
                self.spool.remove(orphans).await?;
            }
        }
        Ok(())
    }

    async fn sweep_jobs(&self) -> Result<(), JobsError> {
        let retention = Retention {
            now: Timestamp::now(),
            done: self.config.keep,
            dead: self.config.keep_dead,
        };
        loop {
            let swept = self.store.sweep(&retention, MOST).await?;
            self.spool.remove(swept.files).await?;
            if swept.jobs < u64::from(MOST) {
                return Ok(());
            }
        }
    }
}
