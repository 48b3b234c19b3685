//! One execution for each invocation. A request whose SID runs already waits for the same
//! answer; one whose SID was answered is given that answer again, to the byte; one that
//! says something else under a SID is refused. Answers are kept in memory, for a while and
//! up to a size.
//!
//! A SID stands in a header that nothing signs: all this proves nothing about a request,
//! and is only asked once it is believed.

mod answer;
mod flight;
mod shelf;

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use crate::apart::Apart;
use crate::config::LedgerRule;
use crate::protocol::fingerprint::Fingerprint;
use crate::protocol::sid::{AccountSid, AddOnInstallSid, AddOnSid, RequestSid};
use crate::told::Told;

use answer::Answer;
pub use flight::{Ended, Flight, Lead};
use shelf::{Place, Shelf};

/// How many shelves there are, each behind a lock of its own, and with an even part of the
/// memory.
pub const SHELVES: usize = 8;

/// The answers that were given, and the calls that run.
pub struct Ledger {
    shelves: [Apart<Mutex<Shelf>>; SHELVES],
    hasher: RandomState,
    joined: AtomicU64,
    replayed: AtomicU64,
    conflicts: AtomicU64,
    evicted: AtomicU64,
}

/// What an answer is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The account that the add-on belongs to.
    pub account: AccountSid,
    /// The add-on.
    pub add_on: AddOnSid,
    /// The invocation.
    pub request: RequestSid,
}

/// What a request says, and how that was found out.
#[derive(Debug, Clone, Copy)]
pub struct Content {
    /// What it says.
    pub fingerprint: Fingerprint,
    /// Since which registry its add-on reads requests as it does: fingerprints of two
    /// readings may differ though the requests do not.
    pub reading: u64,
    /// Whose request it is.
    pub install: Option<AddOnInstallSid>,
}

/// What is known of a request that comes.
pub enum Found {
    /// Nothing. Whoever asked is the one to run it.
    Nothing(Lead),
    /// It runs.
    Running(Arc<Flight>),
    /// It was answered.
    Answered(Arc<Told>),
    /// Its SID belongs to a request that says something else.
    Reused,
    /// Its SID runs, and the add-on read requests differently when that call came: whether
    /// both say the same cannot be told.
    Unclear,
}

/// An answer that is kept, as far as it concerns whoever erases some.
pub struct Remembered<'a> {
    /// Whose request it answered.
    pub install: Option<AddOnInstallSid>,
    /// The body that was given.
    pub body: &'a [u8],
}

/// What there is, and what came of it since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerStats {
    /// The answers that are kept.
    pub entries: usize,
    /// The memory that they take, in bytes.
    pub bytes: usize,
    /// The requests that waited for another's answer.
    pub joined: u64,
    /// The requests that were given an answer again.
    pub replayed: u64,
    /// The requests that were refused, because their SID belonged to another.
    pub conflicts: u64,
    /// The answers that were let go before their time, for want of memory.
    pub evicted: u64,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shelves: std::array::from_fn(|_| Apart::default()),
            hasher: RandomState::default(),
            joined: AtomicU64::new(0),
            replayed: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
        }
    }

    /// Asks about a request. Whoever comes first is to run it.
    pub fn ask(self: &Arc<Self>, key: Key, content: Content, rule: LedgerRule) -> Found {
        let place = self
            .shelf(&key)
            .ask(key, content, rule.keep, Instant::now());
        match place {
            Place::Free(flight) => Found::Nothing(Lead::new(Arc::clone(self), key, flight, rule)),
            Place::Running(flight) => {
                count(&self.joined, 1);
                Found::Running(flight)
            }
            Place::Answered(told) => {
                count(&self.replayed, 1);
                Found::Answered(told)
            }
            Place::Reused => {
                count(&self.conflicts, 1);
                Found::Reused
            }
            Place::Unclear => Found::Unclear,
        }
    }

    /// Lets go of every answer that is older than `keep`. Those of a shelf are also looked
    /// at whenever one is added to it.
    pub fn tidy(&self, keep: Duration) {
        let now = Instant::now();
        for shelf in &self.shelves {
            let mut shelf = lock(shelf);
            shelf.expire(keep, now);
            shelf.shrink();
        }
    }

    /// Lets go of these answers, and returns how many there were. What runs at the moment
    /// is answered, and not kept: nobody knows yet what its answer is going to hold.
    pub fn erase(&self, gone: impl Fn(&Remembered<'_>) -> bool) -> usize {
        let shelves = self.shelves.iter();
        shelves.map(|shelf| lock(shelf).erase(&gone)).sum()
    }

    /// What there is, and what came of it.
    #[must_use]
    pub fn stats(&self) -> LedgerStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let stats = LedgerStats {
            joined: read(&self.joined),
            replayed: read(&self.replayed),
            conflicts: read(&self.conflicts),
            evicted: read(&self.evicted),
            ..LedgerStats::default()
        };
        self.shelves.iter().fold(stats, |stats, shelf| {
            let (entries, bytes) = lock(shelf).size();
            LedgerStats {
                entries: stats.entries + entries,
                bytes: stats.bytes + bytes,
                ..stats
            }
        })
    }

    /// Takes a call off the shelf that has ended, and puts its answer there if it is kept.
    fn land(&self, key: &Key, answer: Option<&Arc<Told>>, rule: LedgerRule) {
        let room = rule.memory / SHELVES;
        let answer = answer.map(Answer::of);
        let evicted = self
            .shelf(key)
            .land(key, answer, rule.keep, room, Instant::now());
        count(&self.evicted, evicted);
    }

    fn shelf(&self, key: &Key) -> MutexGuard<'_, Shelf> {
        // The remainder is less than the number of shelves.
        let place = self.hasher.hash_one(key) % SHELVES as u64;
        lock(&self.shelves[usize::try_from(place).unwrap_or(0)])
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
