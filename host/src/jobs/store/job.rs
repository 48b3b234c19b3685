//! What is stored of a job, and what is told of it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

use crate::jobs::blob::BlobName;
use crate::jobs::id::{JobId, Owner};
use crate::protocol::sid::{AccountSid, AddOnInstallSid, AddOnSid, RequestSid};

/// A hash of what a request asks for: two requests with the same SID ask for the same, or
/// one of them is not genuine. It does not print itself: a number is soon found by its
/// hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([REDACTED])")
    }
}

/// A text of the store's own is none of those that this version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct UnknownWord(&'static str);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, {
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// The word for it, as it is stored and shown.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord($expected)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words!(
    /// How far a job is.
    State, "`accepted`, `resulted`, `done` or `dead`", {
        /// Accepted, and to be run.
        Accepted = "accepted",
        /// It has a result, which is to be delivered.
        Resulted = "resulted",
        /// Delivered, or with nobody to deliver to.
        Done = "done",
        /// Given up, and kept for a person to look at.
        Dead = "dead",
    }
);
words!(
    /// What a result says.
    ResultKind, "`answer` or `failure`", {
        /// What the provider found.
        Answer = "answer",
        /// That there is no answer.
        Failure = "failure",
    }
);

/// A job to be accepted.
#[derive(Clone)]
pub struct NewJob {
    /// Its name.
    pub id: JobId,
    /// The add-on's account.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// The customer's installation, where it is known.
    pub install: Option<AddOnInstallSid>,
    /// The request. Of those of one add-on with the same, one is accepted.
    pub request: Option<RequestSid>,
    /// What the request asks for.
    pub fingerprint: Fingerprint,
    /// How long after its acceptance the job may still be run, where that is known.
    pub deadline: Option<Duration>,
    /// How long the recording is, where that is known.
    pub duration: Option<Duration>,
    /// Everything else, sealed.
    pub task: Vec<u8>,
    /// Whether its recording came with the request, and is in the file of the name that
    /// `BlobName::audio` gives to it.
    pub audio: bool,
}

/// What became of a job that was to be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is kept, and a power cut does not change that.
    New,
    /// Its request was accepted before, as this job.
    Known {
        /// The job's name.
        id: JobId,
        /// How far it is.
        state: State,
    },
    /// A request of the same name asked for something else.
    Conflict,
}

/// The right to work on a job, until it ends or is renewed. Whatever is written under it
/// is refused once somebody else has claimed the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    pub(super) id: JobId,
    pub(super) owner: Owner,
    pub(super) claim: i64,
}

impl Lease {
    /// The job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// How many times the job was claimed, this time included.
    #[must_use]
    pub fn claim(&self) -> i64 {
        self.claim
    }
}

/// A job to work on.
#[derive(Clone)]
pub struct Job {
    /// The right to do so.
    pub lease: Lease,
    /// The add-on's account.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// The customer's installation, where it is known.
    pub install: Option<AddOnInstallSid>,
    /// The request.
    pub request: Option<RequestSid>,
    /// `Accepted` or `Resulted`.
    pub state: State,
    /// When it was accepted, by the store's clock.
    pub accepted_at: Timestamp,
    /// Until when it may be run, or its result be delivered, by the store's clock.
    pub deadline_at: Option<Timestamp>,
    /// When it was claimed, by the store's clock.
    pub claimed_at: Timestamp,
    /// How long the recording is, where that is known.
    pub duration: Option<Duration>,
    /// How many times the provider was started. Where that is not zero and there is no
    /// result, a run was broken off.
    pub runs: u32,
    /// How many times it was postponed in this state.
    pub tries: u32,
    /// How many times its result was posted.
    pub deliveries: u32,
    /// Everything else, sealed.
    pub task: Vec<u8>,
    /// The recording, where there is a file of it.
    pub audio: Option<BlobName>,
    /// The result.
    pub result: Option<(BlobName, ResultKind)>,
    /// Why it was postponed.
    pub why: Option<String>,
}

impl Job {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.lease.id
    }

    /// How much time was left for it when it was claimed; none at all, where it was too
    /// late by then. Clocks of other machines have no part in it.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let left = |deadline: Timestamp| deadline.duration_since(self.claimed_at);
        let left = self.deadline_at.map(left)?;
        Some(Duration::try_from(left).unwrap_or_default())
    }
}

/// What fetching a recording brought.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its file.
    pub audio: BlobName,
    /// How long it is, where that is known now.
    pub duration: Option<Duration>,
    /// How long after its acceptance the job may still be run, where that is known now.
    pub deadline: Option<Duration>,
}

/// A result that is to be delivered.
#[derive(Debug, Clone)]
pub struct NewResult {
    /// Its file, which is durable by now.
    pub name: BlobName,
    /// What it says.
    pub kind: ResultKind,
    /// How long from now it may be delivered.
    pub deliver_within: Duration,
}

/// How a job came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Its result was posted, and was received.
    Posted,
    /// There was nobody to post it to.
    Nothing,
}

/// A job, as operators see it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name.
    pub id: JobId,
    /// The add-on's account.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// The customer's installation, where it is known.
    pub install: Option<AddOnInstallSid>,
    /// The request.
    pub request: Option<RequestSid>,
    /// How far it is.
    pub state: State,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it may be worked on next, or until when somebody has it.
    pub due_at: Timestamp,
    /// Until when it may be run, or its result be delivered.
    pub deadline_at: Option<Timestamp>,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
    /// How long the recording is, where that is known.
    pub duration: Option<Duration>,
    /// How many times the provider was started.
    pub runs: u32,
    /// How many times it was postponed in this state.
    pub tries: u32,
    /// How many times its result was posted.
    pub deliveries: u32,
    /// Whether somebody works on it.
    pub leased: bool,
    /// The recording, where there is a file of it.
    pub audio: Option<BlobName>,
    /// The result.
    pub result: Option<(BlobName, ResultKind)>,
    /// Why it was postponed or given up.
    pub why: Option<String>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Those that are so far.
    pub state: Option<State>,
    /// Those of this add-on.
    pub add_on: Option<AddOnSid>,
}

/// What is kept of a job.
#[derive(Clone)]
pub struct Kept {
    /// Its name.
    pub id: JobId,
    /// The add-on.
    pub add_on: AddOnSid,
    /// The customer's installation, where it is known.
    pub install: Option<AddOnInstallSid>,
    /// How far it is.
    pub state: State,
    /// Everything else, sealed. Empty once the job is done.
    pub task: Vec<u8>,
    /// Its files.
    pub files: Vec<BlobName>,
}

/// How many jobs of an add-on are how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The add-on's account.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// How far they are.
    pub state: State,
    /// How many they are.
    pub count: u64,
    /// When the oldest was accepted.
    pub oldest: Timestamp,
}

/// How long jobs took, from acceptance to delivery, in lengths of their recordings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// How many jobs this is about.
    pub count: u32,
    /// What half of them did not exceed.
    pub median: f64,
    /// What 99 of 100 did not exceed.
    pub p99: f64,
}

/// How long jobs are kept after their end.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// What time it is.
    pub now: Timestamp,
    /// How long those that are done are kept.
    pub done: Duration,
    /// How long those that were given up are kept.
    pub dead: Duration,
}

/// What a sweep removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swept {
    /// How many jobs.
    pub jobs: u64,
    /// Files that are not needed any more.
    pub files: Vec<BlobName>,
}
