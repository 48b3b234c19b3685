//! Counting what is allocated.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]
#![allow(
    clippy::print_stdout,
    reason = "an allocator that is asked for a list has no other way to give it"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jackfield::Allocator;

/// What stands on every stack, or says nothing about who asked.
const UNTELLING: [&str; 6] = [
    "alloc::",
    "core::",
    "std::",
    "bytes::",
    "jackfield_bench::",
    "way::",
];

static MADE: AtomicU64 = AtomicU64::new(0);
static LIST: AtomicBool = AtomicBool::new(false);

thread_local! {
    static COUNTS: Cell<bool> = const { Cell::new(false) };
}

/// The host's allocator, counted where [`counted`] says so.
pub struct Counted;

// SAFETY: every call is passed on to the host's allocator as it is.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: what is asked of the caller is asked of us.
        unsafe { Allocator.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { Allocator.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: as above.
        unsafe { Allocator.realloc(pointer, layout, size) }
    }
}

/// How many allocations were counted so far.
#[must_use]
pub fn made() -> u64 {
    MADE.load(Ordering::Relaxed)
}

/// Whether each that is counted is also shown, with the functions that made it.
pub fn list(shown: bool) {
    LIST.store(shown, Ordering::Relaxed);
}

/// Counts what a future allocates while it runs.
pub async fn counted<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        COUNTS.set(true);
        let polled = future.as_mut().poll(context);
        COUNTS.set(false);
        polled
    })
    .await
}

fn note(size: usize) {
    if !COUNTS.try_with(Cell::get).unwrap_or(false) {
        return;
    }
    MADE.fetch_add(1, Ordering::Relaxed);
    if LIST.load(Ordering::Relaxed) {
        // What showing allocates is not shown.
        COUNTS.set(false);
        println!("{size:>6} bytes: {}", makers().join(" < "));
        COUNTS.set(true);
    }
}

/// The functions that are on the stack, the innermost first, as far as they are of use.
fn makers() -> Vec<String> {
    let stack = Backtrace::force_capture().to_string();
    let names = stack
        .lines()
        .filter_map(|line| line.trim().split_once(": "));
    names
        .map(|(_, name)| name.to_owned())
        .filter(|name| name.contains("::") && !UNTELLING.iter().any(|of| name.contains(of)))
        .take(3)
        .collect()
}
