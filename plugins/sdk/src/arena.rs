//! An allocator that a small provider never outgrows: a static arena first, the
//! target's own allocator when that is full.
//!
//! A call runs in a fresh instance, whose first allocation by the target's own
//! allocator is a `memory.grow`: a system call or two for the host, several times
//! the price of the call itself. The arena is part of the memory that the
//! component declares. Nothing in it is reused but what was allocated last; that
//! suits a call that allocates little and then is over.

// An allocator hands out raw memory; there is no safe way to say that.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// The chunk's start is aligned for every primitive type.
#[repr(align(16))]
struct Chunk<const BYTES: usize>(UnsafeCell<[u8; BYTES]>);

/// A bump allocator over `BYTES` bytes of its own, then `Fallback`.
pub struct Arena<Fallback, const BYTES: usize> {
    chunk: Chunk<BYTES>,
    /// The offset of the first free byte, at most `BYTES`.
    top: Cell<usize>,
    fallback: Fallback,
}

// SAFETY: without the atomics feature a WebAssembly instance has one thread, so
// no two calls overlap. With it, or natively, this is no global allocator.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<Fallback: Sync, const BYTES: usize> Sync for Arena<Fallback, BYTES> {}

impl<Fallback, const BYTES: usize> Arena<Fallback, BYTES> {
    /// An empty arena in front of `fallback`.
    pub const fn new(fallback: Fallback) -> Self {
        Self {
            chunk: Chunk(UnsafeCell::new([0; BYTES])),
            top: Cell::new(0),
            fallback,
        }
    }

    fn base(&self) -> *mut u8 {
        self.chunk.0.get().cast()
    }

    /// The next free bytes, or none if they do not fit.
    fn bump(&self, layout: Layout) -> Option<*mut u8> {
        let base = self.base();
        let address = base.addr().checked_add(self.top.get())?;
        let start = address.checked_next_multiple_of(layout.align())? - base.addr();
        let end = start
            .checked_add(layout.size())
            .filter(|end| *end <= BYTES)?;
        self.top.set(end);
        // SAFETY: `start` is at most `end`, which is at most the chunk's length.
        Some(unsafe { base.add(start) })
    }

    /// The offset of `block` in the chunk, or none if the fallback gave it.
    fn offset_of(&self, block: *mut u8) -> Option<usize> {
        let offset = block.addr().checked_sub(self.base().addr())?;
        (offset < BYTES).then_some(offset)
    }

    /// Whether nothing was allocated after the `size` bytes at `offset`.
    fn is_last(&self, offset: usize, size: usize) -> bool {
        offset + size == self.top.get()
    }

    /// Gives the last block another size where it is, if that fits.
    fn resize_last(&self, offset: usize, new_size: usize) -> bool {
        let end = offset.checked_add(new_size).filter(|end| *end <= BYTES);
        end.inspect(|end| self.top.set(*end)).is_some()
    }
}

// SAFETY: a block lies in the chunk or comes from the fallback. In the chunk,
// `bump` only hands out bytes from `top` on, aligned as asked, and `top` only
// moves back to the start of, or into, the last block, when that is freed or
// shrinks: blocks never overlap. No method unwinds.
unsafe impl<Fallback: GlobalAlloc, const BYTES: usize> GlobalAlloc for Arena<Fallback, BYTES> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.bump(layout) {
            Some(block) => block,
            // SAFETY: the caller's promise about `layout` is passed on.
            None => unsafe { self.fallback.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match self.offset_of(block) {
            Some(offset) if self.is_last(offset, layout.size()) => self.top.set(offset),
            Some(_) => {}
            // SAFETY: the block is not the chunk's, so the fallback gave it.
            None => unsafe { self.fallback.dealloc(block, layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match self.bump(layout) {
            Some(block) => {
                // SAFETY: `bump` gave `layout.size()` bytes, which nobody else holds.
                unsafe { ptr::write_bytes(block, 0, layout.size()) };
                block
            }
            // SAFETY: the caller's promise about `layout` is passed on.
            None => unsafe { self.fallback.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let Some(offset) = self.offset_of(block) else {
            // SAFETY: the block is not the chunk's, so the fallback gave it.
            return unsafe { self.fallback.realloc(block, layout, new_size) };
        };
        let in_place = if self.is_last(offset, layout.size()) {
            self.resize_last(offset, new_size)
        } else {
            new_size <= layout.size()
        };
        if in_place {
            return block;
        }
        // SAFETY: the caller promises that `new_size`, rounded up to the alignment,
        // is a valid size; the block is live, and holds `layout.size()` bytes.
        unsafe { self.relocate(block, layout, new_size) }
    }
}

impl<Fallback: GlobalAlloc, const BYTES: usize> Arena<Fallback, BYTES> {
    /// Moves a block of the chunk to a larger one.
    ///
    /// # Safety
    ///
    /// As for [`GlobalAlloc::realloc`]; `new_size` is more than `layout.size()`.
    unsafe fn relocate(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that this size and alignment are a layout.
        let larger = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: `larger` is no smaller than `layout`, so its size is not zero.
        let moved = unsafe { self.alloc(larger) };
        if !moved.is_null() {
            // SAFETY: both hold `layout.size()` bytes, and live blocks do not overlap.
            unsafe { ptr::copy_nonoverlapping(block, moved, layout.size()) };
            // SAFETY: the block is this allocator's, live, and not used again.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}

#[cfg(test)]
mod tests;
