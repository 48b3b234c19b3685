//! Linear memories.
#![expect(unsafe_code, reason = "wasmtime relies on what it is told of a memory")]

use wasmtime::{Error, LinearMemory, MemoryCreator, MemoryType};

use super::region::Region;
use super::shelf::{Reusable, Shelves, Taken};
use super::{Count, EXHAUSTED};
use crate::sandbox::size::Size;

/// What a memory of 32 bits can address, in bytes. Compiled code relies on finding no
/// neighbour there.
const ADDRESSABLE: usize = 1 << 32;

/// The memories of small guests.
#[derive(Debug, Default)]
pub(super) struct Memories(Shelves<Slot>);

/// Room for a memory, all zeros where nobody has it.
#[derive(Debug, Default)]
struct Slot {
    region: Region,
    /// The bytes that a memory has at its start.
    at_start: usize,
}

/// The memory of one guest.
struct Memory(Taken<Slot>);

impl Memories {
    /// How many there are.
    pub(super) fn count(&self) -> Count {
        self.0.count()
    }
}

// SAFETY: a new memory is all zeros, and has the room and the guard that were asked for.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let room = reserved.unwrap_or(ADDRESSABLE);
        let fits = |slot: &Slot| slot.at_start == minimum && slot.region.room() == room;
        let slot = self.0.take(fits, || Slot::new(minimum, room, guard));
        match slot {
            Ok(slot) => Ok(Box::new(Memory(slot))),
            Err(_) => Err(EXHAUSTED.to_owned()),
        }
    }
}

// SAFETY: the region stays where it is as long as the memory lives, and grows in its room
// alone.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.0.region.open()
    }

    fn byte_capacity(&self) -> usize {
        self.0.region.room()
    }

    fn grow_to(&mut self, bytes: usize) -> Result<(), Error> {
        Ok(self.0.region.open_to(bytes)?)
    }

    fn as_ptr(&self) -> *mut u8 {
        self.0.region.start()
    }
}

impl Slot {
    fn new(at_start: usize, room: usize, guard: usize) -> std::io::Result<Self> {
        // The guard before it is for mistakes of a compiler: no right code goes there.
        let mut region = Region::reserve(guard, room, guard)?;
        region.open_to(at_start)?;
        Ok(Self { region, at_start })
    }
}

impl Reusable for Slot {
    fn reset(&mut self) -> bool {
        // What is larger than small hid its size. It is not kept, and costs its guest what
        // it takes to get a new one.
        if self.at_start > Size::Small.kept() || self.region.close_to(self.at_start).is_err() {
            return false;
        }
        self.region.clear();
        true
    }
}
