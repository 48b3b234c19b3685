//! Who did what, when, and why: one JSON line for everything that changes what is served.
//! The file is only ever appended to; it is opened for every line, so that it can be
//! rotated by moving it away.

use std::fmt;
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

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("the host, at its start"),
            Self::Watch => f.write_str("the host, on a change"),
            Self::Trial => f.write_str("the host, after a trial"),
            Self::Signal => f.write_str("a signal"),
            Self::Operator { uid, pid: None } => write!(f, "user {uid}"),
            Self::Operator {
                uid,
                pid: Some(pid),
            } => write!(f, "user {uid} (process {pid})"),
        }
    }
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use serde_json::{Value, json};

    use super::*;

    const OPERATOR: Who = Who::Operator {
        uid: 1000,
        pid: Some(4711),
    };

    fn entry(event: &str) -> Entry<'_> {
        Entry {
            event,
            who: &OPERATOR,
            add_on: None,
            old: None,
            new: None,
            why: None,
        }
    }

    fn lines(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_says_who_did_what_when_and_why_and_is_for_nobody_else() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("audit.jsonl");
        let audit = Audit::of(place.path());
        audit.note(&Entry {
            add_on: Some("a"),
            old: Some("0"),
            new: Some("1"),
            why: Some("two\nlines \"quoted\""),
            ..entry("rollback")
        });
        audit.note(&entry("thaw"));
        let mut lines = lines(&path);
        for line in &mut lines {
            let at = line.as_object_mut().unwrap().remove("at").unwrap();
            assert!(at.as_str().unwrap().parse::<Timestamp>().is_ok());
        }
        let who = json!({ "kind": "operator", "uid": 1000, "pid": 4711 });
        let rollback = json!({
            "event": "rollback", "who": who, "add_on": "a", "old": "0", "new": "1",
            "why": "two\nlines \"quoted\""
        });
        assert_eq!(lines, [rollback, json!({ "event": "thaw", "who": who })]);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_log_that_is_moved_away_goes_on_in_a_new_file() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let audit = Audit::of(place.path());
        audit.note(&entry("freeze"));
        std::fs::rename(at("audit.jsonl"), at("audit.jsonl.1")).unwrap();
        audit.note(&entry("thaw"));
        assert_eq!(lines(&at("audit.jsonl.1"))[0]["event"], "freeze");
        assert_eq!(lines(&at("audit.jsonl"))[0]["event"], "thaw");
    }

    #[test]
    fn two_logs_on_one_file_never_mix_their_lines() {
        let place = tempfile::tempdir().unwrap();
        let why = "x".repeat(2_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (place, why) = (&place, &why);
                scope.spawn(move || {
                    let audit = Audit::of(place.path());
                    for _ in 0..50 {
                        audit.note(&Entry {
                            why: Some(why),
                            ..entry("freeze")
                        });
                    }
                });
            }
        });
        assert_eq!(lines(&place.path().join("audit.jsonl")).len(), 200);
    }

    #[test]
    fn a_link_is_not_followed_and_what_cannot_be_written_stops_nobody() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::write(at("elsewhere"), "").unwrap();
        symlink(at("elsewhere"), at("audit.jsonl")).unwrap();
        Audit::of(place.path()).note(&entry("freeze"));
        assert_eq!(std::fs::read_to_string(at("elsewhere")).unwrap(), "");
        Audit::of(&at("nowhere")).note(&entry("freeze"));
        Audit::unkept().note(&entry("freeze"));
        assert!(!at("nowhere").exists());
    }
}
