//! The arena, natively: each test owns one in front of a fallback that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use proptest::prelude::*;

use super::Arena;

const BYTES: usize = 1024;

/// The target's allocator, counting the blocks that it has given and not got back.
#[derive(Default)]
struct Counting {
    live: Cell<usize>,
}

// SAFETY: every call is the system allocator's; counting changes no block.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.live.set(self.live.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.live.set(self.live.get() - 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

type TestArena = Arena<Counting, BYTES>;

fn arena() -> TestArena {
    Arena::new(Counting::default())
}

/// A block that knows its layout; the tests free each one once.
#[derive(Clone, Copy)]
struct Block {
    start: *mut u8,
    layout: Layout,
}

impl Block {
    fn new(arena: &TestArena, size: usize, align: usize) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: no test asks for zero bytes.
        let start = unsafe { arena.alloc(layout) };
        assert!(!start.is_null());
        Self { start, layout }
    }

    fn resize(self, arena: &TestArena, size: usize) -> Self {
        // SAFETY: the block is live in this arena, and `size` is not zero.
        let start = unsafe { arena.realloc(self.start, self.layout, size) };
        assert!(!start.is_null());
        Self {
            start,
            layout: Layout::from_size_align(size, self.layout.align()).unwrap(),
        }
    }

    fn free(self, arena: &TestArena) {
        // SAFETY: the block is live in this arena, and is not used again.
        unsafe { arena.dealloc(self.start, self.layout) }
    }

    fn fill(self, byte: u8) {
        // SAFETY: the block is live and holds that many bytes.
        unsafe { self.start.write_bytes(byte, self.layout.size()) }
    }

    /// Whether the first `count` bytes are all `byte`.
    fn holds(self, byte: u8, count: usize) -> bool {
        // SAFETY: the block is live, and was filled before.
        let bytes = unsafe { std::slice::from_raw_parts(self.start, count) };
        bytes.iter().all(|held| *held == byte)
    }
}

#[test]
fn blocks_are_aligned_as_asked() {
    let arena = arena();
    for align in [1, 2, 4, 8, 16, 32, 64, 128] {
        let block = Block::new(&arena, 3, align);
        assert_eq!(block.start.addr() % align, 0, "alignment {align}");
    }
    assert_eq!(arena.fallback.live.get(), 0);
}

#[test]
fn the_last_block_grows_and_shrinks_where_it_is() {
    let arena = arena();
    let block = Block::new(&arena, 16, 8);
    block.fill(7);
    let grown = block.resize(&arena, BYTES);
    assert_eq!(grown.start, block.start);
    assert!(grown.holds(7, 16));
    let shrunk = grown.resize(&arena, 8);
    assert_eq!(shrunk.start, block.start);
    assert_eq!(
        Block::new(&arena, 8, 8).start.addr(),
        block.start.addr() + 8
    );
}

#[test]
fn an_earlier_block_shrinks_where_it_is_and_moves_to_grow() {
    let arena = arena();
    let (earlier, later) = (Block::new(&arena, 16, 8), Block::new(&arena, 16, 8));
    earlier.fill(1);
    later.fill(2);
    let shrunk = earlier.resize(&arena, 12);
    assert_eq!(shrunk.start, earlier.start);
    let grown = shrunk.resize(&arena, 24);
    assert_eq!(grown.start.addr(), later.start.addr() + 16);
    assert!(grown.holds(1, 12));
    assert!(later.holds(2, 16));
}

#[test]
fn the_last_block_gives_its_bytes_back() {
    let arena = arena();
    let first = Block::new(&arena, 100, 4);
    first.free(&arena);
    assert_eq!(Block::new(&arena, 200, 4).start, first.start);
}

#[test]
fn a_full_arena_falls_back_and_the_fallback_gets_its_blocks_back() {
    let arena = arena();
    let inside = Block::new(&arena, BYTES, 1);
    let outside = Block::new(&arena, 1, 1);
    assert_eq!(arena.fallback.live.get(), 1);
    outside.free(&arena);
    assert_eq!(arena.fallback.live.get(), 0);
    inside.free(&arena);
    assert_eq!(Block::new(&arena, BYTES, 1).start, inside.start);
    assert_eq!(arena.fallback.live.get(), 0);
}

#[test]
fn a_block_that_outgrows_the_arena_takes_its_bytes_along_and_frees_the_arena() {
    let arena = arena();
    let block = Block::new(&arena, 64, 8);
    block.fill(9);
    let outside = block.resize(&arena, BYTES + 1);
    assert_eq!(arena.fallback.live.get(), 1);
    assert!(outside.holds(9, 64));
    assert_eq!(Block::new(&arena, 8, 8).start, block.start);
    outside.free(&arena);
}

#[test]
fn zeroed_blocks_are_zero_though_their_bytes_were_used_before() {
    let arena = arena();
    let used = Block::new(&arena, 64, 1);
    used.fill(0xff);
    used.free(&arena);
    // SAFETY: the layout is that of the block before, whose size is not zero.
    let start = unsafe { arena.alloc_zeroed(used.layout) };
    assert_eq!(start, used.start);
    assert!(Block { start, ..used }.holds(0, 64));
}

#[test]
fn a_size_near_the_address_spaces_end_is_not_the_arenas() {
    let arena = arena();
    let layout = Layout::from_size_align(isize::MAX as usize - 15, 16).unwrap();
    assert!(arena.bump(layout).is_none());
    assert!(!arena.resize_last(8, usize::MAX));
    assert_eq!(arena.top.get(), 0);
}

/// What a program may do; a number chooses the block among those that live.
#[derive(Clone, Debug)]
enum Step {
    Allocate { size: usize, align: usize },
    Resize { block: usize, size: usize },
    Free { block: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let size = 1..BYTES / 4;
    prop_oneof![
        (size.clone(), 0..7_u32).prop_map(|(size, power)| Step::Allocate {
            size,
            align: 1 << power
        }),
        (any::<usize>(), size).prop_map(|(block, size)| Step::Resize { block, size }),
        any::<usize>().prop_map(|block| Step::Free { block }),
    ]
}

proptest! {
    /// Each block is filled with a byte of its own, which no other block's writing,
    /// growth or release may change: blocks that overlap would.
    #[test]
    fn no_block_overlaps_another(steps in prop::collection::vec(step(), 1..80)) {
        let arena = arena();
        let mut live: Vec<(Block, u8)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let byte = number as u8;
            match step {
                Step::Allocate { size, align } => live.push((Block::new(&arena, size, align), byte)),
                Step::Resize { block, size } if !live.is_empty() => {
                    let (old, held) = live.swap_remove(block % live.len());
                    let new = old.resize(&arena, size);
                    prop_assert!(new.holds(held, size.min(old.layout.size())));
                    live.push((new, byte));
                }
                Step::Free { block } if !live.is_empty() => {
                    live.swap_remove(block % live.len()).0.free(&arena);
                    continue;
                }
                Step::Resize { .. } | Step::Free { .. } => continue,
            }
            if let Some((block, byte)) = live.last() {
                prop_assert_eq!(block.start.addr() % block.layout.align(), 0);
                block.fill(*byte);
            }
            for (block, byte) in &live {
                prop_assert!(block.holds(*byte, block.layout.size()));
            }
        }
        for (block, _) in live {
            block.free(&arena);
        }
        prop_assert_eq!(arena.fallback.live.get(), 0);
    }
}
