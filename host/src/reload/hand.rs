//! The operator's hand: going back to an earlier version, pausing, freezing, approving.
//! None of it waits for a reload that is under way.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::Reloader;
use super::report::{Change, Outcome, Report};
use crate::add_on::{AddOn, Canary, Hindrance};
use crate::config::AddOnName;
use crate::state::{Entry, Frozen, Hold, HoldKind, Pause, Served, Who};
use crate::trial::Verdict;
use crate::version::Serving;

/// Why a verb was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// There is no such add-on.
    #[error("there is no add-on `{0}`")]
    NoAddOn(String),
    /// Nothing else has ever served the add-on, or nothing that may.
    #[error("there is no version of `{0}` to go back to")]
    NoneBefore(AddOnName),
    /// The version before cannot serve.
    #[error("the version of `{0}` before, {1}, cannot serve: {2}")]
    Unfit(AddOnName, String, String),
    /// Nothing of the add-on waits for approval.
    #[error("nothing of `{0}` waits for approval: the component in place {1}")]
    NothingHeld(AddOnName, &'static str),
    /// The add-on was not paused.
    #[error("`{0}` is not paused")]
    NotPaused(AddOnName),
    /// The answer is none.
    #[error("the answer is no JSON object of at most 32 KiB: {0}")]
    Answer(String),
    /// A reason is needed, so that the next person knows.
    #[error("a reason is needed, of at most 500 characters")]
    Reason,
    /// It holds until the host ends, and would not afterwards.
    #[error("it holds now, and will not after a restart: it cannot be written down: {0}")]
    Unwritten(#[from] io::Error),
    /// The host is ending.
    #[error("the host is ending")]
    Ending,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// The longest answer of a paused add-on, in bytes.
const LONGEST_ANSWER: usize = 32 * 1024;

impl Reloader {
    /// Answers an add-on's requests without calling it, until somebody resumes it.
    ///
    /// # Errors
    /// Where there is no such add-on, or its answer is none.
    pub async fn pause(
        &self,
        add_on: &str,
        answer: Option<String>,
        reason: &str,
        who: Who,
    ) -> Result<(), VerbError> {
        let name = self.known(add_on)?;
        let answer = answer.map(|answer| object(&answer)).transpose()?;
        let reason = checked_reason(reason)?;
        let pause = Pause {
            reason: reason.clone(),
            answer,
            since: Timestamp::now(),
            by: who.clone(),
        };
        self.set_pause(&name, Some(pause)).await?;
        warn!(add_on = name.as_str(), reason, "paused");
        self.audit("pause", &who, &name, (None, None), Some(&reason));
        Ok(())
    }

    /// Calls a paused add-on again.
    ///
    /// # Errors
    /// Where there is no such add-on, or it is not paused.
    pub async fn resume(&self, add_on: &str, who: Who) -> Result<(), VerbError> {
        let name = self.known(add_on)?;
        if self.state().records.of(&name).pause.is_none() {
            return Err(VerbError::NotPaused(name));
        }
        self.set_pause(&name, None).await?;
        info!(add_on = name.as_str(), "no longer paused");
        self.audit("resume", &who, &name, (None, None), None);
        Ok(())
    }

    async fn set_pause(&self, name: &AddOnName, pause: Option<Pause>) -> Result<(), VerbError> {
        let written = self.record(name, move |record| record.pause = pause);
        let written = written.await;
        // What is known by now, for somebody else may have been quicker.
        let records = &self.state().records;
        self.edit(name, |add_on| {
            add_on.pause = records.of(name).pause.map(Arc::new);
        });
        written
    }

    /// Takes up no file that changes, until somebody thaws the host. What an operator asks
    /// for is done all the same.
    ///
    /// # Errors
    /// Where no reason is given.
    pub async fn freeze(&self, reason: &str, who: Who) -> Result<(), VerbError> {
        let reason = checked_reason(reason)?;
        let frozen = Frozen {
            reason: reason.clone(),
            since: Timestamp::now(),
            by: who.clone(),
        };
        self.set_frozen(Some(frozen)).await?;
        warn!(reason, "frozen: files that change are not taken up");
        self.audit_all("freeze", &who, Some(&reason));
        Ok(())
    }

    /// Takes up again what changes, and what has changed meanwhile.
    ///
    /// # Errors
    /// Where that cannot be written down.
    pub async fn thaw(&self, who: Who) -> Result<(), VerbError> {
        self.set_frozen(None).await?;
        info!("thawed");
        self.audit_all("thaw", &who, None);
        self.poke(Who::Watch);
        Ok(())
    }

    async fn set_frozen(&self, frozen: Option<Frozen>) -> Result<(), VerbError> {
        let state = Arc::clone(self.state());
        let written = tokio::task::spawn_blocking(move || state.records.freeze(frozen)).await;
        Ok(written.map_err(|_| VerbError::Ending)??)
    }

    /// Lets the component in place serve, whatever kept it from it but its own faults.
    ///
    /// # Errors
    /// Where nothing keeps it.
    pub async fn approve(&self, add_on: &str, who: Who) -> Result<Arc<Report>, VerbError> {
        let name = self.known(add_on)?;
        let current = self.host().registry().named(&name).cloned();
        let hindrance = current.and_then(|current| current.hindrance.clone());
        let sha256 = match hindrance.as_deref() {
            Some(Hindrance {
                held: true,
                sha256: Some(sha256),
                ..
            }) => sha256.clone(),
            Some(_) => return Err(VerbError::NothingHeld(name, "is no good")),
            None => return Err(VerbError::NothingHeld(name, "serves")),
        };
        let approved = sha256.clone();
        let written = self.record(&name, move |record| {
            record.holds.remove(&approved);
            record.approved = Some(approved);
        });
        written.await?;
        self.audit("approve", &who, &name, (None, Some(&sha256)), None);
        self.request(who).await.ok_or(VerbError::Ending)
    }

    /// Goes back to the version that served before the one that does.
    ///
    /// # Errors
    /// Where there is none, or it cannot serve.
    pub async fn rollback(
        &self,
        add_on: &str,
        reason: Option<&str>,
        who: Who,
    ) -> Result<Report, VerbError> {
        let name = self.known(add_on)?;
        let reason = reason.map(checked_reason).transpose()?;
        let why = reason.unwrap_or_else(|| "an operator went back".to_owned());
        let current = self.host().registry().named(&name).cloned();
        let current = current.as_ref().and_then(|current| current.sha256());
        let from = current.unwrap_or_default().to_owned();
        self.go_back(&name, &from, HoldKind::RolledBack, why, who)
            .await
    }

    /// What the first calls of a new version say about it.
    pub(super) async fn judge(&self, verdict: Verdict) {
        let Verdict { subject, failed } = verdict;
        let name = &subject.add_on;
        let Some(why) = failed else {
            let sha256 = subject.sha256.clone();
            let proven = self.record(name, move |record| {
                let served = record.versions.iter_mut();
                for served in served.filter(|served| served.sha256 == sha256) {
                    served.proven = true;
                }
            });
            info!(
                add_on = name.as_str(),
                sha256 = subject.sha256,
                "stood its trial"
            );
            if let Err(error) = proven.await {
                warn!(add_on = name.as_str(), %error, "not written down");
            }
            return;
        };
        if !self.serves(name, &subject.sha256) {
            return;
        }
        let back = self
            .go_back(name, &subject.sha256, HoldKind::Failed, why, Who::Trial)
            .await;
        if let Err(error) = back {
            error!(add_on = name.as_str(), %error, "a failing version keeps serving");
        }
    }

    /// Serves the version before `from`, and keeps `from` from serving.
    async fn go_back(
        &self,
        name: &AddOnName,
        from: &str,
        kind: HoldKind,
        why: String,
        who: Who,
    ) -> Result<Report, VerbError> {
        let hold = Hold {
            kind,
            why: why.clone(),
            since: Timestamp::now(),
        };
        let target = match self.is_canary(name, from) {
            true => None,
            false => Some(self.target(name, from).await?),
        };
        let new = target.as_ref().map(|target| target.version.sha256.clone());
        let served = target.as_ref().map(|target| Served {
            sha256: target.version.sha256.clone(),
            imports: target.version.imports.clone(),
            since: Timestamp::now(),
            proven: true,
        });
        // At once, for every call fails meanwhile; and once more when it is written down,
        // in case a reload has chosen it again before it could know.
        self.edit(name, |add_on| replace(add_on, from, target.clone(), &why));
        let written = self.record(name, {
            let from = from.to_owned();
            move |record| {
                record.hold(&from, hold);
                if let Some(served) = served {
                    record.serve(served);
                }
            }
        });
        let written = written.await;
        self.edit(name, |add_on| replace(add_on, from, target, &why));
        error!(
            add_on = name.as_str(),
            from,
            to = new,
            reason = why,
            "went back"
        );
        self.audit(
            "rollback",
            &who,
            name,
            (Some(from), new.as_deref()),
            Some(&why),
        );
        written?;
        let change = Change::of(name.as_str(), "component", Some(from), new.as_deref());
        Ok(Report {
            generation: self.host().registry().generation,
            changes: vec![change],
            ..Report::nothing(who, Outcome::Changed)
        })
    }

    /// Whether a version still serves any customer of an add-on.
    fn serves(&self, name: &AddOnName, sha256: &str) -> bool {
        let registry = self.host().registry();
        let add_on = registry.named(name);
        add_on.is_some_and(|it| it.sha256() == Some(sha256)) || self.is_canary(name, sha256)
    }

    fn is_canary(&self, name: &AddOnName, sha256: &str) -> bool {
        let registry = self.host().registry();
        let add_on = registry.named(name);
        let canary = add_on.and_then(|add_on| add_on.canary.as_ref());
        let serving = canary.and_then(|canary| canary.serving.as_ref().ok());
        let is_main = add_on.is_some_and(|add_on| add_on.sha256() == Some(sha256));
        !is_main && serving.is_some_and(|serving| serving.version.sha256 == sha256)
    }

    /// The version before, ready to serve under the settings of today.
    async fn target(&self, name: &AddOnName, from: &str) -> Result<Serving, VerbError> {
        let registry = self.host().registry();
        let current = registry.named(name);
        let current = current.ok_or_else(|| VerbError::NoAddOn(name.to_string()))?;
        let record = self.state().records.of(name);
        let before = record.before(from);
        let sha256 = before.ok_or_else(|| VerbError::NoneBefore(name.clone()))?;
        let sha256 = sha256.sha256.clone();
        let unfit = |why: &str| VerbError::Unfit(name.clone(), sha256.clone(), why.to_owned());
        let pin = current.config.component.sha256.as_deref();
        if pin.is_some_and(|pin| pin != sha256) {
            return Err(unfit("the configuration pins another"));
        }
        let _turn = self.host().loader.turn().await;
        let opened = self.assembly.stored(&sha256).await;
        let opened = opened.ok_or_else(|| unfit("there is no copy of it"))?;
        let loaded = self
            .assembly
            .load(&opened, &current.config, registry.server());
        let version = loaded.await.map_err(|error| unfit(&error.to_string()))?;
        Ok(Serving::new(&current.config, Arc::new(version), None))
    }

    fn known(&self, add_on: &str) -> Result<AddOnName, VerbError> {
        let unknown = || VerbError::NoAddOn(add_on.chars().take(64).collect());
        let name: AddOnName = add_on.parse().map_err(|_| unknown())?;
        match self.host().registry().named(&name) {
            Some(_) => Ok(name),
            None => Err(unknown()),
        }
    }

    /// Changes one add-on of what is served.
    fn edit(&self, name: &AddOnName, change: impl FnOnce(&mut AddOn)) {
        self.host().change(|registry| {
            let next = registry.named(name).map(|add_on| {
                let mut add_on = AddOn::clone(add_on);
                change(&mut add_on);
                registry.with(add_on)
            });
            (next, ())
        });
    }

    async fn record(
        &self,
        name: &AddOnName,
        change: impl FnOnce(&mut crate::state::Record) + Send + 'static,
    ) -> Result<(), VerbError> {
        let (state, name) = (Arc::clone(self.state()), name.clone());
        let written = tokio::task::spawn_blocking(move || state.records.change(&name, change));
        Ok(written.await.map_err(|_| VerbError::Ending)??)
    }

    fn audit(
        &self,
        event: &str,
        who: &Who,
        name: &AddOnName,
        (old, new): (Option<&str>, Option<&str>),
        why: Option<&str>,
    ) {
        self.state().audit.note(&Entry {
            event,
            who,
            add_on: Some(name.as_str()),
            old,
            new,
            why,
        });
    }

    fn audit_all(&self, event: &str, who: &Who, why: Option<&str>) {
        self.state().audit.note(&Entry {
            event,
            who,
            add_on: None,
            old: None,
            new: None,
            why,
        });
    }
}

/// An add-on without the version `from`: it is served by `target` instead, or, where that
/// was its canary's, by what serves all others.
fn replace(add_on: &mut AddOn, from: &str, target: Option<Serving>, why: &str) {
    let Some(target) = target else {
        let failed = |serving: &Serving| serving.version.sha256 == from;
        if let Some(canary) = &mut add_on.canary
            && canary.serving.as_ref().is_ok_and(failed)
        {
            *canary = Canary {
                serving: Err(why.to_owned()),
                percent: canary.percent,
            };
        }
        return;
    };
    if add_on.sha256() == Some(from) || add_on.main.is_none() {
        add_on.main = Some(target);
        add_on.hindrance = Some(Arc::new(Hindrance {
            sha256: Some(from.to_owned()),
            why: why.to_owned(),
            held: true,
        }));
    }
}

fn checked_reason(reason: &str) -> Result<String, VerbError> {
    let reason = super::report::on_one_line(reason);
    let printable = reason.chars().all(|c| !c.is_control());
    let length = reason.chars().count();
    match printable && (1..=LONGEST_REASON).contains(&length) {
        true => Ok(reason),
        false => Err(VerbError::Reason),
    }
}

/// A JSON object, as compact text.
fn object(text: &str) -> Result<String, VerbError> {
    let wrong = |why: &dyn std::fmt::Display| VerbError::Answer(why.to_string());
    if text.len() > LONGEST_ANSWER {
        return Err(wrong(&"it is longer"));
    }
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| wrong(&error))?;
    match value.is_object() {
        true => Ok(value.to_string()),
        false => Err(wrong(&"it is something else")),
    }
}
