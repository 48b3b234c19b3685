//! A part of the ledger, behind one lock: the calls that run, and the answers that are
//! kept, the oldest first. Nothing here waits, or reads a clock.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use hashlink::LinkedHashMap;

use super::flight::Flight;
use super::{Content, Key, Remembered};
use crate::told::Told;

/// What keeping an answer takes besides its own bytes: its key, what is known of its
/// request, and its place.
pub(super) const OVERHEAD: usize = 768;

/// Some of the calls and answers.
#[derive(Default)]
pub(super) struct Shelf {
    running: HashMap<Key, Arc<Flight>, RandomState>,
    kept: LinkedHashMap<Key, Kept, RandomState>,
    bytes: usize,
}

struct Kept {
    content: Content,
    told: Arc<Told>,
    since: Instant,
}

/// What a shelf has of a request.
pub(super) enum Place {
    Free(Arc<Flight>),
    Running(Arc<Flight>),
    Answered(Arc<Told>),
    Reused,
    Unclear,
}

/// Whether two requests of one SID say the same.
#[derive(PartialEq, Eq)]
enum Likeness {
    Same,
    Different,
    Unclear,
}

impl Kept {
    fn size(&self) -> usize {
        OVERHEAD + self.told.size()
    }

    fn is_over(&self, keep: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= keep
    }
}

impl Content {
    fn like(&self, other: &Self) -> Likeness {
        if self.fingerprint == other.fingerprint {
            return Likeness::Same;
        }
        match self.reading == other.reading {
            true => Likeness::Different,
            false => Likeness::Unclear,
        }
    }
}

impl Shelf {
    /// Looks for a request. Where there is nothing, it runs from now on.
    pub(super) fn ask(
        &mut self,
        key: Key,
        content: Content,
        keep: Duration,
        now: Instant,
    ) -> Place {
        if let Some(kept) = self.kept.get(&key).filter(|kept| !kept.is_over(keep, now)) {
            match content.like(&kept.content) {
                Likeness::Same => return Place::Answered(Arc::clone(&kept.told)),
                Likeness::Different => return Place::Reused,
                // It is done, so the latest word may take its place.
                Likeness::Unclear => {}
            }
        }
        if let Some(flight) = self.running.get(&key) {
            return match content.like(&flight.content) {
                Likeness::Same => Place::Running(Arc::clone(flight)),
                Likeness::Different => Place::Reused,
                Likeness::Unclear => Place::Unclear,
            };
        }
        self.remove(&key);
        let flight = Arc::new(Flight::new(content));
        self.running.insert(key, Arc::clone(&flight));
        Place::Free(flight)
    }

    /// A call has ended. Its answer, if there is one to keep, is the newest. Returns how
    /// many others had to go before their time, to make room.
    pub(super) fn land(
        &mut self,
        key: &Key,
        answer: Option<Arc<Told>>,
        keep: Duration,
        room: usize,
        now: Instant,
    ) -> u64 {
        self.expire(keep, now);
        let Some(flight) = self.running.remove(key) else {
            return 0;
        };
        if let Some(told) = answer.filter(|_| !flight.is_forgotten()) {
            let content = flight.content;
            let kept = Kept {
                content,
                told,
                since: now,
            };
            self.bytes += kept.size();
            self.kept.insert(*key, kept);
        }
        let before = self.kept.len();
        while self.bytes > room && self.remove_oldest() {}
        (before - self.kept.len()) as u64
    }

    /// Lets go of what is older than `keep`.
    pub(super) fn expire(&mut self, keep: Duration, now: Instant) {
        let is_over = |(_, kept): (&Key, &Kept)| kept.is_over(keep, now);
        while self.kept.front().is_some_and(is_over) {
            self.remove_oldest();
        }
    }

    /// Lets go of these answers, and of those that are still to come of calls that run.
    pub(super) fn erase(&mut self, gone: &impl Fn(&Remembered<'_>) -> bool) -> usize {
        self.running.values().for_each(|flight| flight.forget());
        let (before, mut bytes) = (self.kept.len(), 0);
        self.kept.retain(|_, kept| {
            let stays = !gone(&Remembered {
                install: kept.content.install,
                body: &kept.told.body,
            });
            bytes += if stays { kept.size() } else { 0 };
            stays
        });
        self.bytes = bytes;
        before - self.kept.len()
    }

    /// How many answers are kept, and how many bytes they take.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.kept.len(), self.bytes)
    }

    fn remove(&mut self, key: &Key) {
        if let Some(kept) = self.kept.remove(key) {
            self.bytes -= kept.size();
        }
    }

    /// Whether there was one.
    fn remove_oldest(&mut self) -> bool {
        let oldest = self.kept.pop_front();
        self.bytes -= oldest.as_ref().map_or(0, |(_, kept)| kept.size());
        oldest.is_some()
    }
}

#[cfg(test)]
mod tests;
