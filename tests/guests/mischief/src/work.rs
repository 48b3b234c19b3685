//! Work that never ends well.

use std::hint::{black_box, spin_loop};

use jackfield_sdk::Request;

const MIB: usize = 1024 * 1024;

/// Does what the name says. Most of it never comes back.
pub(crate) fn work(act: &str, request: &Request) {
    match act {
        "loop" => spin(),
        "copy" => copy(),
        "grow" => grow(),
        "grow-at-once" => grow_at_once(),
        "dive" => drop(black_box(dive(0))),
        "panic" => panic!("{} wrote {:?}", request.address.raw, request.body),
        "abort" => std::process::abort(),
        "nothing" => {}
        other => panic!("there is no act `{other}`"),
    }
}

fn spin() -> ! {
    loop {
        spin_loop();
    }
}

/// Moves 12 MiB back and forth: one instruction each, in which no guest can be stopped.
fn copy() -> ! {
    let mut block = vec![1_u8; 12 * MIB];
    loop {
        block.copy_within(..11 * MIB, MIB);
        block.fill(black_box(2));
        black_box(&block);
    }
}

fn grow() -> ! {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 64 * 1024]);
        black_box(&hoard);
    }
}

fn grow_at_once() {
    black_box(vec![1_u8; 1024 * MIB]);
}

/// Fills the stack in the guest's memory, which has no guard page.
#[expect(unconditional_recursion, reason = "this is the attack")]
fn dive(depth: usize) -> [usize; 128] {
    let mut frame = [depth; 128];
    black_box(&mut frame);
    frame[0] = dive(depth + 1)[1];
    frame
}
