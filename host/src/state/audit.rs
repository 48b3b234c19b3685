//! Who did what, when, and why: one JSON line for everything that changes what is served.
//! The file is only ever appended to; it is opened for every line, so that it can be
//! rotated by moving it away.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// Who brought something about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Who {
    /// The host, when it started.
    Start,
    /// The host, on seeing that a file had changed.
    Watch,
    /// The host, on seeing how a new version fared.
    Trial,
    /// Whoever sent the host a signal.
    Signal,
    /// A process on the control socket.
    Operator {
        /// Its user.
        uid: u32,
        /// Its number, where the system tells.
        pid: Option<i32>,
    },
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct Entry<'a> {
    /// What happened, as in `rollback`.
    pub event: &'a str,
    /// Who brought it about.
    pub who: &'a Who,
    /// The add-on, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_on: Option<&'a str>,
    /// The SHA-256 of what served before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<&'a str>,
    /// The SHA-256 of what serves now, or would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<&'a str>,
    /// The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'a str>,
}

/// The log.
pub struct Audit {
    path: Option<PathBuf>,
    /// One line at a time, in the order of what happened.
    turn: Mutex<()>,
}

impl Audit {
    /// The audit log of a state directory.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            path: Some(state.join("audit.jsonl")),
            turn: Mutex::new(()),
        }
    }

    /// A log that nobody keeps.
    #[must_use]
    pub fn unkept() -> Self {
        Self {
            path: None,
            turn: Mutex::new(()),
        }
    }

    /// Adds a line. Where that fails, the host's own log says so, with the line's event:
    /// what has happened has happened.
    pub fn note(&self, entry: &Entry<'_>) {
        let Some(path) = &self.path else { return };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = append(path, entry) {
            let event = entry.event;
            warn!(file = %path.display(), event, %error, "the audit log cannot be written");
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

fn append(path: &Path, entry: &Entry<'_>) -> io::Result<()> {
    let at = Timestamp::now();
    let mut line = serde_json::to_vec(&Line { at, entry })?;
    line.push(b'\n');
    // One write, so that two processes' lines never mix.
    open(path)?.write_all(&line)
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}
