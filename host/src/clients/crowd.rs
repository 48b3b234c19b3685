//! How many connections each address has, of those that are counted.

use std::sync::Arc;

use super::address::Block;
use super::parts::Parts;

/// The connections that are open, by where they come from. There is nothing of an address
/// that has none.
#[derive(Default)]
pub(super) struct Crowd(Parts<Block, usize>);

/// A connection among those of its address, until it is dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    block: Block,
}

impl Crowd {
    /// Counts a connection, if its address has fewer than `most`.
    pub(super) fn enter(self: &Arc<Self>, block: Block, most: usize) -> Option<Place> {
        let mut part = self.0.of(&block);
        let open = part.get(&block).copied().unwrap_or_default();
        if open >= most {
            return None;
        }
        part.insert(block, open + 1);
        Some(Place {
            crowd: Arc::clone(self),
            block,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut part = self.crowd.0.of(&self.block);
        match part.get_mut(&self.block) {
            Some(open) if *open > 1 => *open -= 1,
            _ => {
                part.remove(&self.block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ClientAddress;

    #[test]
    fn an_address_has_its_connections_and_leaves_nothing_behind() {
        let crowd = Arc::new(Crowd::default());
        let block = |last| ClientAddress::new([192, 0, 2, last].into()).block();
        let first = crowd.enter(block(1), 2).unwrap();
        let second = crowd.enter(block(1), 2).unwrap();
        assert!(crowd.enter(block(1), 2).is_none());
        let other = crowd.enter(block(2), 2).unwrap();
        drop(first);
        let third = crowd.enter(block(1), 2).unwrap();
        assert!(crowd.enter(block(1), 2).is_none());
        drop((second, third, other));
        assert_eq!(crowd.0.all().map(|part| part.len()).sum::<usize>(), 0);
    }
}
