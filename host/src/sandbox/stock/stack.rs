//! Native stacks, on which guests run and the host while it does something for them.
#![expect(unsafe_code, reason = "wasmtime relies on what it is told of a stack")]

use std::ops::Range;

use wasmtime::{Error, StackCreator, StackMemory};

use super::region::Region;
use super::shelf::{Reusable, Shelves, Taken};
use super::{Count, EXHAUSTED};

/// The stacks of small guests.
#[derive(Debug, Default)]
pub(super) struct Stacks(Shelves<Slot>);

/// Room for a stack. It is not cleared: what is compiled reads nothing of its stack that it
/// has not written itself.
#[derive(Debug, Default)]
struct Slot(Region);

/// The stack of one guest.
struct Stack(Taken<Slot>);

impl Stacks {
    /// How many there are.
    pub(super) fn count(&self) -> Count {
        self.0.count()
    }
}

// SAFETY: a stack has the size that was asked for, and a guard before it.
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, _: bool) -> Result<Box<dyn StackMemory>, Error> {
        let slot = self
            .0
            .take(|slot| slot.0.room() == size, || Slot::new(size));
        match slot {
            Ok(slot) => Ok(Box::new(Stack(slot))),
            Err(_) => Err(Error::msg(EXHAUSTED)),
        }
    }
}

// SAFETY: the region stays where it is, and is whole pages that can be used.
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        let region = &self.0.0;
        region.start().wrapping_add(region.room())
    }

    fn range(&self) -> Range<usize> {
        self.0.0.start().addr()..self.top().addr()
    }

    fn guard_range(&self) -> Range<*mut u8> {
        self.0.0.guard()..self.0.0.start()
    }
}

impl Slot {
    fn new(size: usize) -> std::io::Result<Self> {
        let mut region = Region::reserve(rustix::param::page_size(), size, 0)?;
        region.open_to(size)?;
        Ok(Self(region))
    }
}

impl Reusable for Slot {
    fn reset(&mut self) -> bool {
        true
    }
}
