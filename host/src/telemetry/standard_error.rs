//! Standard error, whatever it is: a file, a terminal, a pipe, or the journal's socket.

use std::io::{self, Write as _};

use super::lines::Destination;

pub(super) struct StandardError;

impl Destination for StandardError {
    fn write(&self, bytes: &[u8]) {
        let _ = io::stderr().write_all(bytes);
    }
}
