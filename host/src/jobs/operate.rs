//! What operators see of jobs and do with them. Nothing of what a request said is in it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::JobId;
use super::store::{Count, Filter, Pace, Record, State, StoreError};
use super::{Jobs, JobsError};
use crate::protocol::sid::AddOnSid;
use crate::registry::Registry;

/// The most jobs of one list.
const MOST: u32 = 1_000;

/// Why something is not done with a job.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// No add-on is asynchronous, or the store could not be opened.
    #[error("no jobs are kept: no add-on serves recordings, or the log says why not")]
    NoJobs,
    /// The text is no job's name.
    #[error("`{0}` is not a job: expected 32 hexadecimal digits, as `jackfield jobs list` shows")]
    NoId(String),
    /// There is no such job.
    #[error("there is no job `{0}`")]
    Unknown(String),
    /// It is no dead letter.
    #[error("the job `{0}` is not a dead letter")]
    NotDead(String),
    /// There is no such state.
    #[error("there is no state `{0}`: choose among accepted, resulted, done and dead")]
    NoState(String),
    /// There is no such add-on.
    #[error("there is no add-on `{0}`")]
    NoAddOn(String),
    /// The store, or a file.
    #[error(transparent)]
    Jobs(#[from] JobsError),
}

impl From<StoreError> for OperateError {
    fn from(error: StoreError) -> Self {
        Self::Jobs(error.into())
    }
}

/// Which jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobFilter {
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Of the add-on of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addon: Option<String>,
    /// Those after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A job, as operators see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobView {
    /// Its name.
    pub id: String,
    /// The add-on's name, or its SID where it is not served any more.
    pub addon: String,
    /// The add-on's SID.
    pub addon_sid: String,
    /// The request's SID.
    pub request: Option<String>,
    /// The customer's installation.
    pub install: Option<String>,
    /// `accepted`, `resulted`, `done` or `dead`.
    pub state: String,
    /// Whether a host works on it at the moment.
    pub under_way: bool,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// When it is looked at next.
    pub due: Timestamp,
    /// When its time is over.
    pub deadline: Option<Timestamp>,
    /// When it was done or given up.
    pub finished: Option<Timestamp>,
    /// The recording's duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// How often its provider was called.
    pub runs: u32,
    /// How often the result was sent.
    pub deliveries: u32,
    /// `answer` or `failure`, once there is a result.
    pub result: Option<String>,
    /// Why it was put off or given up last.
    pub why: Option<String>,
}

/// How jobs are, where there are any.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum JobsStatus {
    /// They are kept and worked on.
    Open(KeptJobs),
    /// Recordings are not accepted.
    Away {
        /// Why.
        why: String,
    },
}

/// The jobs that are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptJobs {
    /// Where they are kept.
    pub store: String,
    /// The bytes that audio and results take.
    pub spooled: u64,
    /// Whether what is kept is sealed.
    pub sealed: bool,
    /// The add-ons that have jobs.
    pub addons: Vec<JobStatus>,
}

/// How the jobs of an add-on are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobStatus {
    /// Its name, or its SID where it is not served any more.
    pub addon: String,
    /// Those whose provider has not brought a result.
    pub accepted: u64,
    /// Those whose result has not arrived.
    pub resulted: u64,
    /// Those that are done, for as long as they are known.
    pub done: u64,
    /// The dead letters.
    pub dead: u64,
    /// When the oldest of those was accepted that are neither done nor dead.
    pub oldest: Option<Timestamp>,
    /// How long results took, of the last of them.
    pub pace: Option<PaceStatus>,
}

/// How long results took, as multiples of the recordings' durations. Twilio recommends 3
/// for the median and 5 for the 99th percentile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaceStatus {
    /// Of how many.
    pub of: u32,
    /// The median.
    pub median: f64,
    /// The 99th percentile.
    pub p99: f64,
}

impl Jobs {
    /// The jobs of a filter, the oldest first.
    ///
    /// # Errors
    /// Where the filter means nothing, or the store does not answer.
    pub async fn list(
        &self,
        filter: JobFilter,
        registry: &Registry,
    ) -> Result<Vec<JobView>, OperateError> {
        let after = filter.after.as_deref().map(id).transpose()?;
        let limit = filter.limit.unwrap_or(MOST).min(MOST);
        let state = filter.state.map(|state| {
            let parsed = state.parse();
            parsed.map_err(|_| OperateError::NoState(state))
        });
        let add_on = filter.addon.map(|name| {
            let sid = named(registry, &name);
            sid.ok_or(OperateError::NoAddOn(name))
        });
        let filter = Filter {
            state: state.transpose()?,
            add_on: add_on.transpose()?,
        };
        let records = self.store.list(&filter, after, limit).await?;
        Ok(records.iter().map(|it| JobView::of(it, registry)).collect())
    }

    /// One job.
    ///
    /// # Errors
    /// Where there is none, or the store does not answer.
    pub async fn show(&self, name: &str, registry: &Registry) -> Result<JobView, OperateError> {
        let record = self.record(name).await?;
        Ok(JobView::of(&record, registry))
    }

    /// Has a dead letter worked on again: the same result is sent, where there is one.
    ///
    /// # Errors
    /// Where it is none, or the store does not answer.
    pub async fn revive(&self, name: &str) -> Result<(), OperateError> {
        let record = self.record(name).await?;
        let time = self.time_for(record.duration).max(self.config.deadline);
        match self.store.retry(record.id, time).await? {
            true => Ok(()),
            false => Err(OperateError::NotDead(name.to_owned())),
        }
    }

    /// Forgets a dead letter.
    ///
    /// # Errors
    /// Where it is none, or the store does not answer.
    pub async fn discard(&self, name: &str) -> Result<(), OperateError> {
        let record = self.record(name).await?;
        let files = self.store.drop_dead(record.id).await?;
        let files = files.ok_or_else(|| OperateError::NotDead(name.to_owned()))?;
        Ok(self.spool.remove(files).await.map_err(JobsError::from)?)
    }

    async fn record(&self, name: &str) -> Result<Record, OperateError> {
        let record = self.store.get(id(name)?).await?;
        record.ok_or_else(|| OperateError::Unknown(name.to_owned()))
    }

    /// How everything is.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn status(&self, registry: &Registry) -> Result<KeptJobs, OperateError> {
        let mut addons: Vec<JobStatus> = Vec::new();
        for count in self.store.counts().await? {
            let name = name_of(registry, count.add_on);
            let place = addons.iter().position(|it| it.addon == name);
            let place = match place {
                Some(place) => place,
                None => {
                    let pace = self.pace(count.account, count.add_on).await?;
                    addons.push(JobStatus::none(name, pace));
                    addons.len() - 1
                }
            };
            addons[place].add(count.state, count.count, count.oldest);
        }
        addons.sort_by(|one, other| one.addon.cmp(&other.addon));
        Ok(KeptJobs {
            store: self.store.engine().to_string(),
            spooled: self.spool.used(),
            sealed: self.vault.seals_with().is_some(),
            addons,
        })
    }

    /// How many jobs are how far, by their add-ons' SIDs.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn counts(&self) -> Result<Vec<Count>, OperateError> {
        Ok(self.store.counts().await?)
    }

    /// The bytes that audio and results take, and those that they may.
    #[must_use]
    pub fn spooled(&self) -> (u64, u64) {
        (self.spool.used(), self.config.spool_limit as u64)
    }

    async fn pace(
        &self,
        account: crate::protocol::sid::AccountSid,
        add_on: AddOnSid,
    ) -> Result<Option<PaceStatus>, StoreError> {
        let since = Timestamp::now().checked_sub(Duration::from_secs(24 * 60 * 60));
        let since = since.unwrap_or(Timestamp::MIN);
        let pace = self.store.paces(account, add_on, since).await?;
        Ok(pace.map(|Pace { count, median, p99 }| PaceStatus {
            of: count,
            median,
            p99,
        }))
    }
}

impl JobStatus {
    fn none(addon: String, pace: Option<PaceStatus>) -> Self {
        Self {
            addon,
            accepted: 0,
            resulted: 0,
            done: 0,
            dead: 0,
            oldest: None,
            pace,
        }
    }

    fn add(&mut self, state: State, count: u64, oldest: Timestamp) {
        let mut waits = true;
        match state {
            State::Accepted => self.accepted = count,
            State::Resulted => self.resulted = count,
            State::Done => (self.done, waits) = (count, false),
            State::Dead => (self.dead, waits) = (count, false),
        }
        if waits {
            self.oldest = Some(self.oldest.map_or(oldest, |before| before.min(oldest)));
        }
    }
}

impl JobView {
    fn of(record: &Record, registry: &Registry) -> Self {
        let result = record.result.as_ref();
        Self {
            id: record.id.to_string(),
            addon: name_of(registry, record.add_on),
            addon_sid: record.add_on.to_string(),
            request: record.request.map(|sid| sid.to_string()),
            install: record.install.map(|sid| sid.to_string()),
            state: record.state.to_string(),
            under_way: record.leased,
            accepted: record.accepted_at,
            due: record.due_at,
            deadline: record.deadline_at,
            finished: record.finished_at,
            duration_ms: record
                .duration
                .map(|duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
            runs: record.runs,
            deliveries: record.deliveries,
            result: result.map(|(_, kind)| kind.to_string()),
            why: record.why.clone(),
        }
    }
}

fn id(name: &str) -> Result<JobId, OperateError> {
    let id = name.parse();
    id.map_err(|_| OperateError::NoId(name.chars().take(64).collect()))
}

fn named(registry: &Registry, name: &str) -> Option<AddOnSid> {
    let add_on = registry.named(&name.parse().ok()?)?;
    Some(add_on.config.terms.add_on)
}

fn name_of(registry: &Registry, sid: AddOnSid) -> String {
    let add_on = registry.get(sid);
    add_on.map_or_else(|| sid.to_string(), |it| it.config.name.to_string())
}
