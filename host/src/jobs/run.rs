//! The analysis of one recording: its audio is fetched where it was not sent, the provider
//! runs, and what comes of it is a file that will be sent as it is.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tracing::{info, warn};

use super::blob::BlobName;
use super::deliver::DELIVER_FAILURE;
use super::spool::{Draft, SpoolError};
use super::store::{Fetched, Job, Lease, NewResult, ResultKind, StoreError};
use super::task::Task;
use super::vault::Place;
use super::work::Worker;
use crate::add_on::{AddOn, Analysis, InvokeError, Turn};
use crate::egress::{EgressError, Sink};
use crate::failure::Failure;
use crate::protocol::reply::{Envelope, LONGEST_REPLY, Subject};
use crate::protocol::wav;
use crate::telemetry::milliseconds;
use crate::traces::{SpanKind, Step, Trace};

/// How often a recording is given to a provider that does not outlive it: one that takes
/// the host with it is not given to it for ever.
const MOST_RUNS: u32 = 5;
/// How long a job waits for a turn before it waits in the store.
const TURN: Duration = Duration::from_secs(2);
/// What goes between the provider and the file, in bytes.
const PIECE: usize = 64 * 1024;

/// A recording that is analysed.
struct Analysed {
    job: Job,
    task: Task,
    claimed: Instant,
    deadline: Instant,
    trace: Trace,
}

/// Why there is no result yet.
enum Hindered {
    /// It is worth another try.
    Later(String),
    /// It never will be any better: the failure is the result.
    Fails(Failure),
    /// Another host has the job.
    Lost,
    /// The store does not answer.
    Store(StoreError),
}

impl Hindered {
    /// Its name in a trace.
    fn name(&self) -> String {
        match self {
            Self::Later(_) => "put_off".to_owned(),
            Self::Fails(failure) => failure.problem().code,
            Self::Lost => "lease_lost".to_owned(),
            Self::Store(_) => "store_away".to_owned(),
        }
    }
}

impl From<SpoolError> for Hindered {
    fn from(error: SpoolError) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<StoreError> for Hindered {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Analysed {
    /// Takes over what the audio tells that the request did not: its time is longer or
    /// shorter then, counted from when it was accepted.
    fn learn(&mut self, fetched: &Fetched) {
        self.job.audio = Some(fetched.audio.clone());
        self.task.facts.duration = fetched.duration;
        if let Some(time) = fetched.deadline {
            let passed = self.job.claimed_at.duration_since(self.job.accepted_at);
            let passed = Duration::try_from(passed).unwrap_or_default();
            self.deadline = self.claimed + time.saturating_sub(passed);
        }
    }
}

impl Worker {
    /// Has a recording analysed, and goes on to send the result.
    pub(super) async fn analyse(&self, job: Job, claimed: Instant) -> Result<(), StoreError> {
        let mut task = match self.jobs.task(&job) {
            Ok(task) => task,
            Err(why) => return self.bury(&job, &why).await,
        };
        task.facts.duration = task.facts.duration.or(job.duration);
        let mut recording = Analysed {
            deadline: claimed + job.left().unwrap_or(self.jobs.config.deadline),
            trace: self.trace(&job, "analyze the recording", SpanKind::Consumer),
            job,
            task,
            claimed,
        };
        let result = self.result(&mut recording).await;
        let hindrance = result.as_ref().err().map(Hindered::name);
        self.tell(&recording.trace, &recording.job, hindrance);
        let failure = match result {
            Ok(name) => return self.keep(recording, name, ResultKind::Answer).await,
            Err(Hindered::Fails(failure)) => failure,
            Err(Hindered::Lost) => return Ok(()),
            Err(Hindered::Store(error)) => return Err(error),
            Err(Hindered::Later(why)) if Instant::now() < recording.deadline => {
                return self.put_off(&recording, &why).await;
            }
            Err(Hindered::Later(why)) => {
                warn!(job = %recording.job.id(), reason = why, "the recording's time is over");
                Failure::RecordingLate
            }
        };
        match self.written(&recording, &failure).await {
            Ok(name) => self.keep(recording, name, ResultKind::Failure).await,
            Err(error) => self.put_off(&recording, &error.to_string()).await,
        }
    }

    async fn put_off(&self, recording: &Analysed, why: &str) -> Result<(), StoreError> {
        let Analysed { job, deadline, .. } = recording;
        let pause = super::deliver::back_off(job.tries, *deadline);
        self.postpone(job, pause, why).await
    }

    /// The file that holds the result.
    async fn result(&self, recording: &mut Analysed) -> Result<BlobName, Hindered> {
        if Instant::now() >= recording.deadline {
            return Err(Hindered::Fails(Failure::RecordingLate));
        }
        if recording.job.runs >= MOST_RUNS {
            return Err(Hindered::Fails(Failure::Internal));
        }
        let registry = self.host.registry();
        let add_on = registry.get(recording.job.add_on);
        let add_on = add_on.filter(|add_on| add_on.config.recordings.is_some());
        let unserved = || Hindered::Later("the add-on is not served at the moment".to_owned());
        let add_on = add_on.ok_or_else(unserved)?;
        let audio = self.audio(recording).await?;
        let (install, until) = (recording.job.install, Instant::now() + TURN);
        let turn = add_on.turn(install, until, &recording.trace).await;
        let turn = turn.map_err(hindered)?;
        let lease = &recording.job.lease;
        let running = self.jobs.surely(|| self.jobs.store.running(lease)).await?;
        held(lease, running)?;
        self.call(recording, add_on, turn, &audio).await
    }

    /// The audio's file: the one that was sent, or what is at its address.
    async fn audio(&self, recording: &mut Analysed) -> Result<BlobName, Hindered> {
        if let Some(audio) = &recording.job.audio {
            return Ok(audio.clone());
        }
        let url = recording.task.audio_at.as_ref();
        let url = url.ok_or(Hindered::Fails(Failure::Internal))?;
        let fetching = recording.trace.step(Step::Fetch);
        let fetched = self.fetch(recording, url).await?;
        drop(fetching);
        let lease = &recording.job.lease;
        let store = &self.jobs.store;
        let kept = self.jobs.surely(|| store.fetched(lease, &fetched)).await?;
        held(lease, kept)?;
        recording.learn(&fetched);
        Ok(fetched.audio)
    }

    async fn fetch(&self, recording: &Analysed, url: &str) -> Result<Fetched, Hindered> {
        let Analysed { job, deadline, .. } = recording;
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
        recording: &Analysed,
        add_on: &AddOn,
        turn: Turn<'_>,
        audio: &BlobName,
    ) -> Result<BlobName, Hindered> {
        let Analysed { job, task, .. } = recording;
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
            deadline: recording.deadline,
            trace: &recording.trace,
        };
        let (ran, written) = tokio::join!(turn.analyze(analysis), write(arriving, &mut draft));
        written?;
        let (job, name) = (job.id(), add_on.config.name.as_str());
        let took = milliseconds(started.elapsed());
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
        recording: &Analysed,
        failure: &Failure,
    ) -> Result<BlobName, SpoolError> {
        let Analysed { job, task, .. } = recording;
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
        recording: Analysed,
        name: BlobName,
        kind: ResultKind,
    ) -> Result<(), StoreError> {
        let Analysed { job, deadline, .. } = recording;
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
        let kept = self
            .jobs
            .surely(|| self.jobs.store.resulted(lease, &result));
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

/// Whether the lease still holds, by what a write under it said.
fn held(lease: &Lease, held: bool) -> Result<(), Hindered> {
    match super::Jobs::holds(lease, held) {
        true => Ok(()),
        false => Err(Hindered::Lost),
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
