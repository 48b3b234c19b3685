//! How much room there is, and who has it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::SpoolError;

/// The spool's room, in bytes.
pub(super) struct Room {
    capacity: u64,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    by_files: u64,
    by_drafts: u64,
}

/// What a draft has taken, and gives back when it is dropped.
pub(super) struct Taken {
    room: Arc<Room>,
    bytes: u64,
}

impl Room {
    pub(super) fn new(capacity: u64) -> Self {
        let used = Mutex::default();
        Self { capacity, used }
    }

    /// Room for a draft, which has none so far. There must be some for it to grow.
    pub(super) fn take(self: &Arc<Self>) -> Result<Taken, SpoolError> {
        if self.used() >= self.capacity {
            return Err(SpoolError::Full);
        }
        Ok(Taken {
            room: Arc::clone(self),
            bytes: 0,
        })
    }

    /// A file of this size is gone.
    pub(super) fn leave(&self, size: u64) {
        let mut used = self.lock();
        used.by_files = used.by_files.saturating_sub(size);
    }

    /// All files together have this size.
    pub(super) fn recount(&self, files: u64) {
        self.lock().by_files = files;
    }

    pub(super) fn used(&self) -> u64 {
        self.lock().all()
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Used {
    fn all(&self) -> u64 {
        self.by_files.saturating_add(self.by_drafts)
    }
}

impl Taken {
    /// Takes more.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let mut used = self.room.lock();
        if used.all().saturating_add(bytes) > self.room.capacity {
            return Err(SpoolError::Full);
        }
        used.by_drafts += bytes;
        self.bytes += bytes;
        Ok(())
    }

    /// The draft has become a file of this size.
    pub(super) fn keep(self, size: u64) {
        let mut used = self.room.lock();
        used.by_files = used.by_files.saturating_add(size);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut used = self.room.lock();
        used.by_drafts = used.by_drafts.saturating_sub(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_and_files_share_the_room_and_give_it_back() {
        let room = Arc::new(Room::new(100));
        room.recount(40);
        let mut first = room.take().unwrap();
        let mut second = room.take().unwrap();
        first.grow(30).unwrap();
        assert!(matches!(second.grow(31), Err(SpoolError::Full)));
        second.grow(30).unwrap();
        assert!(matches!(room.take(), Err(SpoolError::Full)));
        first.keep(35);
        assert_eq!(room.used(), 105);
        drop(second);
        assert_eq!(room.used(), 75);
        room.leave(75);
        room.leave(1);
        assert_eq!(room.used(), 0);
    }
}
