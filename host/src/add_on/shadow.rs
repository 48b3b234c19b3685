//! A version that is asked whatever the one that serves is asked, and whose answers are
//! compared and never given. It runs after the answer is on its way, and only where there
//! is room: nobody waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AddOn, InvokeError, check_reply};
use crate::admission::Customer;
use crate::config::AddOnConfig;
use crate::meter::Meter;
use crate::protocol::invocation::Invocation;
use crate::sandbox::{CallError, Refusal};
use crate::version::Version;

/// A version beside the one that serves, and what came of comparing them.
pub struct Shadow {
    /// What is asked, or why nothing is.
    pub version: Result<Arc<Version>, String>,
    /// Its part of the calls, of a hundred.
    pub percent: usize,
    calls: AtomicU64,
    same: AtomicU64,
    different: AtomicU64,
    failed: AtomicU64,
    skipped: AtomicU64,
}

/// What came of comparing answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Both answered alike.
    pub same: u64,
    /// Both answered, and differently.
    pub different: u64,
    /// The shadow failed where the version that serves answered.
    pub failed: u64,
    /// There was no room to ask the shadow.
    pub skipped: u64,
}

/// What can be compared of an outcome.
#[derive(PartialEq)]
enum Compared {
    Object(Value),
    Refused(Refusal),
}

impl Shadow {
    /// A shadow that has not been asked anything.
    #[must_use]
    pub fn new(version: Result<Arc<Version>, String>, percent: usize) -> Self {
        Self {
            version,
            percent,
            calls: AtomicU64::new(0),
            same: AtomicU64::new(0),
            different: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
        }
    }

    /// What came of it so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            same: read(&self.same),
            different: read(&self.different),
            failed: read(&self.failed),
            skipped: read(&self.skipped),
        }
    }

    /// Whether it is asked about the next call.
    pub(super) fn is_due(&self) -> bool {
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        self.version.is_ok() && is_due(before, self.percent)
    }

    /// Asks the shadow what the version that serves was asked, and counts whether it says
    /// the same. Where that one did not answer there is nothing to compare.
    pub(super) fn compare(
        self: &Arc<Self>,
        add_on: &AddOn,
        invocation: Arc<Invocation>,
        result: &Result<String, InvokeError>,
    ) {
        let (Ok(version), Some(served)) = (&self.version, compared(result)) else {
            return;
        };
        let customer = Customer(invocation.sids.add_on_install);
        let Some(permit) = add_on.gate.try_enter(customer) else {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let (shadow, version) = (Arc::clone(self), Arc::clone(version));
        let (config, meter) = (Arc::clone(&add_on.config), Arc::clone(&add_on.meter));
        tokio::spawn(async move {
            let result = ask(&version, &config, &meter, invocation).await;
            drop(permit);
            shadow.count(&served, &result);
        });
    }

    fn count(&self, served: &Compared, result: &Result<String, InvokeError>) {
        let counter = match compared(result) {
            None => &self.failed,
            Some(shadowed) if shadowed == *served => &self.same,
            Some(_) => &self.different,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether a call, after so many others, is among `percent` of a hundred.
fn is_due(before: u64, percent: usize) -> bool {
    let place = usize::try_from(before % 100).unwrap_or(0);
    (place + 1) * percent / 100 > place * percent / 100
}

async fn ask(
    version: &Version,
    config: &AddOnConfig,
    meter: &Meter,
    invocation: Arc<Invocation>,
) -> Result<String, InvokeError> {
    let provider = &version.provider;
    let deadline = Instant::now() + config.limits.timeout;
    let called = provider.lookup(invocation, config, deadline).await;
    meter.count_guest(called.usage);
    let answer = called.result.map_err(InvokeError::Call)?;
    check_reply(answer, config.limits.reply, provider.reply_depth())
}

fn compared(result: &Result<String, InvokeError>) -> Option<Compared> {
    match result {
        Ok(text) => serde_json::from_str(text).ok().map(Compared::Object),
        Err(InvokeError::Call(CallError::Refused(refusal))) => {
            Some(Compared::Refused(refusal.clone()))
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_calls_is_compared_evenly() {
        for (percent, expected) in [(0, 0), (1, 10), (33, 330), (100, 1_000)] {
            let turns = (0..1_000).filter(|before| is_due(*before, percent));
            assert_eq!(turns.count(), expected);
        }
        let shadow = Shadow::new(Err("broken".to_owned()), 100);
        assert!(!shadow.is_due());
    }

    #[test]
    fn answers_are_alike_whatever_the_order_of_their_keys() {
        let shadow = Shadow::new(Err(String::new()), 100);
        let served = compared(&Ok(r#"{"a":1,"b":[2]}"#.to_owned())).unwrap();
        shadow.count(&served, &Ok(r#"{ "b": [2], "a": 1 }"#.to_owned()));
        shadow.count(&served, &Ok(r#"{"a":1,"b":[3]}"#.to_owned()));
        shadow.count(&served, &Err(InvokeError::Call(CallError::Timeout)));
        let tally = shadow.tally();
        assert_eq!((tally.same, tally.different, tally.failed), (1, 1, 1));
    }
}
