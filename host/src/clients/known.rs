//! Addresses that something good came from of late. Twilio's are few, and so is what is
//! kept: a table of fixed size, in which one address may take another's place. It is looked
//! at on the way of each request, and written to once a minute for each address.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;

use super::address::Block;

/// How many addresses there is room for.
const PLACES: usize = 1024;

/// For how many minutes an address is known.
const MINUTES: u64 = 10;

/// The lower half of an entry is the minute, the upper one tells the address.
const MINUTE: u64 = u32::MAX as u64;

/// Addresses by their hashes, whose seed nobody knows.
pub(super) struct Known {
    places: Box<[AtomicU64]>,
    state: RandomState,
    began: Instant,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
            state: RandomState::default(),
            began: Instant::now(),
        }
    }
}

impl Known {
    /// Something good came from an address.
    pub(super) fn note(&self, block: Block) {
        self.note_at(block, self.began.elapsed());
    }

    /// Whether something good came from it in the last minutes.
    pub(super) fn has(&self, block: Block) -> bool {
        self.has_at(block, self.began.elapsed())
    }

    fn note_at(&self, block: Block, now: Duration) {
        let (place, tag) = self.place(block);
        let entry = tag | minute(now);
        // Most of the time it is there already, and looking disturbs nobody.
        if place.load(Ordering::Relaxed) != entry {
            place.store(entry, Ordering::Relaxed);
        }
    }

    fn has_at(&self, block: Block, now: Duration) -> bool {
        let (place, tag) = self.place(block);
        let entry = place.load(Ordering::Relaxed);
        let since = entry & MINUTE;
        since > 0 && entry & !MINUTE == tag && minute(now) <= since + MINUTES
    }

    fn place(&self, block: Block) -> (&AtomicU64, u64) {
        let hash = self.state.hash_one(block);
        (&self.places[hash as usize % PLACES], hash & !MINUTE)
    }
}

/// Counted from 1: nothing was noted at 0.
fn minute(time: Duration) -> u64 {
    (1 + time.as_secs() / 60).min(MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ClientAddress;

    #[test]
    fn an_address_is_known_for_some_minutes() {
        let known = Known::default();
        let block = |last| ClientAddress::new([192, 0, 2, last].into()).block();
        let minutes = |count| Duration::from_secs(60 * count);
        assert!(!known.has_at(block(1), Duration::ZERO));
        known.note_at(block(1), Duration::ZERO);
        assert!(known.has_at(block(1), minutes(MINUTES)));
        assert!(!known.has_at(block(1), minutes(MINUTES + 1)));
        known.note_at(block(1), minutes(5));
        assert!(known.has_at(block(1), minutes(MINUTES + 5)));
        assert!(!known.has_at(block(2), minutes(5)));
    }
}
