//! What became of every recording, whatever happened to the host meanwhile: a book of what
//! Twilio was promised, held against what was called back, and the table of faults.
//!
//! A recording has a number, from which its request SID and the path of its callback follow.

mod table;

pub use self::table::{Row, Table};

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use crate::receiver::Seen;
use crate::request_sid;
use crate::twilio::Answer;

/// The part of a job's life in which a host is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Until Twilio has heard of the 202.
    Accepting,
    /// From then on until the provider has returned.
    Running,
    /// From then on until the first delivery is attempted.
    Result,
    /// From then on until the job is known to be done.
    CallingBack,
}

impl Phase {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [
        Self::Accepting,
        Self::Running,
        Self::Result,
        Self::CallingBack,
    ];

    /// Where a job was, by what could be seen of it from outside.
    #[must_use]
    pub fn of(signs: Signs) -> Self {
        let Signs {
            accepted,
            has_result,
            called_back,
        } = signs;
        match (called_back, has_result, accepted) {
            (true, _, _) => Self::CallingBack,
            (false, true, _) => Self::Result,
            (false, false, true) => Self::Running,
            (false, false, false) => Self::Accepting,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepting => "killed while accepting",
            Self::Running => "killed while running",
            Self::Result => "killed with a result",
            Self::CallingBack => "killed while calling back",
        })
    }
}

/// What could be seen of a job when its host was killed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signs {
    /// Whether Twilio was answered 202.
    pub accepted: bool,
    /// Whether the spool held something of its result.
    pub has_result: bool,
    /// Whether the head of a delivery had arrived.
    pub called_back: bool,
}

/// What Twilio knows of its recordings.
#[derive(Debug, Default)]
pub struct Book {
    entries: BTreeMap<u64, Entry>,
}

/// What Twilio knows of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// It was sent, and nothing was heard.
    Sent,
    /// It was answered 202.
    Accepted,
    /// It was answered with something else.
    Refused,
}

/// What is wrong with a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It was accepted, and neither delivered nor kept as a dead letter.
    Lost(u64),
    /// Its deliveries differ: its provider ran again after its result was durable.
    Differs(u64),
    /// It was delivered, and is a dead letter as well.
    Both(u64),
    /// It was refused, and delivered all the same.
    Refused(u64),
    /// Something was delivered that nobody sent.
    Unknown(String),
}

/// The number's path at the receiver.
#[must_use]
pub fn path(number: u64) -> String {
    format!("/jobs/{number}")
}

impl Book {
    /// Notes that a recording was sent, for the first time or again.
    pub fn send(&mut self, number: u64) {
        self.entries.entry(number).or_insert(Entry::Sent);
    }

    /// Notes what was answered. What was accepted stays accepted.
    pub fn note(&mut self, number: u64, answer: &Answer) {
        let accepted = answer.status == 202;
        let entry = self.entries.entry(number).or_insert(Entry::Sent);
        match accepted {
            true => *entry = Entry::Accepted,
            false if *entry == Entry::Accepted => {}
            false => *entry = Entry::Refused,
        }
    }

    /// Those of which Twilio has heard nothing.
    #[must_use]
    pub fn unanswered(&self) -> Vec<u64> {
        self.all(Entry::Sent)
    }

    /// Those that Twilio was told to send again.
    #[must_use]
    pub fn refused(&self) -> Vec<u64> {
        self.all(Entry::Refused)
    }

    /// Those that were accepted.
    #[must_use]
    pub fn accepted(&self) -> Vec<u64> {
        self.all(Entry::Accepted)
    }

    /// Whether everything that was accepted was delivered or is a dead letter.
    #[must_use]
    pub fn is_settled(&self, seen: &[Seen], dead: &BTreeSet<String>) -> bool {
        let delivered: BTreeSet<&str> = seen
            .iter()
            .filter(|it| it.is_delivered())
            .map(Seen::path)
            .collect();
        self.accepted().into_iter().all(|number| {
            delivered.contains(path(number).as_str()) || dead.contains(&request_sid(number))
        })
    }

    /// Holds what was promised against what was seen and what is kept as dead letters, by
    /// their request SIDs.
    #[must_use]
    pub fn balance(&self, seen: &[Seen], dead: &BTreeSet<String>) -> (Row, Vec<Wrong>) {
        let mut callbacks: HashMap<&str, Vec<&Seen>> = HashMap::new();
        for it in seen {
            callbacks.entry(it.path()).or_default().push(it);
        }
        let (mut row, mut wrongs) = (Row::default(), Vec::new());
        for (&number, &entry) in &self.entries {
            let callbacks = callbacks.remove(path(number).as_str()).unwrap_or_default();
            let dead = dead.contains(&request_sid(number));
            row.posted += 1;
            row.accepted += usize::from(entry == Entry::Accepted);
            row.dead += usize::from(dead);
            let delivered = callbacks.iter().filter(|it| it.is_delivered()).count();
            row.called_back += usize::from(delivered > 0);
            row.delivered_twice += usize::from(delivered > 1);
            wrongs.extend(faults(number, entry, &callbacks, dead));
        }
        let unknown = callbacks
            .into_keys()
            .filter(|path| path.starts_with("/jobs/"));
        wrongs.extend(unknown.map(|path| Wrong::Unknown(path.to_owned())));
        row.lost = wrongs
            .iter()
            .filter(|it| matches!(it, Wrong::Lost(_)))
            .count();
        row.differing = wrongs
            .iter()
            .filter(|it| matches!(it, Wrong::Differs(_)))
            .count();
        (row, wrongs)
    }

    fn all(&self, wanted: Entry) -> Vec<u64> {
        let entries = self.entries.iter().filter(|(_, entry)| **entry == wanted);
        entries.map(|(number, _)| *number).collect()
    }
}

/// What is wrong with one recording.
fn faults(number: u64, entry: Entry, callbacks: &[&Seen], dead: bool) -> Vec<Wrong> {
    let delivered = callbacks.iter().any(|it| it.is_delivered());
    [
        (
            entry == Entry::Accepted && !delivered && !dead,
            Wrong::Lost(number),
        ),
        (differ(callbacks), Wrong::Differs(number)),
        (delivered && dead, Wrong::Both(number)),
        (
            entry == Entry::Refused && !callbacks.is_empty(),
            Wrong::Refused(number),
        ),
    ]
    .into_iter()
    .filter_map(|(is_so, wrong)| is_so.then_some(wrong))
    .collect()
}

/// Whether two deliveries are not of the same bytes, as far as they came.
fn differ(callbacks: &[&Seen]) -> bool {
    let hashes: BTreeSet<_> = callbacks.iter().filter_map(|it| it.hash()).collect();
    let kept = callbacks
        .iter()
        .filter_map(|it| it.body.as_ref()?.kept.as_ref());
    let mut kept: Vec<_> = kept.collect();
    kept.sort_unstable_by_key(|bytes| bytes.len());
    let begin_alike = kept.windows(2).all(|pair| pair[1].starts_with(pair[0]));
    hashes.len() > 1 || !begin_alike
}

#[cfg(test)]
mod tests;
