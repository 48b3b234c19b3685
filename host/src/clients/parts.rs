//! A map in parts, each behind a lock of its own: those who look for different keys do not
//! wait for each other, and none is held for longer than a look.

use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use hashlink::LinkedHashMap;

use crate::apart::Apart;

/// How many parts there are.
pub(super) const PARTS: usize = 16;

/// One part, the keys that were written last at its end.
pub(super) type Part<K, V> = LinkedHashMap<K, V, RandomState>;

/// The whole map.
pub(super) struct Parts<K, V> {
    parts: [Apart<Mutex<Part<K, V>>>; PARTS],
    state: RandomState,
}

impl<K, V> Default for Parts<K, V> {
    fn default() -> Self {
        let part = || LinkedHashMap::with_hasher(RandomState::default());
        Self {
            parts: std::array::from_fn(|_| Apart(Mutex::new(part()))),
            state: RandomState::default(),
        }
    }
}

impl<K: Hash + Eq, V> Parts<K, V> {
    /// The part that has a key, or would have it.
    pub(super) fn of(&self, key: &K) -> MutexGuard<'_, Part<K, V>> {
        let hash = self.state.hash_one(key);
        lock(&self.parts[(hash % PARTS as u64) as usize])
    }

    /// Each part, one after the other.
    pub(super) fn all(&self) -> impl Iterator<Item = MutexGuard<'_, Part<K, V>>> {
        self.parts.iter().map(|part| lock(part))
    }
}

fn lock<K, V>(part: &Mutex<Part<K, V>>) -> MutexGuard<'_, Part<K, V>> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
