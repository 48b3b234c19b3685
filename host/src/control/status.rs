//! How everything is, for operators. Nothing secret is in it.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Control;
use super::keys::{KeyStatus, keys};
use crate::add_on::{AddOn, Tally, VersionCounts};
use crate::breaker::BreakerState;
use crate::jobs::JobsStatus;
use crate::ledger::LedgerStats;
use crate::reload::Report;
use crate::sandbox::ENGINE;
use crate::state::{Frozen, Record, Who};
use crate::version::Serving;

/// How a host is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// The version of jackfield.
    pub version: String,
    /// The version of wasmtime.
    pub wasmtime: String,
    /// The host's process.
    pub pid: u32,
    /// Since when it serves.
    pub started: Timestamp,
    /// Whether it is ending.
    pub draining: bool,
    /// Its configuration's file, as it was told at the start.
    pub config: PathBuf,
    /// Which registry it serves: each change makes another.
    pub generation: u64,
    /// Set while files are not taken up when they change.
    pub frozen: Option<Frozen>,
    /// What came of the last reload that changed anything, or should have.
    pub last_reload: Option<Report>,
    /// What is kept to be answered again, and what came of it. A host that is older than
    /// this does not tell.
    #[serde(default)]
    pub ledger: LedgerStats,
    /// How many instances were made since then, each for one call. A host that is older
    /// than this does not tell.
    #[serde(default)]
    pub instances: u64,
    /// When the keys of accounts last proved a request. A host that is older than this does
    /// not tell.
    #[serde(default)]
    pub keys: Vec<KeyStatus>,
    /// The add-ons, by name.
    pub addons: Vec<AddOnStatus>,
    /// The jobs, where recordings are kept.
    #[serde(default)]
    pub jobs: Option<JobsStatus>,
}

/// How an add-on is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AddOnStatus {
    /// Its name.
    pub name: String,
    /// Its SID.
    pub sid: String,
    /// All that holds of it at the moment, at least one thing.
    pub conditions: Vec<Condition>,
    /// The SHA-256 of what serves it.
    pub serves: Option<String>,
    /// Since when that does.
    pub since: Option<Timestamp>,
    /// The SHA-256 of the component in place, if that is another, and can be read.
    pub in_place: Option<String>,
    /// Whether that waits for `approve`.
    pub held: bool,
    /// What answers a part of its customers.
    pub canary: Option<CanaryStatus>,
    /// What is asked besides.
    pub shadow: Option<ShadowStatus>,
    /// The versions that served, the last one last.
    pub versions: Vec<VersionStatus>,
    /// From which versions of its listing at Twilio its requests came. A host that is older
    /// than this does not tell.
    #[serde(default)]
    pub listing: VersionCounts,
}

/// Something that holds of an add-on, or of its canary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Condition {
    /// It is not called, because an operator said so.
    Paused {
        /// Why.
        reason: String,
        /// Since when.
        since: Timestamp,
        /// Who said so.
        by: Who,
        /// Whether an object is answered meanwhile, and no error.
        answered: bool,
    },
    /// Nothing serves it.
    Unavailable {
        /// Why.
        why: String,
    },
    /// It is not the component in place that serves it.
    ServingPrevious {
        /// Why.
        why: String,
    },
    /// It fails, and is left alone for a while.
    Suspended {
        /// How it failed.
        why: String,
    },
    /// Its first calls are watched.
    OnTrial {
        /// How many it has had.
        calls: usize,
        /// Of how many.
        of: usize,
    },
    /// Nothing else holds.
    Ready,
}

/// How a canary is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryStatus {
    /// Its SHA-256, if it serves.
    pub sha256: Option<String>,
    /// Its part of the customers, of a hundred.
    pub percent: usize,
    /// All that holds of it, at least one thing.
    pub conditions: Vec<Condition>,
}

/// How a shadow is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowStatus {
    /// Its SHA-256, if it is asked.
    pub sha256: Option<String>,
    /// Its part of the calls, of a hundred.
    pub percent: usize,
    /// Why it is not asked.
    pub why: Option<String>,
    /// What came of comparing it.
    pub tally: Tally,
}

/// A version that served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionStatus {
    /// Its SHA-256.
    pub sha256: String,
    /// When it began to serve.
    pub since: Timestamp,
    /// Whether it has stood its trial, or had none to stand.
    pub proven: bool,
    /// Why it does not serve again before somebody approves, if something speaks against it.
    pub held: Option<String>,
}

impl Control {
    /// How everything is.
    #[must_use]
    pub async fn status(&self) -> Status {
        let registry = self.reloader.host().registry();
        let records = &self.reloader.state().records;
        let mut addons: Vec<AddOnStatus> = registry
            .add_ons()
            .map(|add_on| AddOnStatus::of(add_on, &records.of(&add_on.config.name)))
            .collect();
        addons.sort_by(|one, other| one.name.cmp(&other.name));
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            wasmtime: ENGINE.to_owned(),
            pid: std::process::id(),
            started: self.started,
            draining: self.stop.is_asked(),
            config: self.reloader.source().path.clone(),
            generation: registry.generation,
            frozen: self.reloader.frozen(),
            last_reload: self.reloader.last().map(Arc::unwrap_or_clone),
            ledger: self.reloader.host().ledger.stats(),
            instances: self.reloader.host().sandbox.instances(),
            keys: keys(&registry),
            addons,
            jobs: self.jobs_status().await,
        }
    }
}

impl AddOnStatus {
    fn of(add_on: &AddOn, record: &Record) -> Self {
        let hindrance = add_on.hindrance.as_deref();
        let in_place = hindrance.and_then(|hindrance| hindrance.sha256.clone());
        let serves = add_on.sha256();
        let since = record.versions.iter().rev();
        let since = since.clone().find(|it| Some(it.sha256.as_str()) == serves);
        Self {
            name: add_on.config.name.to_string(),
            sid: add_on.config.terms.add_on.to_string(),
            conditions: conditions(add_on),
            serves: serves.map(str::to_owned),
            since: since.map(|served| served.since),
            in_place: in_place.filter(|sha256| Some(sha256.as_str()) != serves),
            held: hindrance.is_some_and(|hindrance| hindrance.held),
            canary: canary(add_on),
            shadow: shadow(add_on),
            versions: versions(record),
            listing: add_on.versions.read(),
        }
    }
}

/// All that holds of an add-on, at least one thing.
#[must_use]
pub fn conditions(add_on: &AddOn) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if let Some(pause) = &add_on.pause {
        conditions.push(Condition::Paused {
            reason: pause.reason.clone(),
            since: pause.since,
            by: pause.by.clone(),
            answered: pause.answer.is_some(),
        });
    }
    let hindrance = add_on.hindrance.as_ref();
    let why = hindrance.map(|hindrance| hindrance.why.clone());
    match (&add_on.main, why) {
        (None, why) => conditions.push(Condition::Unavailable {
            why: why.unwrap_or_default(),
        }),
        (Some(_), Some(why)) => conditions.push(Condition::ServingPrevious { why }),
        (Some(_), None) => {}
    }
    conditions.extend(add_on.main.iter().flat_map(fares));
    or_ready(conditions)
}

/// How the calls of a version fare.
fn fares(serving: &Serving) -> Vec<Condition> {
    let suspended = match serving.breaker.state() {
        BreakerState::Open(why) => Some(Condition::Suspended {
            why: why.to_string(),
        }),
        BreakerState::Closed => None,
    };
    let progress = serving.trial.as_ref().and_then(|trial| trial.progress());
    let trial = progress.map(|(calls, of)| Condition::OnTrial { calls, of });
    suspended.into_iter().chain(trial).collect()
}

fn or_ready(mut conditions: Vec<Condition>) -> Vec<Condition> {
    if conditions.is_empty() {
        conditions.push(Condition::Ready);
    }
    conditions
}

fn canary(add_on: &AddOn) -> Option<CanaryStatus> {
    let canary = add_on.canary.as_ref()?;
    let (sha256, conditions) = match &canary.serving {
        Ok(serving) => (Some(serving.version.sha256.clone()), fares(serving)),
        Err(hindrance) => {
            let why = hindrance.why.clone();
            (None, vec![Condition::Unavailable { why }])
        }
    };
    Some(CanaryStatus {
        sha256,
        percent: canary.percent,
        conditions: or_ready(conditions),
    })
}

fn shadow(add_on: &AddOn) -> Option<ShadowStatus> {
    let shadow = add_on.shadow.as_ref()?;
    let version = shadow.version.as_ref();
    Some(ShadowStatus {
        sha256: version.ok().map(|version| version.sha256.clone()),
        percent: shadow.percent,
        why: version.err().cloned(),
        tally: shadow.tally(),
    })
}

fn versions(record: &Record) -> Vec<VersionStatus> {
    let version = |served: &crate::state::Served| VersionStatus {
        sha256: served.sha256.clone(),
        since: served.since,
        proven: served.proven,
        held: record
            .holds
            .get(&served.sha256)
            .map(|hold| hold.why.clone()),
    };
    record.versions.iter().map(version).collect()
}

impl Condition {
    /// What it is, in a word or two.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Paused { .. } => "PAUSED".to_owned(),
            Self::Unavailable { .. } => "UNAVAILABLE".to_owned(),
            Self::ServingPrevious { .. } => "serving previous".to_owned(),
            Self::Suspended { .. } => "SUSPENDED".to_owned(),
            Self::OnTrial { calls, of } => format!("on trial, {calls} of {of}"),
            Self::Ready => "ready".to_owned(),
        }
    }

    /// Why it is so, where there is a reason.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        match self {
            Self::Paused {
                reason, since, by, ..
            } => {
                let since = since.strftime("%F %TZ");
                Some(format!("paused since {since} by {by}: {reason}"))
            }
            Self::Unavailable { why } | Self::ServingPrevious { why } | Self::Suspended { why } => {
                Some(why.clone())
            }
            Self::OnTrial { .. } | Self::Ready => None,
        }
    }
}
