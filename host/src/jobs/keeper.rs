//! Opens what jobs are kept in once an add-on wants it, and works on them until the host
//! ends. Where it cannot be opened, the other add-ons are served all the same, and it is
//! tried again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tracing::{error, info};

use super::work::Worker;
use super::{Jobs, JobsError};
use crate::config::{JobStore, JobsConfig};
use crate::host::Host;
use crate::stop::Stop;

/// The first pause before another try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What keeps jobs, for as long as the host serves.
pub struct Keeper {
    host: Arc<Host>,
    stop: Stop,
}

impl Keeper {
    /// A keeper for a host.
    #[must_use]
    pub fn new(host: Arc<Host>, stop: Stop) -> Self {
        Self { host, stop }
    }

    /// Starts: where an add-on wants jobs already, they are open when this returns, or it
    /// was said why not. What is returned ends when the host has ended.
    pub async fn start(self) -> tokio::task::JoinHandle<()> {
        let opened = match self.is_wanted() {
            true => self.open().await,
            false => None,
        };
        tokio::spawn(self.keep(opened))
    }

    /// Whether there is anything to keep: an add-on for recordings, or what was kept for
    /// one that is gone, which is still to be called back, erased and forgotten in time.
    fn is_wanted(&self) -> bool {
        let registry = self.host.registry();
        let mut add_ons = registry.add_ons();
        let served = add_ons.any(|add_on| add_on.config.recordings.is_some());
        let kept = match &self.host.jobs_config.store {
            JobStore::Sqlite(path) => path.exists(),
            JobStore::Postgres(_) => true,
        };
        if served || kept {
            self.host.want_jobs();
        }
        served || kept
    }

    async fn keep(self, opened: Option<Arc<Jobs>>) {
        let opened = match opened {
            Some(jobs) => Some(jobs),
            None => self.opened_at_last().await,
        };
        if let Some(jobs) = opened {
            let sweeper = tokio::spawn(Arc::clone(&jobs).sweep_always());
            let worker = tokio::spawn(Worker::new(jobs, self.host).run());
            // A panic in it is logged.
            let _ = worker.await;
            sweeper.abort();
        }
    }

    /// Tries again and again, once they are wanted. Nothing comes of it where the host is
    /// to end.
    async fn opened_at_last(&self) -> Option<Arc<Jobs>> {
        let mut pause = FIRST_PAUSE;
        let mut changes = self.host.changes();
        loop {
            let waited = match self.is_wanted() {
                true => tokio::time::sleep(pause).map(drop).boxed(),
                false => changes.changed().map(drop).boxed(),
            };
            tokio::select! {
                () = self.stop.asked() => return None,
                () = waited => {}
            }
            if self.is_wanted() {
                if let Some(jobs) = self.open().await {
                    return Some(jobs);
                }
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }

    async fn open(&self) -> Option<Arc<Jobs>> {
        let (config, stop) = (self.host.jobs_config.clone(), self.stop.clone());
        match opened(config, stop).await {
            Ok(jobs) => {
                info!(store = %jobs.store.engine(), "recordings are accepted");
                self.host.set_jobs(Arc::clone(&jobs));
                Some(jobs)
            }
            Err(error) => {
                error!(reason = %error, "recordings are not accepted: jobs cannot be kept");
                None
            }
        }
    }
}

/// Opens them, and removes what a host left behind that died.
async fn opened(config: JobsConfig, stop: Stop) -> Result<Arc<Jobs>, JobsError> {
    let jobs = Jobs::open(config, stop).await?;
    jobs.sweep_first().await?;
    Ok(Arc::new(jobs))
}
