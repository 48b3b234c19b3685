//! The analysis of one recording: its audio is fetched where it was not sent, the provider
//! runs, and what comes of it is a file that will be sent as it is.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tracing::{info, warn};

use super::blob::BlobName;
use super::deliver::DELIVER_FAILURE;
use super::spool::{Draft, SpoolError};
use super::store::{Fetched, Job, NewResult, ResultKind, StoreError};
use super::task::Task;
use super::vault::Place;
use super::work::Worker;
use crate::add_on::{AddOn, Analysis, InvokeError, Turn};
use crate::egress::{EgressError, Sink};
use crate::failure::Failure;
use crate::protocol::reply::{Envelope, LONGEST_REPLY, Subject};
use crate::protocol::wav;

/// How often a recording is given to a provider that does not outlive it: one that takes
/// the host with it is not given to it for ever.
const MOST_RUNS: u32 = 5;
/// How long a job waits for a turn before it waits in the store.
const TURN: Duration = Duration::from_secs(2);
/// What goes between the provider and the file, in bytes.
const PIECE: usize = 64 * 1024;

/// Why there is no result yet.
enum Hindered {
    /// It is worth another try.
    Later(String),
    /// It never will be any better: the failure is the result.
    Fails(Failure),
}

impl From<SpoolError> for Hindered {
    fn from(error: SpoolError) -> Self {
        Self::Later(error.to_string())
    }
}

impl Worker {
    /// Has a recording analysed, and goes on to send the result.
    pub(super) async fn analyse(&self, mut job: Job, claimed: Instant) -> Result<(), StoreError> {
        let task = match self.jobs.task(&job) {
            Ok(task) => task,
            Err(why) => return self.bury(&job, &why).await,
        };
        let deadline = claimed + job.left().unwrap_or(self.jobs.config.deadline);
        let found = self.result(&mut job, &task, deadline).await?;
        let failure = match found {
            Some(Ok(name)) => return self.keep(job, name, ResultKind::Answer, deadline).await,
            Some(Err(Hindered::Fails(failure))) => failure,
            Some(Err(Hindered::Later(why))) if Instant::now() < deadline => {
                let pause = super::deliver::back_off(job.tries, deadline);
                return self.postpone(&job, pause, &why).await;
            }
            Some(Err(Hindered::Later(why))) => {
                warn!(job = %job.id(), reason = why, "the recording's time is over");
                Failure::RecordingLate
            }
            None => return Ok(()),
        };
        match self.written(&job, &task, &failure).await {
            Ok(name) => self.keep(job, name, ResultKind::Failure, deadline).await,
            Err(error) => {
                let pause = super::deliver::back_off(job.tries, deadline);
                self.postpone(&job, pause, &error.to_string()).await
            }
        }
    }

    /// The file that holds the result; none where the lease was lost.
    async fn result(
        &self,
        job: &mut Job,
        task: &Task,
        deadline: Instant,
    ) -> Result<Option<Result<BlobName, Hindered>>, StoreError> {
        if Instant::now() >= deadline {
            return Ok(Some(Err(Hindered::Fails(Failure::RecordingLate))));
        }
        if job.runs >= MOST_RUNS {
            return Ok(Some(Err(Hindered::Fails(Failure::Internal))));
        }
        let registry = self.host.registry();
        let add_on = registry.get(job.add_on);
        let add_on = add_on.filter(|add_on| add_on.config.recordings.is_some());
        let Some(add_on) = add_on else {
            let why = "the add-on is not served at the moment".to_owned();
            return Ok(Some(Err(Hindered::Later(why))));
        };
        let audio = match self.audio(job, task, deadline).await? {
            Some(Ok(audio)) => audio,
            Some(Err(hindered)) => return Ok(Some(Err(hindered))),
            None => return Ok(None),
        };
        let turn = add_on.turn(job.install, Instant::now() + TURN).await;
        let turn = match turn {
            Ok(turn) => turn,
            Err(error) => return Ok(Some(Err(hindered(error)))),
        };
        let lease = &job.lease;
        let running = self.jobs.surely(|| self.jobs.store.running(lease)).await?;
        if !super::Jobs::holds(lease, running) {
            return Ok(None);
        }
        let ran = self.call(job, task, add_on, turn, &audio, deadline).await;
        Ok(Some(ran))
    }

    /// The audio's file: the one that was sent, or what is at its address.
    async fn audio(
        &self,
        job: &mut Job,
        task: &Task,
        deadline: Instant,
    ) -> Result<Option<Result<BlobName, Hindered>>, StoreError> {
        if let Some(audio) = &job.audio {
            return Ok(Some(Ok(audio.clone())));
        }
        let Some(url) = &task.audio_at else {
            return Ok(Some(Err(Hindered::Fails(Failure::Internal))));
        };
        let fetched = match self.fetch(job, url, deadline).await {
            Ok(fetched) => fetched,
            Err(hindered) => return Ok(Some(Err(hindered))),
        };
        let lease = &job.lease;
        let kept = self.jobs.surely(|| self.jobs.store.fetched(lease, &fetched));
        if !super::Jobs::holds(lease, kept.await?) {
            return Ok(None);
        }
        job.audio = Some(fetched.audio.clone());
        Ok(Some(Ok(fetched.audio)))
    }

    async fn fetch(&self, job: &Job, url: &str, deadline: Instant) -> Result<Fetched, Hindered> {
        let config = &self.jobs.config;
        let limit = config.audio_limit as u64;
        let name = BlobName::fetched(&job.lease);
        let mut fetching = Fetching {
            draft: self.jobs.spool.draft(name, limit).await?,
            head: Vec::new(),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let limits = crate::egress::Limits {
            bytes: limit,
            time: config.audio_timeout.min(left),
        };
        let got = self.host.egress().get(url, limits, &mut fetching).await;
        got.map_err(unfetched)?;
        let Fetching { draft, head } = fetching;
        let stored = draft.commit().await?;
        let duration = job.duration.or_else(|| wav::duration(&head, stored.length));
        Ok(Fetched {
            audio: stored.name,
            duration,
            deadline: duration.map(|duration| self.jobs.time_for(Some(duration))),
        })
    }

    /// Runs the provider. What it writes is in the file as it comes, and is whole or not
    /// there at all.
    async fn call(
        &self,
        job: &Job,
        task: &Task,
        add_on: &AddOn,
        turn: Turn<'_>,
        audio: &BlobName,
        deadline: Instant,
    ) -> Result<BlobName, Hindered> {
        let started = Instant::now();
        let audio = self.jobs.spool.read(audio).await?;
        let limit = (add_on.config.limits.reply + LONGEST_REPLY) as u64;
        let name = BlobName::result(&job.lease);
        let mut draft = self.jobs.spool.draft(name, limit).await?;
        let (before, after) = add_on.config.envelope.around(&subject(task));
        draft.write(before.into()).await?;
        let (report, arriving) = tokio::io::duplex(PIECE);
        let analysis = Analysis {
            facts: &task.facts,
            attempt: job.runs + 1,
            audio: Box::new(audio),
            report: Box::new(report),
            deadline,
        };
        let (ran, written) = tokio::join!(turn.analyze(analysis), write(arriving, &mut draft));
        written?;
        let (job, name) = (job.id(), add_on.config.name.as_str());
        let took = format!("{:.3}", started.elapsed().as_secs_f64() * 1000.0);
        match ran {
            Ok(()) => info!(add_on = name, %job, duration_ms = took, "analysed"),
            Err(error) => {
                let reason = error.to_string();
                warn!(add_on = name, %job, duration_ms = took, reason, "not analysed");
                return Err(hindered(error));
            }
        }
        draft.write(after.into()).await?;
        Ok(draft.commit().await?.name)
    }

    /// A failure as a result.
    async fn written(
        &self,
        job: &Job,
        task: &Task,
        failure: &Failure,
    ) -> Result<BlobName, SpoolError> {
        let registry = self.host.registry();
        let envelope = registry.get(job.add_on);
        let envelope = envelope.map(|add_on| add_on.config.envelope.clone());
        let envelope = envelope.unwrap_or(Envelope::Reference);
        let text = envelope.failure(&failure.problem(), &subject(task));
        let name = BlobName::result(&job.lease);
        let mut draft = self.jobs.spool.draft(name, text.len() as u64).await?;
        draft.write(text.into()).await?;
        Ok(draft.commit().await?.name)
    }

    /// Keeps the result for good, before anybody is told of it.
    async fn keep(
        &self,
        job: Job,
        name: BlobName,
        kind: ResultKind,
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let result = NewResult {
            name: name.clone(),
            kind,
            deliver_within: match kind {
                ResultKind::Answer => left,
                ResultKind::Failure => left.max(DELIVER_FAILURE),
            },
        };
        let lease = &job.lease;
        let kept = self.jobs.surely(|| self.jobs.store.resulted(lease, &result));
        match kept.await? {
            Some(audio) => {
                self.jobs.remove(audio).await;
                self.jobs.store.give_back(lease).await.map(drop)
            }
            None => {
                super::Jobs::holds(lease, false);
                self.jobs.remove(vec![name]).await;
                Ok(())
            }
        }
    }
}

/// Audio that is being fetched, and its beginning.
struct Fetching {
    draft: Draft,
    head: Vec<u8>,
}

impl Sink for Fetching {
    async fn take(&mut self, piece: Bytes) -> std::io::Result<()> {
        let wanted = PIECE.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..wanted]);
        let written = self.draft.write(piece).await;
        written.map_err(std::io::Error::other)
    }
}

impl super::Jobs {
    /// What a job is about.
    pub(super) fn task(&self, job: &Job) -> Result<Task, String> {
        let opened = self.vault.open(&Place::task(job.id()), &job.task);
        let opened = opened.map_err(|error| error.to_string())?;
        Task::read(&opened).map_err(|error| error.to_string())
    }
}

/// Writes what arrives until there is no more of it.
async fn write(mut arriving: impl AsyncRead + Unpin, draft: &mut Draft) -> Result<(), SpoolError> {
    loop {
        let mut piece = bytes::BytesMut::with_capacity(PIECE);
        // The other end is memory, and does not fail.
        if arriving.read_buf(&mut piece).await.unwrap_or(0) == 0 {
            return Ok(());
        }
        draft.write(piece.freeze()).await?;
    }
}

fn subject(task: &Task) -> Subject {
    Subject {
        phone_number: None,
        request: task.facts.sids.request,
    }
}

/// What did not come of a provider that ran is the result; for one that did not, there is
/// another time.
fn hindered(error: InvokeError) -> Hindered {
    match error.is_outcome() {
        true => Hindered::Fails(error.into()),
        false => Hindered::Later(error.to_string()),
    }
}

fn unfetched(error: EgressError) -> Hindered {
    match error.is_passing() {
        true => Hindered::Later(error.to_string()),
        false => Hindered::Fails(Failure::AudioUnavailable(error)),
    }
}
