//! Working on what was accepted: jobs are claimed under a lease, as many at once as there
//! is room for, and kept by a sign of life for as long as they take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tracing::warn;

use super::Jobs;
use super::lanes::{Lane, Lanes, Place};
use super::store::{Changes, Job, Lease, Pick, State, StoreError};
use crate::host::Host;
use crate::protocol::sid::AddOnSid;

/// How soon the store is looked at again where something is due and has no room yet.
const SOON: Duration = Duration::from_millis(250);
/// How soon it is looked at again in any case.
const SOONEST: Duration = Duration::from_millis(5);
/// How late the store is looked at again at the most: notice of new work can be lost.
const LATEST: Duration = Duration::from_secs(5);
/// How soon it is looked at again after a failure.
const AFTER_A_FAILURE: Duration = Duration::from_secs(1);

/// What works on jobs.
pub(super) struct Worker {
    pub(super) jobs: Arc<Jobs>,
    pub(super) host: Arc<Host>,
    lanes: Lanes,
}

impl Worker {
    pub(super) fn new(jobs: Arc<Jobs>, host: Arc<Host>) -> Arc<Self> {
        Arc::new(Self {
            jobs,
            host,
            lanes: Lanes::default(),
        })
    }

    /// Works until the host is told to end, and lets what runs end.
    pub(super) async fn run(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        let mut changes = self.jobs.store.changes();
        let mut outage = Outage::default();
        let heart = tokio::spawn(Arc::clone(&self).keep_alive());
        while !self.jobs.stop.is_asked() {
            let taken_on = self.take_on(&mut tasks).await;
            let pause = outage.pause(taken_on);
            self.wait(&mut tasks, &mut changes, pause).await;
        }
        let ended = async { while tasks.join_next().await.is_some() {} };
        let patience = self.host.registry().server().drain_timeout;
        if tokio::time::timeout(patience, ended).await.is_err() {
            warn!("jobs that still ran are left to the next start");
            tasks.shutdown().await;
        }
        heart.abort();
        if let Err(error) = self.jobs.store.release(&self.jobs.owner).await {
            warn!(reason = %error, "jobs are not given back before their lease ends");
        }
        self.jobs.store.close().await;
    }

    async fn wait(&self, tasks: &mut JoinSet<()>, changes: &mut Changes, pause: Duration) {
        let ended = async {
            match tasks.join_next().await {
                Some(_) => {}
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.jobs.stop.asked() => {}
            () = changes.changed() => {}
            () = ended => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    /// Takes on what is due and has room, and returns how long there will be nothing else.
    async fn take_on(self: &Arc<Self>, tasks: &mut JoinSet<()>) -> Result<Duration, StoreError> {
        let mut crowded = false;
        for (pick, most) in self.picks() {
            let room = self.room(&pick, most);
            if room == 0 {
                crowded = true;
                continue;
            }
            let (owner, lease) = (&self.jobs.owner, self.jobs.config.lease);
            let room = u32::try_from(room).unwrap_or(u32::MAX);
            for job in self.jobs.store.claim(owner, lease, &pick, room).await? {
                self.take(tasks, job);
            }
        }
        let due = self.jobs.store.next_due().await?.unwrap_or(LATEST);
        let least = if crowded { SOON } else { SOONEST };
        Ok(due.clamp(least, LATEST))
    }

    fn take(self: &Arc<Self>, tasks: &mut JoinSet<()>, job: Job) {
        let (worker, claimed) = (Arc::clone(self), Instant::now());
        let place = self.lanes.enter(Lane {
            add_on: job.add_on,
            state: job.state,
        });
        self.jobs.held.begin(job.lease, || {
            tasks.spawn(async move { worker.work(job, claimed, place).await })
        });
    }

    /// Whose jobs to look for, and how many of them there may be at once: results first,
    /// for they are the older ones, and jobs of add-ons that are gone as well.
    fn picks(&self) -> Vec<(Pick, usize)> {
        let registry = self.host.registry();
        let served: Vec<(AddOnSid, usize)> = registry
            .add_ons()
            .filter(|add_on| add_on.config.recordings.is_some())
            .map(|add_on| (add_on.config.terms.add_on, add_on.config.limits.concurrency))
            .collect();
        let workers = self.jobs.config.workers;
        let most = most_of_one(workers, served.len());
        let sids: Vec<AddOnSid> = served.iter().map(|(sid, _)| *sid).collect();
        let results = sids
            .iter()
            .map(|sid| (Pick::of(State::Resulted, *sid), workers));
        let recordings = served
            .iter()
            .map(|(sid, own)| (Pick::of(State::Accepted, *sid), most.min(*own)));
        let others = |state| std::iter::once((Pick::others(state, &sids), workers));
        results
            .chain(others(State::Resulted))
            .chain(recordings)
            .chain(others(State::Accepted))
            .collect()
    }

    /// How many more of these jobs there may be. Results are sent beside each other, as
    /// many of each add-on as there are workers; recordings share the workers.
    fn room(&self, pick: &Pick, most: usize) -> usize {
        let state = pick.state;
        let own = pick.add_on().map_or(most, |add_on| {
            most.saturating_sub(self.lanes.taken(Lane { add_on, state }))
        });
        match state {
            State::Accepted => {
                let workers = self.jobs.config.workers;
                own.min(workers.saturating_sub(self.lanes.all_taken(state)))
            }
            _ => own,
        }
    }

    async fn work(self: Arc<Self>, job: Job, claimed: Instant, place: Place) {
        let lease = job.lease;
        let _holding = self.jobs.held.until_its_end(lease);
        let worked = match job.state {
            State::Accepted => self.analyse(job, claimed).await,
            _ => self.deliver(job, claimed).await,
        };
        drop(place);
        if let Err(error) = worked {
            let (job, reason) = (lease.id(), error.to_string());
            warn!(%job, reason, "a job is left until its lease ends");
        }
    }

    /// Gives a sign of life for all that is worked on, and gives up what another host has.
    async fn keep_alive(self: Arc<Self>) {
        let lease = self.jobs.config.lease;
        let mut beat = tokio::time::interval(lease / 3);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut suspects: Vec<Lease> = Vec::new();
        loop {
            beat.tick().await;
            let ours = self.jobs.held.leases();
            // Where it fails, another host may take over; what is written is fenced.
            if let Ok(renewed) = self.jobs.store.renew(&ours, lease).await {
                let lost = |lease: &Lease| ours.contains(lease) && !renewed.contains(lease);
                // One that has just written its last is lost as well, and about to end.
                self.jobs
                    .held
                    .give_up(|lease| lost(lease) && suspects.contains(lease));
                suspects = ours.iter().copied().filter(lost).collect();
            }
        }
    }
}

/// How many workers one of so many add-ons may have: while it has long recordings, there
/// is one left for another, though not for each of very many.
fn most_of_one(workers: usize, add_ons: usize) -> usize {
    let others = add_ons.saturating_sub(1);
    workers - others.min(workers / 2)
}

impl Jobs {
    /// Writes to the store what must not be lost, and tries again for as long as the lease
    /// may last. Whoever has lost it is told so by the store.
    pub(super) async fn surely<T, F>(&self, mut write: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let until = Instant::now() + self.config.lease;
        loop {
            match write().await {
                Err(error) if error.is_passing() && Instant::now() < until => {
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
                written => return written,
            }
        }
    }

    /// Removes files that nothing refers to any more. What stays, the sweep finds.
    pub(super) async fn remove(&self, files: Vec<super::blob::BlobName>) {
        if let Err(error) = self.spool.remove(files).await {
            warn!(reason = %error, "a file of a job that is done is still there");
        }
    }

    /// Whether the lease on a job still holds, by what a fenced write said.
    pub(super) fn holds(lease: &Lease, held: bool) -> bool {
        if !held {
            warn!(job = %lease.id(), "the lease was lost: another host has the job");
        }
        held
    }
}

/// Whether the store could be asked last time: an outage is told once.
#[derive(Default)]
struct Outage(bool);

impl Outage {
    fn pause(&mut self, taken_on: Result<Duration, StoreError>) -> Duration {
        match taken_on {
            Ok(pause) => {
                self.0 = false;
                pause
            }
            Err(error) => {
                if !std::mem::replace(&mut self.0, true) {
                    warn!(reason = %error, "the store of jobs does not answer");
                }
                AFTER_A_FAILURE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_add_on_leaves_workers_for_others() {
        for (workers, add_ons, most) in [
            (8, 1, 8),
            (8, 2, 7),
            (8, 5, 4),
            (8, 1000, 4),
            (2, 2, 1),
            (1, 3, 1),
            (3, 3, 2),
        ] {
            assert_eq!(most_of_one(workers, add_ons), most, "{workers}, {add_ons}");
        }
    }
}
