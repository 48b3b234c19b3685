//! The breaker's states. Pure: time is passed in.

use std::time::{Duration, Instant};

use crate::config::BreakerRule;

/// How much longer than the longest call a probe may be away before another is sent.
const LOST: Duration = Duration::from_secs(1);

/// Why a provider is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("suspended after {failures} failures in a row, the last: {last}")]
pub struct Suspended {
    failures: usize,
    last: String,
}

/// A call that was let through, and when: what ends later than the state in which it
/// began says nothing about the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass(pub(super) u64);

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Outcome {
    /// The provider answered, were it with a refusal.
    Success,
    /// It failed, and how.
    Failure(String),
    /// It was not called, or nobody waited for the end.
    #[default]
    Unknown,
}

/// What an operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Opened { why: Suspended, pause: Duration },
    Closed,
}

/// The states of one breaker.
#[derive(Debug)]
pub(super) struct Circuit {
    rule: BreakerRule,
    patience: Duration,
    state: State,
    /// The calls that count are those of the present age: it ends when the breaker opens
    /// or closes, and with every probe.
    age: u64,
    failures: usize,
    last: String,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open {
        since: Instant,
        pause: Duration,
        /// When the one probe was sent, where one is away.
        probe: Option<Instant>,
    },
}

impl Circuit {
    pub(super) fn new(rule: BreakerRule, longest_call: Duration) -> Self {
        Self {
            rule,
            patience: longest_call.saturating_add(LOST),
            state: State::Closed,
            age: 0,
            failures: 0,
            last: String::new(),
        }
    }

    /// Lets a call through: any while the breaker is closed; after the pause, one probe.
    pub(super) fn admit(&mut self, now: Instant) -> Result<Pass, Suspended> {
        let State::Open {
            since,
            pause,
            probe,
        } = &mut self.state
        else {
            return Ok(Pass(self.age));
        };
        let rests = now.saturating_duration_since(*since) < *pause;
        let away = probe.is_some_and(|sent| now.saturating_duration_since(sent) < self.patience);
        if rests || away {
            return Err(self.why());
        }
        *probe = Some(now);
        self.age += 1;
        Ok(Pass(self.age))
    }

    /// Lets a call through that has waited since it was: the present state decides anew if
    /// it is another one.
    pub(super) fn renew(&mut self, pass: Pass, now: Instant) -> Result<Pass, Suspended> {
        match pass == Pass(self.age) {
            true => Ok(pass),
            false => self.admit(now),
        }
    }

    /// Takes note of how a call ended.
    pub(super) fn conclude(
        &mut self,
        pass: Pass,
        outcome: Outcome,
        now: Instant,
    ) -> Option<Change> {
        if pass != Pass(self.age) {
            return None;
        }
        match (self.state, outcome) {
            (State::Closed, Outcome::Unknown) => None,
            (State::Closed, Outcome::Success) => {
                self.failures = 0;
                None
            }
            (State::Closed, Outcome::Failure(how)) => self.count(how, now),
            (State::Open { .. }, Outcome::Unknown) => {
                self.forget_probe();
                None
            }
            (State::Open { .. }, Outcome::Success) => Some(self.close()),
            (State::Open { pause, .. }, Outcome::Failure(how)) => {
                self.fail(how);
                let longer = pause.saturating_mul(2).min(self.rule.longest_pause);
                self.open(longer, now);
                None
            }
        }
    }

    fn count(&mut self, how: String, now: Instant) -> Option<Change> {
        self.fail(how);
        if self.failures < self.rule.failures {
            return None;
        }
        let pause = self.rule.pause;
        self.open(pause, now);
        let why = self.why();
        Some(Change::Opened { why, pause })
    }

    fn fail(&mut self, how: String) {
        self.failures = self.failures.saturating_add(1);
        self.last = how;
    }

    fn open(&mut self, pause: Duration, now: Instant) {
        self.age += 1;
        self.state = State::Open {
            since: now,
            pause,
            probe: None,
        };
    }

    /// A probe that came to nothing leaves its place to the next one.
    fn forget_probe(&mut self) {
        if let State::Open { probe, .. } = &mut self.state {
            *probe = None;
        }
    }

    fn close(&mut self) -> Change {
        self.age += 1;
        self.failures = 0;
        self.state = State::Closed;
        Change::Closed
    }

    /// The pass that every call is given, where none failed lately: whoever comes with it,
    /// and did not fail, changes nothing.
    pub(super) fn at_rest(&self) -> Option<Pass> {
        let rests = matches!(self.state, State::Closed) && self.failures == 0;
        rests.then_some(Pass(self.age))
    }

    /// Why the provider is left alone, if it is.
    pub(super) fn suspended(&self) -> Option<Suspended> {
        matches!(self.state, State::Open { .. }).then(|| self.why())
    }

    fn why(&self) -> Suspended {
        Suspended {
            failures: self.failures,
            last: self.last.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
