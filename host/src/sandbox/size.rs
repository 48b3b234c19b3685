//! How large a guest is at its start. What makes a fresh instance cheap for one makes it
//! dear for another, so each size has a room of its own.

/// How much memory an instance has before its first instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// So little that it is filled by copying, for every instance, and cleared by writing
    /// zeros. Any add-on takes memory that another one had before: there is as much as
    /// guests ever ran at once, and so little is still in the processor's cache.
    Small,
    /// Mapped from what was compiled, and all of it copied back after each call, in memory
    /// that stays with its add-on.
    Medium,
    /// Mapped as well, and given back to the system but for its beginning: of so much, a
    /// call mostly touches little.
    Large,
}

impl Size {
    /// The size of a component whose instances start with so many bytes.
    pub(super) fn of(memory: u64) -> Self {
        [Self::Small, Self::Medium]
            .into_iter()
            .find(|size| memory <= size.kept() as u64)
            .unwrap_or(Self::Large)
    }

    /// The bytes that stay mapped from one guest to the next, for each memory.
    pub(super) fn kept(self) -> usize {
        match self {
            Self::Small | Self::Large => 128 * 1024,
            Self::Medium => 512 * 1024,
        }
    }

    /// Whether memory is filled by copying, which has to be known when it is compiled.
    pub(super) fn is_copied(self) -> bool {
        self == Self::Small
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
            assert_eq!(Size::of(pages * 64 * 1024), size, "{pages} pages");
        }
        assert_eq!(Size::of(u64::MAX), Size::Large);
    }
}
