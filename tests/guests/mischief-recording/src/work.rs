//! Work that never ends well, and some that is only slow.

use std::hint::{black_box, spin_loop};

use jackfield_sdk::contract::analysis::jackfield::addon::recording_media::{Audio, Report};

const PIECE: u32 = 64 * 1024;

/// Does what the name says. What comes back has read the recording.
pub(crate) fn work(act: &str, audio: &Audio, report: &Report) {
    match act {
        "loop" => spin(),
        "loop-after-reading" => {
            read_all(audio, PIECE);
            spin();
        }
        "read-nothing-without-end" => loop {
            assert!(audio.read(0).is_empty());
        },
        "read-the-end-without-end" => loop {
            black_box(audio.read(PIECE));
        },
        "write-nothing-without-end" => loop {
            report.write(b"");
        },
        "read-byte-by-byte" => read_all(audio, 1),
        "read-as-much-as-there-is" => read_all(audio, u32::MAX),
        "hoard" => hoard(audio),
        "grow" => grow(),
        "panic" => panic!("{:?}", audio.read(8)),
        "abort" => std::process::abort(),
        other => panic!("there is no act `{other}`"),
    }
}

fn spin() -> ! {
    loop {
        spin_loop();
    }
}

fn read_all(audio: &Audio, limit: u32) {
    loop {
        let piece = audio.read(limit);
        assert!(
            piece.len() <= limit.min(PIECE) as usize,
            "a piece is as long as it may be"
        );
        if piece.is_empty() {
            return;
        }
    }
}

/// Keeps all of the recording.
fn hoard(audio: &Audio) {
    let mut hoard = Vec::new();
    loop {
        let piece = audio.read(PIECE);
        if piece.is_empty() {
            break;
        }
        hoard.push(piece);
    }
    black_box(hoard);
}

fn grow() -> ! {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 64 * 1024]);
        black_box(&hoard);
    }
}
