//! The operator's hand: pausing, freezing, approving. None of it waits for a reload that
//! is under way, and neither does going back to an earlier version.

mod said;

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{info, warn};

use super::Reloader;
use super::report::Report;
use crate::add_on::{AddOn, Hindrance};
use crate::config::AddOnName;
use crate::state::{Entry, Frozen, Pause, Record, Who};

pub use said::VerbError;
pub(super) use said::checked_reason;
use said::object;

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

    /// Lets the component in place serve, whatever kept it from it but its own faults; where
    /// that serves, the canary's.
    ///
    /// # Errors
    /// Where nothing keeps it.
    pub async fn approve(&self, add_on: &str, who: Who) -> Result<Arc<Report>, VerbError> {
        let name = self.known(add_on)?;
        let current = self.host().registry().named(&name).cloned();
        let current = current.ok_or_else(|| VerbError::NoAddOn(name.to_string()))?;
        let Some(sha256) = held(&current) else {
            let state = match current.hindrance {
                Some(_) => "is no good",
                None => "serves",
            };
            return Err(VerbError::NothingHeld(name, state));
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

    pub(super) fn known(&self, add_on: &str) -> Result<AddOnName, VerbError> {
        let unknown = || VerbError::NoAddOn(add_on.chars().take(64).collect());
        let name: AddOnName = add_on.parse().map_err(|_| unknown())?;
        match self.host().registry().named(&name) {
            Some(_) => Ok(name),
            None => Err(unknown()),
        }
    }

    /// Changes one add-on of what is served.
    pub(super) fn edit(&self, name: &AddOnName, change: impl FnOnce(&mut AddOn)) {
        self.host().change(|registry| {
            let next = registry.named(name).map(|add_on| {
                let mut add_on = AddOn::clone(add_on);
                change(&mut add_on);
                registry.with(add_on)
            });
            (next, ())
        });
    }

    pub(super) async fn record(
        &self,
        name: &AddOnName,
        change: impl FnOnce(&mut Record) + Send + 'static,
    ) -> Result<(), VerbError> {
        let (state, name) = (Arc::clone(self.state()), name.clone());
        let written = tokio::task::spawn_blocking(move || state.records.change(&name, change));
        Ok(written.await.map_err(|_| VerbError::Ending)??)
    }

    pub(super) fn audit(
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

/// The version that waits for an operator.
fn held(add_on: &AddOn) -> Option<String> {
    let is_held = |it: &&Arc<Hindrance>| it.held;
    let main = add_on.hindrance.as_ref().filter(is_held);
    let held = main.or_else(|| add_on.canary_hindrance().filter(is_held));
    held?.sha256.clone()
}
