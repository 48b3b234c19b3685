//! Standard error, whatever it is: a file, a terminal, a pipe, or the journal's socket.

use std::io::{self, Write as _};
use std::sync::LazyLock;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};

use super::lines::Destination;

/// What a pipe or socket that can be written to takes at once.
const AT_ONCE: usize = 4096;

/// Nobody reads a file: writing to one never waits.
static IS_A_FILE: LazyLock<bool> = LazyLock::new(|| {
    fstat(io::stderr()).is_ok_and(|it| FileType::from_raw_mode(it.st_mode) == FileType::RegularFile)
});

pub(super) struct StandardError;

impl Destination for StandardError {
    fn write(&self, bytes: &[u8]) {
        let _ = io::stderr().write_all(bytes);
    }

    fn would_wait(&self, bytes: usize) -> bool {
        !*IS_A_FILE && (bytes > AT_ONCE || !takes_some())
    }
}

fn takes_some() -> bool {
    let stderr = io::stderr();
    let mut asked = [PollFd::new(&stderr, PollFlags::OUT)];
    poll(&mut asked, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}
