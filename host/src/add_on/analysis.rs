//! The way of a recording into its provider: a turn first, and then the call, so that what
//! is written down before a provider runs is true.

use std::time::{Duration, Instant};

use super::{AddOn, InvokeError, conclude};
use crate::admission::{Customer, Permit};
use crate::breaker::Attempt;
use crate::protocol::recording::Facts;
use crate::protocol::sid::AddOnInstallSid;
use crate::sandbox::{Audio, CallError, RecordingFacts, Report};
use crate::traces::{Step, Trace};
use crate::version::Serving;

/// The right to have one recording analysed.
pub struct Turn<'a> {
    add_on: &'a AddOn,
    serving: &'a Serving,
    attempt: Attempt<'a>,
    _permit: Permit,
}

/// A recording as its provider gets it.
pub struct Analysis<'a> {
    /// What it is told.
    pub facts: &'a Facts,
    /// How often the recording has been given to it, this time included.
    pub attempt: u32,
    /// Its bytes.
    pub audio: Audio,
    /// Where its result goes.
    pub report: Report,
    /// When it has to be done.
    pub deadline: Instant,
    /// Where it is noted what it takes.
    pub trace: &'a Trace,
}

impl AddOn {
    /// Waits for a turn to analyse a recording, but not beyond `until`.
    ///
    /// # Errors
    /// Where the provider is not to be called, or there is no room for it.
    pub async fn turn(
        &self,
        install: Option<AddOnInstallSid>,
        until: Instant,
        trace: &Trace,
    ) -> Result<Turn<'_>, InvokeError> {
        if self.pause.is_some() {
            return Err(InvokeError::Paused);
        }
        let serving = self.main.as_ref().ok_or(InvokeError::Unavailable)?;
        let mut attempt = serving.breaker.admit()?;
        let waiting = trace.step(Step::Turn);
        let permit = self.gate.enter(Customer(install), until).await;
        let permit = permit.map_err(|why| self.overloaded(why))?;
        drop(waiting);
        attempt.renew()?;
        Ok(Turn {
            add_on: self,
            serving,
            attempt,
            _permit: permit,
        })
    }
}

impl Turn<'_> {
    /// Has the recording analysed. What comes of it is one JSON object, in the report.
    ///
    /// # Errors
    /// Where the report is no whole JSON object.
    pub async fn analyze(self, analysis: Analysis<'_>) -> Result<(), InvokeError> {
        let provider = &self.serving.version.provider;
        let recording = told(analysis.facts, analysis.attempt);
        let (audio, report) = (analysis.audio, analysis.report);
        let config = &self.add_on.config;
        let calling = analysis.trace.step(Step::Call);
        let called = provider.analyze(recording, audio, report, config, analysis.deadline);
        let called = called.await;
        drop(calling);
        self.add_on.note_usage(called.usage, analysis.trace);
        let result = called.result.map(drop).map_err(|error| match error {
            CallError::NoRoom => self.add_on.overloaded(crate::admission::NoTurn::NoRoom),
            other => InvokeError::Call(other),
        });
        conclude(self.serving, self.attempt, &result);
        result
    }
}

/// What a provider is told of a recording.
fn told(facts: &Facts, attempt: u32) -> RecordingFacts {
    let facts = facts.clone();
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    RecordingFacts {
        media_type: facts.media_type,
        duration_ms: facts.duration.map(millis),
        size: facts.size,
        channels: facts.channels,
        sample_rate: facts.sample_rate,
        sids: facts.sids,
        attempt,
        fields: facts.fields,
    }
}
