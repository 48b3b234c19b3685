//! What came of a reload, for the log, for the operator who asked, and for the status.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::add_on::Hindrance;
use crate::config::AddOnName;
use crate::state::Who;

/// What came of a reload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// When it ended.
    pub at: Timestamp,
    /// Who brought it about.
    pub who: Who,
    /// How it ended.
    pub outcome: Outcome,
    /// The registry that is served now.
    pub generation: u64,
    /// What is served otherwise than before.
    pub changes: Vec<Change>,
    /// What was not taken up.
    pub problems: Vec<Problem>,
    /// What is worth a word besides.
    pub remarks: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// How a reload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Something is served otherwise than before.
    Changed,
    /// Everything is as it was.
    Unchanged,
    /// Nothing of it was taken up.
    Refused,
    /// A file is still being written; there will be another look at it.
    Waiting,
    /// Files are not taken up at the moment.
    Frozen,
}

/// Something that is served otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The add-on, if it is about one.
    pub add_on: Option<String>,
    /// What has changed.
    pub what: Cow<'static, str>,
    /// The SHA-256 of what served before.
    pub old: Option<String>,
    /// The SHA-256 of what serves now.
    pub new: Option<String>,
}

/// Something that was not taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The add-on, if it is about one.
    pub add_on: Option<String>,
    /// The SHA-256 of what is not served, if it could be read.
    pub sha256: Option<String>,
    /// The reason, in lines where it has several.
    pub why: String,
    /// The SHA-256 of what serves the add-on in the meantime, if anything does.
    pub serves: Option<String>,
}

impl Change {
    /// A change of an add-on.
    pub(super) fn of(
        add_on: &str,
        what: &'static str,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Self {
        Self {
            add_on: Some(add_on.to_owned()),
            what: Cow::Borrowed(what),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
        }
    }

    /// A change of what all add-ons share.
    pub(super) fn of_all(what: &'static str) -> Self {
        Self {
            add_on: None,
            what: Cow::Borrowed(what),
            old: None,
            new: None,
        }
    }
}

impl Problem {
    /// What keeps an add-on's component from serving.
    pub(super) fn of(add_on: &AddOnName, hindrance: &Hindrance, serves: Option<&str>) -> Self {
        Self {
            add_on: Some(add_on.to_string()),
            sha256: hindrance.sha256.clone(),
            why: hindrance.why.clone(),
            serves: serves.map(str::to_owned),
        }
    }

    /// What keeps an add-on's canary from serving.
    pub(super) fn of_canary(
        add_on: &AddOnName,
        hindrance: &Hindrance,
        serves: Option<&str>,
    ) -> Self {
        Self {
            why: format!("its canary: {}", hindrance.why),
            ..Self::of(add_on, hindrance, serves)
        }
    }

    /// A problem of the whole configuration.
    pub(super) fn of_all(why: String) -> Self {
        Self {
            add_on: None,
            sha256: None,
            why,
            serves: None,
        }
    }
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Changed,
        Self::Unchanged,
        Self::Refused,
        Self::Waiting,
        Self::Frozen,
    ];

    /// Its name, in the log and in the audit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "reload",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Waiting => "waiting",
            Self::Frozen => "frozen",
        }
    }
}

impl Report {
    /// A report of what has no consequences.
    #[must_use]
    pub fn nothing(who: Who, outcome: Outcome) -> Self {
        Self {
            at: Timestamp::now(),
            who,
            outcome,
            generation: 0,
            changes: Vec::new(),
            problems: Vec::new(),
            remarks: Vec::new(),
            took_ms: 0.0,
        }
    }

    /// A report of what was refused as a whole.
    #[must_use]
    pub fn refused(who: Who, why: String) -> Self {
        Self {
            problems: vec![Problem::of_all(why)],
            ..Self::nothing(who, Outcome::Refused)
        }
    }

    /// Whether anybody needs to hear of it.
    #[must_use]
    pub fn is_news(&self) -> bool {
        !self.changes.is_empty() || !self.problems.is_empty() || !self.remarks.is_empty()
    }
}

/// A reason on one line, for a log.
pub(super) fn on_one_line(reason: &str) -> String {
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}
