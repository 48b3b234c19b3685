//! Components that did not compile, remembered: a bomb costs its minute once, and not at
//! every start and every reload.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::artifacts::{Key, hex};
use super::load_error::CompileFault;
use crate::config::CompileLimits;
use crate::state::{NotPrivate, PrivateDir};

/// The most components that are remembered.
const MOST: usize = 1_000;
/// The longest record, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What was tried: under other limits, the same component may compile.
pub(super) struct Case(String);

impl Case {
    /// A component, the limits that it is compiled with, and the most that may come of
    /// it, in bytes.
    pub(super) fn new(key: &Key, limits: &CompileLimits, artifact: usize) -> Self {
        let CompileLimits { memory, time } = limits;
        let text = format!("{} {memory} {} {artifact}", key.as_str(), time.as_nanos());
        Self(format!("{}.json", hex(&Sha256::digest(text))))
    }
}

/// The records, one small file each.
pub(super) struct Quarantine {
    directory: PrivateDir,
}

impl Quarantine {
    /// Opens the quarantine of a state directory.
    pub(super) fn open(state: &Path) -> Result<Self, NotPrivate> {
        let directory = PrivateDir::open(state, "quarantine")?;
        Ok(Self { directory })
    }

    /// How it ended before, and the file that says so.
    pub(super) fn find(&self, case: &Case) -> Option<(CompileFault, PathBuf)> {
        let file = self.directory.read(&case.0)?;
        let mut text = String::new();
        let read = file.take(LONGEST).read_to_string(&mut text);
        let fault = read.ok().and_then(|_| serde_json::from_str(&text).ok());
        if fault.is_none() {
            self.directory.remove(&case.0);
        }
        Some((fault?, self.directory.path_of(&case.0)))
    }

    /// Remembers how it ended.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(super) fn keep(&self, case: &Case, fault: &CompileFault) -> io::Result<()> {
        let text = serde_json::to_string_pretty(fault)?;
        self.directory.publish(&case.0, text.as_bytes())?;
        self.forget_the_oldest();
        Ok(())
    }

    fn forget_the_oldest(&self) {
        let mut entries = self.directory.entries();
        entries.sort_by_key(|entry| entry.used);
        let surplus = entries.len().saturating_sub(MOST);
        for entry in entries.iter().take(surplus) {
            self.directory.remove(&entry.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wasmtime::Engine;

    use super::*;

    const LIMITS: CompileLimits = CompileLimits {
        memory: 1,
        time: Duration::from_secs(1),
    };

    fn key(component: &str) -> Key {
        Key::new(component, &Engine::default())
    }

    #[test]
    fn what_ended_badly_is_remembered_with_its_reason_and_its_limits() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path().join("state");
        let quarantine = Quarantine::open(&state).unwrap();
        let case = Case::new(&key("a"), &LIMITS, 1);
        assert!(quarantine.find(&case).is_none());
        for fault in [
            CompileFault::Invalid("bad \"magic\"".to_owned()),
            CompileFault::Memory(1),
            CompileFault::Time(Duration::from_millis(1_500)),
            CompileFault::Artifact(2),
            CompileFault::Crash("signal 11".to_owned()),
        ] {
            quarantine.keep(&case, &fault).unwrap();
            let (found, record) = Quarantine::open(&state).unwrap().find(&case).unwrap();
            assert_eq!(found, fault);
            assert!(record.is_file());
        }
        let more_memory = CompileLimits {
            memory: 2,
            ..LIMITS
        };
        let more_time = CompileLimits {
            time: Duration::from_secs(2),
            ..LIMITS
        };
        for other in [
            Case::new(&key("b"), &LIMITS, 1),
            Case::new(&key("a"), &more_memory, 1),
            Case::new(&key("a"), &more_time, 1),
            Case::new(&key("a"), &LIMITS, 2),
        ] {
            assert!(quarantine.find(&other).is_none());
        }
    }

    #[test]
    fn a_record_that_cannot_be_read_is_none() {
        let state = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::open(&state.path().join("state")).unwrap();
        let case = Case::new(&key("a"), &LIMITS, 1);
        quarantine.directory.publish(&case.0, b"{\"tim").unwrap();
        assert!(quarantine.find(&case).is_none());
        assert!(!quarantine.directory.path_of(&case.0).exists());
    }

    #[test]
    fn the_oldest_records_are_forgotten() {
        let state = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::open(&state.path().join("state")).unwrap();
        for n in 0..MOST {
            std::fs::write(quarantine.directory.path_of(&n.to_string()), "").unwrap();
        }
        let case = Case::new(&key("a"), &LIMITS, 1);
        quarantine.keep(&case, &CompileFault::Memory(1)).unwrap();
        assert_eq!(quarantine.directory.entries().len(), MOST);
        assert!(quarantine.find(&case).is_some());
    }
}
