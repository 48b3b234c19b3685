//! Calls into the host: many, large, and with something left behind each time.

use std::hint::black_box;

use wasip2::cli::{stderr, stdin, stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::poll;
use wasip2::random::{insecure, random};

const MILLISECOND: u64 = 1_000_000;

pub(crate) fn ask_the_time() -> ! {
    loop {
        black_box(monotonic_clock::now());
        black_box(wall_clock::now());
    }
}

pub(crate) fn ask_for_chance() -> ! {
    loop {
        black_box(random::get_random_bytes(4096));
    }
}

pub(crate) fn too_much_chance() {
    black_box(random::get_random_bytes(1 << 40));
}

pub(crate) fn too_much_insecure_chance() {
    black_box(insecure::get_insecure_random_bytes(1 << 40));
}

pub(crate) fn hoard_clocks() {
    for _ in 0..300_000 {
        std::mem::forget(monotonic_clock::subscribe_duration(60_000 * MILLISECOND));
    }
}

pub(crate) fn hoard_streams() {
    for _ in 0..300_000 {
        std::mem::forget(stderr::get_stderr());
    }
}

/// One handle a hundred times in one list, without end.
pub(crate) fn poll_one_often() -> ! {
    let at_once = monotonic_clock::subscribe_duration(0);
    let list = vec![&at_once; 100];
    loop {
        poll::poll(&list);
    }
}

/// One handle a hundred thousand times in one list: each is lent to the host at once.
pub(crate) fn lend_one_often() {
    let at_once = monotonic_clock::subscribe_duration(0);
    poll::poll(&vec![&at_once; 100_000]);
}

pub(crate) fn read_nothing() -> ! {
    let input = stdin::get_stdin();
    loop {
        // Whatever the host says, the guest asks again.
        let _ = input.blocking_read(u64::MAX);
    }
}

/// More zeroes than the host has memory, made by the host itself.
pub(crate) fn zeroes() {
    let _ = stdout::get_stdout().write_zeroes(1 << 40);
}

pub(crate) fn flood_of_zeroes() -> ! {
    let output = stdout::get_stdout();
    loop {
        let _ = output.blocking_write_zeroes_and_flush(4096);
    }
}
