//! Opens what jobs are kept in once an add-on wants it, and works on them until the host
//! ends. Where it cannot be opened, the other add-ons are served all the same, and it is
//! tried again.

use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info};

use super::work::Worker;
use super::{Jobs, JobsError};
use crate::config::JobStore;
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
        let mut jobs = opened;
        let mut pause = FIRST_PAUSE;
        let mut changes = self.host.changes();
        while jobs.is_none() {
            match self.is_wanted() {
                true => {
                    tokio::select! {
                        () = self.stop.asked() => return,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (2 * pause).min(LONGEST_PAUSE);
                    jobs = self.open().await;
                }
                false => tokio::select! {
                    () = self.stop.asked() => return,
                    _ = changes.changed() => {}
                },
            }
        }
        if let Some(jobs) = jobs {
            let sweeper = tokio::spawn(Arc::clone(&jobs).sweep_always());
            Worker::new(jobs, self.host).run().await;
            sweeper.abort();
        }
    }

    async fn open(&self) -> Option<Arc<Jobs>> {
        let opened: Result<Jobs, JobsError> = async {
            let jobs = Jobs::open(self.host.jobs_config.clone(), self.stop.clone()).await?;
            jobs.sweep_first().await?;
            Ok(jobs)
        }
        .await;
        match opened {
            Ok(jobs) => {
                let jobs = Arc::new(jobs);
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
