//! A part of the ledger, behind one lock: the calls that run, and the answers that are
//! kept, the oldest first. Nothing here waits, or reads a clock.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use hashlink::LinkedHashMap;

use super::answer::Answer;
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
    answer: Answer,
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
        OVERHEAD + self.answer.size()
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
        self.expire(keep, now);
        let kept = self.kept.get(&key);
        match kept.map(|kept| (content.like(&kept.content), &kept.answer)) {
            Some((Likeness::Same, answer)) => return Place::Answered(answer.told()),
            Some((Likeness::Different, _)) => return Place::Reused,
            // It is done, so the latest word may take its place.
            Some((Likeness::Unclear, _)) => self.remove(&key),
            None => {}
        }
        match self.running.entry(key) {
            Entry::Occupied(flight) => match content.like(&flight.get().content) {
                Likeness::Same => Place::Running(Arc::clone(flight.get())),
                Likeness::Different => Place::Reused,
                Likeness::Unclear => Place::Unclear,
            },
            Entry::Vacant(place) => {
                let flight = Arc::new(Flight::new(content));
                place.insert(Arc::clone(&flight));
                Place::Free(flight)
            }
        }
    }

    /// A call has ended. Its answer, if there is one to keep, is the newest. Returns how
    /// many had to go before their time, to make room.
    pub(super) fn land(
        &mut self,
        key: &Key,
        answer: Option<Answer>,
        keep: Duration,
        room: usize,
        now: Instant,
    ) -> u64 {
        self.expire(keep, now);
        let Some(flight) = self.running.remove(key) else {
            return 0;
        };
        let Some(answer) = answer.filter(|_| !flight.is_forgotten()) else {
            return self.make_room(room);
        };
        let kept = Kept {
            content: flight.content,
            answer,
            since: now,
        };
        let size = kept.size();
        // The oldest go first, so that it may lie where one of them lay.
        let gone = self.make_room(room.saturating_sub(size));
        self.bytes += size;
        self.kept.insert(*key, kept);
        gone + self.make_room(room)
    }

    /// Lets go of what is older than `keep`.
    pub(super) fn expire(&mut self, keep: Duration, now: Instant) {
        let is_over = |(_, kept): (&Key, &Kept)| kept.is_over(keep, now);
        while self.kept.front().is_some_and(is_over) {
            self.remove_oldest();
        }
    }

    /// Gives back what more answers took than there are by now.
    pub(super) fn shrink(&mut self) {
        if self.kept.capacity() > 4 * self.kept.len() {
            self.kept.shrink_to_fit();
        }
    }

    /// Lets go of these answers, and of those that are still to come of calls that run.
    pub(super) fn erase(&mut self, gone: &impl Fn(&Remembered<'_>) -> bool) -> usize {
        self.running.values().for_each(|flight| flight.forget());
        let (before, mut bytes) = (self.kept.len(), 0);
        self.kept.retain(|_, kept| {
            let stays = !gone(&Remembered {
                install: kept.content.install,
                body: kept.answer.body(),
            });
            bytes += if stays { kept.size() } else { 0 };
            stays
        });
        self.bytes = bytes;
        // They are not to lie there until others take their places.
        self.kept.shrink_to_fit();
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

    /// Lets go of the oldest until all others have room. Returns how many that were.
    fn make_room(&mut self, room: usize) -> u64 {
        let before = self.kept.len();
        while self.bytes > room && self.remove_oldest() {}
        (before - self.kept.len()) as u64
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
