//! How large a guest is at its start. What makes a fresh instance cheap for one makes it
//! dear for another, so each size has a room of its own.

use super::sums::Sums;

/// The most that a small guest is made of, besides its memory. The structure that the host
/// has for an instance grows with it, by up to a hundred bytes for each, and is made anew
/// for every call. For larger guests, the pool says how large it may be.
const SMALL_PARTS: u64 = 4_096;

/// How much memory an instance has before its first instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// So little that it is filled by copying, for every instance, and cleared by writing
    /// zeros. Any add-on takes what another one had before on the same thread: there is as
    /// much as guests were there at once, and so little is still in the processor's cache.
    Small,
    /// Mapped from what was compiled, and all of it copied back after each call, in memory
    /// that stays with its add-on.
    Medium,
    /// Mapped as well, and given back to the system but for its beginning: of so much, a
    /// call mostly touches little.
    Large,
}

impl Size {
    /// The size of a component whose instances start with so much.
    pub(super) fn of(sums: &Sums) -> Self {
        [Self::Small, Self::Medium]
            .into_iter()
            .filter(|size| *size != Self::Small || sums.parts <= SMALL_PARTS)
            .find(|size| sums.memory <= size.kept() as u64)
            .unwrap_or(Self::Large)
    }

    /// The bytes that stay mapped from one guest to the next, for each memory.
    pub(super) fn kept(self) -> usize {
        match self {
            Self::Small | Self::Large => 128 * 1024,
            Self::Medium => 512 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_its_end() {
        for (pages, size) in [
            (0, Size::Small),
            (2, Size::Small),
            (3, Size::Medium),
            (8, Size::Medium),
            (9, Size::Large),
            (1_024, Size::Large),
        ] {
            assert_eq!(of(pages * 64 * 1024, 0), size, "{pages} pages");
        }
        assert_eq!(of(u64::MAX, 0), Size::Large);
    }

    #[test]
    fn what_is_made_of_many_parts_is_not_small() {
        assert_eq!(of(0, SMALL_PARTS), Size::Small);
        assert_eq!(of(0, SMALL_PARTS + 1), Size::Medium);
        assert_eq!(of(u64::MAX, SMALL_PARTS + 1), Size::Large);
    }

    fn of(memory: u64, parts: u64) -> Size {
        Size::of(&Sums {
            memory,
            parts,
            ..Sums::default()
        })
    }
}
