//! Accepting jobs. Whoever comes while others are being written waits for the next write,
//! and all that wait are written at once: one commit, and one wait for the disk, however
//! many they are. Nobody is told anything before that commit is through.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::any::AnyRow;
use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, PATIENCE, PATIENCE_TO_START, Statement, any_of};
use super::error::StoreError;
use super::row::{Columns, ids, millis};
use super::{Accepted, Fingerprint, NewJob, Store};
use crate::jobs::blob::BlobName;
use crate::jobs::id::JobId;

/// The most jobs of one write.
const MOST_AT_ONCE: usize = 256;
/// The most bytes of tasks of one write, unless a single task has more.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most that wait; further ones wait for a place.
const LONGEST_LINE: usize = 1024;
/// How long somebody waits until nothing is written any more that is not begun.
const PATIENCE_IN_LINE: Duration = Duration::from_secs(10);

/// How long after [`Store::accept`] was called its row may come, at the latest. A file
/// that is older and belongs to no job will never belong to one.
pub const ACCEPTED_WITHIN: Duration =
    PATIENCE_IN_LINE.saturating_add(PATIENCE_TO_START.saturating_add(PATIENCE));

/// A job, and who wants to know.
pub(super) struct Waiting {
    job: NewJob,
    since: Instant,
    verdict: oneshot::Sender<Result<Accepted, StoreError>>,
}

impl Waiting {
    fn is_patient(&self) -> bool {
        self.since.elapsed() < PATIENCE_IN_LINE
    }
}

/// Where those wait who want jobs accepted.
pub(super) fn line() -> (mpsc::Sender<Waiting>, mpsc::Receiver<Waiting>) {
    mpsc::channel(LONGEST_LINE)
}

impl Store {
    /// Accepts a job, or says that its request was accepted before. It is on the disk
    /// when this returns. The same job may be given again after an error.
    ///
    /// # Errors
    /// The job may have been accepted all the same; its files must stay.
    pub async fn accept(&self, job: NewJob) -> Result<Accepted, StoreError> {
        let (verdict, told) = oneshot::channel();
        let since = Instant::now();
        let place = self.0.accepts.reserve().await;
        place.map_err(|_| StoreError::Closed)?.send(Waiting {
            job,
            since,
            verdict,
        });
        let verdict = told.await.map_err(|_| StoreError::Closed)??;
        if verdict == Accepted::New {
            self.stir();
        }
        Ok(verdict)
    }
}

/// Writes whatever waits, until nobody can come any more.
pub(super) async fn write(engine: Arc<Engine>, mut line: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(MOST_AT_ONCE);
    while line.recv_many(&mut waiting, MOST_AT_ONCE).await > 0 {
        while !waiting.is_empty() {
            let batch = waiting.drain(..fitting(&waiting)).collect();
            settle(&engine, batch).await;
        }
    }
}

/// How many of those that wait are written at once.
fn fitting(waiting: &[Waiting]) -> usize {
    let mut bytes = 0;
    let fits = waiting.iter().take_while(|next| {
        bytes += next.job.task.len();
        bytes <= MOST_BYTES
    });
    fits.count().max(1)
}

/// Writes a batch, and tells everybody what came of it. Where that fails because of one
/// of them, the others must not suffer: each is tried by itself.
async fn settle(engine: &Engine, batch: Vec<Waiting>) {
    let (batch, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(Waiting::is_patient);
    tell(late, |_| Err(StoreError::Slow));
    if batch.is_empty() {
        return;
    }
    match insert(engine, &batch).await {
        Ok(verdicts) => tell(batch, |n| Ok(verdicts[n])),
        Err(error) if batch.len() == 1 || error.is_passing() => {
            tell(batch, |_| Err(error.clone()));
        }
        Err(_) => one_by_one(engine, batch).await,
    }
}

async fn one_by_one(engine: &Engine, batch: Vec<Waiting>) {
    for one in batch {
        let one = vec![one];
        let verdict = match one[0].is_patient() {
            true => insert(engine, &one).await.map(|verdicts| verdicts[0]),
            false => Err(StoreError::Slow),
        };
        tell(one, |_| verdict.clone());
    }
}

fn tell(batch: Vec<Waiting>, verdict: impl Fn(usize) -> Result<Accepted, StoreError>) {
    for (n, waiting) in batch.into_iter().enumerate() {
        // Whoever gave up waiting has told Twilio to come again.
        let _ = waiting.verdict.send(verdict(n));
    }
}

/// Inserts jobs, and gives the verdict on each.
async fn insert(engine: &Engine, batch: &[Waiting]) -> Result<Vec<Accepted>, StoreError> {
    let jobs: Vec<_> = batch.iter().map(|waiting| &waiting.job).collect();
    while batch.iter().all(Waiting::is_patient) {
        let inserted = engine.write_rows(insertion(engine, &jobs)).await?;
        let inserted: HashSet<JobId> = ids(&inserted)?;
        let known = jobs.iter().filter(|job| !inserted.contains(&job.id));
        let known = find(engine, &known.copied().collect::<Vec<_>>()).await?;
        let verdicts = jobs.iter().map(|job| match inserted.contains(&job.id) {
            true => Some(Accepted::New),
            false => known.iter().find_map(|known| known.verdict(job)),
        });
        // One that was there and is gone has come to its end between the two statements.
        if let Some(verdicts) = verdicts.collect() {
            return Ok(verdicts);
        }
    }
    Err(StoreError::Busy)
}

/// One statement, so that it is one commit.
fn insertion(engine: &Engine, jobs: &[&NewJob]) -> Statement {
    const COLUMNS: usize = 11;
    let row = |n: usize| {
        let at = |column: usize| n * COLUMNS + column;
        let [id, account, add_on, install, request] = [at(1), at(2), at(3), at(4), at(5)];
        let [fingerprint, deadline, duration] = [at(6), at(7), at(8)];
        let [state, task, audio] = [at(9), at(10), at(11)];
        format!(
            "(${id}, ${account}, ${add_on}, ${install}, ${request}, ${fingerprint}, \
            {{now}} + ${deadline}, ${duration}, ${state}, ${task}, ${audio}, {{now}}, {{now}})"
        )
    };
    let rows: Vec<_> = (0..jobs.len()).map(row).collect();
    let text = format!(
        "INSERT INTO jackfield_jobs (id, account, add_on, install, request, fingerprint, \
        deadline_at, duration_ms, state, task, audio, accepted_at, due_at) \
        VALUES {} ON CONFLICT DO NOTHING RETURNING id",
        rows.join(", ")
    );
    // Always in the same order, so that two hosts never wait for each other.
    let mut jobs = jobs.to_vec();
    jobs.sort_by_key(|job| (job.account, job.add_on, job.request, job.id));
    // There are as many texts as there are numbers of jobs.
    let statement = engine.statement(&text).persistent(jobs.len() == 1);
    jobs.into_iter().fold(statement, bind)
}

fn bind(statement: Statement, job: &NewJob) -> Statement {
    statement
        .bind(job.id.to_string())
        .bind(job.account.to_string())
        .bind(job.add_on.to_string())
        .bind(job.install.map(|install| install.to_string()))
        .bind(job.request.map(|request| request.to_string()))
        .bind(job.fingerprint.0.to_vec())
        .bind(job.deadline.map(millis))
        .bind(job.duration.map(millis))
        .bind(super::State::Accepted.word())
        .bind(job.task.clone())
        .bind(job.audio.then(|| BlobName::audio(job.id).to_string()))
}

/// A job that was there before.
struct Known {
    id: JobId,
    key: [String; 3],
    fingerprint: Fingerprint,
    state: super::State,
}

/// Finds the jobs that are in the way of these.
async fn find(engine: &Engine, jobs: &[&NewJob]) -> Result<Vec<Known>, StoreError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let one = |n: usize| {
        let [id, account, add_on, request] = [n * 4 + 1, n * 4 + 2, n * 4 + 3, n * 4 + 4];
        format!(
            "id = ${id} OR (account = ${account} AND add_on = ${add_on} AND request = ${request})"
        )
    };
    let any: Vec<_> = (0..jobs.len()).map(one).collect();
    let text = format!(
        "SELECT id, account, add_on, request, fingerprint, state FROM jackfield_jobs WHERE {}",
        any_of(&any)
    );
    let statement = engine.statement(&text).persistent(jobs.len() == 1);
    let statement = jobs.iter().fold(statement, |statement, job| {
        let [account, add_on, request] = key(job);
        statement
            .bind(job.id.to_string())
            .bind(account)
            .bind(add_on)
            .bind(request)
    });
    // What was just written decides, so it is read where it was written.
    let rows = engine.write_rows(statement).await?;
    rows.iter().map(Known::read).collect()
}

/// What a request is known by. One without a name is like no other.
fn key(job: &NewJob) -> [String; 3] {
    let request = job.request.map(|request| request.to_string());
    [
        job.account.to_string(),
        job.add_on.to_string(),
        request.unwrap_or_default(),
    ]
}

impl Known {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let row = Columns(row);
        let text = |name| Ok::<_, StoreError>(row.text(name)?.unwrap_or_default());
        let fingerprint = row.bytes("fingerprint")?;
        let fingerprint = fingerprint.try_into();
        Ok(Self {
            id: row.parsed("id")?,
            key: [text("account")?, text("add_on")?, text("request")?],
            fingerprint: Fingerprint(fingerprint.map_err(|_| StoreError::Damaged("fingerprint"))?),
            state: row.parsed("state")?,
        })
    }

    /// What this means for a job that is to be accepted, if anything.
    fn verdict(&self, job: &NewJob) -> Option<Accepted> {
        let same = self.fingerprint == job.fingerprint;
        match self.id == job.id {
            // It was accepted before, without anybody hearing of it.
            true if same => Some(Accepted::New),
            true => Some(Accepted::Conflict),
            false if self.key != key(job) || job.request.is_none() => None,
            false if same => Some(Accepted::Known {
                id: self.id,
                state: self.state,
            }),
            false => Some(Accepted::Conflict),
        }
    }
}

#[cfg(test)]
mod tests;
