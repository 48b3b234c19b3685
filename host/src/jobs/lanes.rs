//! How many jobs of each add-on are worked on at once: one that is slow, or whose receiver
//! is, holds up nobody else's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::store::State;
use crate::protocol::sid::AddOnSid;

/// What is under way, by add-on and by what is done.
#[derive(Clone, Default)]
pub(super) struct Lanes(Arc<Mutex<HashMap<Lane, usize>>>);

/// Whose jobs, and in which state they were taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    /// The add-on.
    pub(super) add_on: AddOnSid,
    /// Whether its provider is to be called, or whoever wants the result.
    pub(super) state: State,
}

/// A place in a lane, for as long as it is kept.
pub(super) struct Place {
    lanes: Lanes,
    lane: Lane,
}

impl Lanes {
    /// Takes a place.
    pub(super) fn enter(&self, lane: Lane) -> Place {
        *self.counts().entry(lane).or_default() += 1;
        Place {
            lanes: self.clone(),
            lane,
        }
    }

    /// How many places of a lane are taken.
    pub(super) fn taken(&self, lane: Lane) -> usize {
        self.counts().get(&lane).copied().unwrap_or(0)
    }

    /// How many are taken in all lanes of this kind.
    pub(super) fn all_taken(&self, state: State) -> usize {
        let counts = self.counts();
        let kind = counts.iter().filter(|(lane, _)| lane.state == state);
        kind.map(|(_, count)| count).sum()
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Lane, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.lanes.counts();
        if let Some(count) = counts.get_mut(&self.lane) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_once_it_is_left() {
        let lanes = Lanes::default();
        let lane = |digit: char, state| Lane {
            add_on: format!("XB{}", digit.to_string().repeat(32)).parse().unwrap(),
            state,
        };
        let (one, other) = (lane('1', State::Accepted), lane('2', State::Accepted));
        let delivering = lane('1', State::Resulted);
        let places = [one, one, other, delivering].map(|lane| lanes.enter(lane));
        assert_eq!(lanes.taken(one), 2);
        assert_eq!(lanes.all_taken(State::Accepted), 3);
        assert_eq!(lanes.all_taken(State::Resulted), 1);
        drop(places);
        assert_eq!(lanes.all_taken(State::Accepted), 0);
        assert!(lanes.counts().is_empty());
    }
}
