//! The first calls of a new version, watched: one that fails too many of them is given up
//! for the version before it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::UnboundedSender;

use crate::config::{AddOnName, TrialRule};

/// A trial, and how it stands.
pub struct Trial {
    subject: Subject,
    rule: TrialRule,
    calls: AtomicUsize,
    failures: AtomicUsize,
    /// Whether it was stood, once it is over.
    stood: OnceLock<bool>,
    verdicts: UnboundedSender<Verdict>,
}

/// Whose trial it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The add-on.
    pub add_on: AddOnName,
    /// The version's SHA-256.
    pub sha256: String,
}

/// How a trial ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whose trial it was.
    pub subject: Subject,
    /// Nothing where it was stood, and otherwise why it was not.
    pub failed: Option<String>,
}

impl Trial {
    /// A trial by a rule. Its verdict is sent once.
    #[must_use]
    pub fn new(subject: Subject, rule: TrialRule, verdicts: UnboundedSender<Verdict>) -> Self {
        Self {
            subject,
            rule,
            calls: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
            stood: OnceLock::new(),
            verdicts,
        }
    }

    /// How many calls it has seen, of how many. Nothing once it is over.
    #[must_use]
    pub fn progress(&self) -> Option<(usize, usize)> {
        let over = self.stood.get().is_some();
        (!over).then(|| (self.calls.load(Ordering::Relaxed), self.rule.requests))
    }

    /// Whether it was not stood: then there is no need to wait for what comes of that.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.stood.get() == Some(&false)
    }

    /// Whether it was stood.
    #[must_use]
    pub fn is_stood(&self) -> bool {
        self.stood.get() == Some(&true)
    }

    /// Notes a call, and how it failed, if it did.
    pub fn note(&self, failure: Option<&str>) {
        if self.stood.get().is_some() {
            return;
        }
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(last) = failure {
            let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
            if failures >= self.rule.failures {
                let why = format!("{failures} of its first {calls} calls failed, the last: {last}");
                return self.end(Some(why));
            }
        }
        if calls >= self.rule.requests {
            self.end(None);
        }
    }

    fn end(&self, failed: Option<String>) {
        if self.stood.set(failed.is_none()).is_ok() {
            let subject = self.subject.clone();
            // Nobody listens any more where the host is ending.
            let _ = self.verdicts.send(Verdict { subject, failed });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;

    fn trial(requests: usize, failures: usize) -> (Trial, UnboundedReceiver<Verdict>) {
        let subject = Subject {
            add_on: "a".parse().unwrap(),
            sha256: "0".repeat(64),
        };
        let (sender, verdicts) = unbounded_channel();
        let rule = TrialRule { requests, failures };
        (Trial::new(subject, rule, sender), verdicts)
    }

    /// The verdict after calls that go well (`.`) or fail (`x`), if there is one.
    fn verdict(requests: usize, failures: usize, calls: &str) -> Option<Option<String>> {
        let (trial, mut verdicts) = trial(requests, failures);
        for call in calls.chars() {
            trial.note((call == 'x').then_some("it trapped"));
        }
        let verdict = verdicts.try_recv().ok();
        assert!(verdicts.try_recv().is_err(), "one verdict is enough");
        verdict.map(|verdict| verdict.failed)
    }

    #[test]
    fn a_version_stands_its_trial_unless_too_many_of_its_first_calls_fail() {
        let failed = |text: &str| Some(Some(format!("{text}, the last: it trapped")));
        for (requests, failures, calls, expected) in [
            (3, 1, "..", None),
            (3, 1, "...", Some(None)),
            (3, 1, "...xxx", Some(None)),
            (3, 1, ".x", failed("1 of its first 2 calls failed")),
            (3, 2, ".x.", Some(None)),
            (3, 2, ".xx", failed("2 of its first 3 calls failed")),
            (3, 2, "xx.", failed("2 of its first 2 calls failed")),
            (
                100,
                5,
                "x.x.x.x.xxxxx",
                failed("5 of its first 9 calls failed"),
            ),
        ] {
            let verdict = verdict(requests, failures, calls);
            assert_eq!(verdict, expected, "{requests} {failures} {calls}");
        }
    }
}
