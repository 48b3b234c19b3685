//! What is known of each add-on beyond its configuration: the versions that served, those
//! that must not, and whether an operator has paused it.
//!
//! All of it is in memory; each change is written down, whole, before whoever asked for
//! it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::private::PrivateDir;
use super::{NotPrivate, Who};
use crate::config::AddOnName;

/// The most versions of one add-on that are kept.
const MOST_VERSIONS: usize = 5;
/// The most versions of one add-on that are held back.
const MOST_HOLDS: usize = 100;
/// The longest record, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// The file that says that nothing is to be reloaded.
const FROZEN: &str = "frozen.json";

/// What is known of one add-on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The versions that served, the last one last.
    pub versions: Vec<Served>,
    /// The versions that do not serve until somebody approves of them, by SHA-256.
    pub holds: BTreeMap<String, Hold>,
    /// The version that an operator has approved of.
    pub approved: Option<String>,
    /// Set while the add-on is paused.
    pub pause: Option<Pause>,
}

/// A version that served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The component's SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// What it imports.
    pub imports: BTreeSet<String>,
    /// When it began to serve.
    pub since: Timestamp,
    /// Whether it has stood its trial, or had none to stand.
    pub proven: bool,
}

/// Why a version does not serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What kind of reason.
    pub kind: HoldKind,
    /// The reason.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// What kind of reason keeps a version from serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldKind {
    /// It failed too often when it was new.
    Failed,
    /// An operator went back to the version before it.
    RolledBack,
    /// It imports more than the version before it, and nobody has approved of that.
    Grants,
}

/// An operator's word that an add-on is not to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Why.
    pub reason: String,
    /// A JSON object that is answered in the meantime; otherwise an error is.
    pub answer: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub by: Who,
}

/// An operator's word that files are not to be taken up when they change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub by: Who,
}

impl Record {
    /// The last version other than `sha256` that served, and that nothing speaks against:
    /// where `sha256` serves, the one before it. One that stood its trial is preferred.
    #[must_use]
    pub fn before(&self, sha256: &str) -> Option<&Served> {
        let others = self.versions.iter().rev();
        let mut sound =
            others.filter(|it| it.sha256 != sha256 && !self.holds.contains_key(&it.sha256));
        let proven = sound.clone().find(|it| it.proven);
        proven.or_else(|| sound.next())
    }

    /// Notes that a version serves from now on. One that served before moves to the end.
    pub fn serve(&mut self, served: Served) {
        self.versions.retain(|it| it.sha256 != served.sha256);
        self.versions.push(served);
        let surplus = self.versions.len().saturating_sub(MOST_VERSIONS);
        self.versions.drain(..surplus);
    }

    /// Keeps a version from serving.
    pub fn hold(&mut self, sha256: &str, hold: Hold) {
        if self.holds.len() >= MOST_HOLDS && !self.holds.contains_key(sha256) {
            let oldest = self.holds.iter().min_by_key(|(_, hold)| hold.since);
            if let Some(oldest) = oldest.map(|(sha256, _)| sha256.clone()) {
                self.holds.remove(&oldest);
            }
        }
        self.holds.insert(sha256.to_owned(), hold);
    }
}

/// The records of a host.
pub struct Records {
    directory: Option<PrivateDir>,
    state: Mutex<State>,
    /// Taken while something is written, so that an older state never overwrites a newer.
    writing: Mutex<()>,
}

#[derive(Default)]
struct State {
    add_ons: BTreeMap<AddOnName, Record>,
    frozen: Option<Frozen>,
}

impl Records {
    /// Reads the records of a state directory.
    ///
    /// # Errors
    /// Where there is no such directory that is the host's own.
    pub fn open(state: &Path) -> Result<Self, String> {
        Self::read(state).map_err(|error| error.to_string())
    }

    fn read(state: &Path) -> Result<Self, NotPrivate> {
        let directory = PrivateDir::open(state, "records")?;
        let mut known = State {
            frozen: read(&directory, FROZEN),
            ..State::default()
        };
        for entry in directory.entries() {
            let name = name_in(&entry.name).and_then(|name| name.parse().ok());
            if let Some(name) = name {
                let record = read(&directory, &entry.name).unwrap_or_default();
                known.add_ons.insert(name, record);
            }
        }
        Ok(Self {
            directory: Some(directory),
            state: Mutex::new(known),
            writing: Mutex::new(()),
        })
    }

    /// Records that end with the process.
    #[must_use]
    pub fn unkept() -> Self {
        Self {
            directory: None,
            state: Mutex::default(),
            writing: Mutex::new(()),
        }
    }

    /// What is known of an add-on.
    #[must_use]
    pub fn of(&self, add_on: &AddOnName) -> Record {
        self.state()
            .add_ons
            .get(add_on)
            .cloned()
            .unwrap_or_default()
    }

    /// The SHA-256 of the version of an add-on that served last.
    #[must_use]
    pub fn last(&self, add_on: &AddOnName) -> Option<String> {
        let last = self.of(add_on).versions.pop();
        last.map(|served| served.sha256)
    }

    /// Set while files are not taken up when they change.
    #[must_use]
    pub fn frozen(&self) -> Option<Frozen> {
        self.state().frozen.clone()
    }

    /// The SHA-256 of every version that may be wanted again.
    #[must_use]
    pub fn wanted(&self) -> BTreeSet<String> {
        let state = self.state();
        let versions = state.add_ons.values().flat_map(|record| &record.versions);
        versions.map(|served| served.sha256.clone()).collect()
    }

    /// Changes what is known of an add-on, and writes it down. It blocks while a disk does.
    ///
    /// # Errors
    /// Where it cannot be written down. It is changed all the same, until the host ends.
    pub fn change<R>(
        &self,
        add_on: &AddOnName,
        change: impl FnOnce(&mut Record) -> R,
    ) -> io::Result<R> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let (result, before, after) = {
            let mut state = self.state();
            let record = state.add_ons.entry(add_on.clone()).or_default();
            let before = record.clone();
            let result = change(record);
            (result, before, record.clone())
        };
        if before != after {
            self.write(&format!("addon-{add_on}.json"), &after)?;
        }
        Ok(result)
    }

    /// Freezes the host, or thaws it, and writes it down. It blocks while a disk does.
    ///
    /// # Errors
    /// Where it cannot be written down. It holds all the same, until the host ends.
    pub fn freeze(&self, frozen: Option<Frozen>) -> io::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.state().frozen.clone_from(&frozen);
        match (frozen, &self.directory) {
            (Some(frozen), _) => self.write(FROZEN, &frozen),
            (None, Some(directory)) => directory.delete(FROZEN),
            (None, None) => Ok(()),
        }
    }

    fn write(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let text = serde_json::to_string_pretty(value)?;
        directory.publish(name, text.as_bytes())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_in(file: &str) -> Option<&str> {
    file.strip_prefix("addon-")?.strip_suffix(".json")
}

/// A file's value. One that makes no sense is put aside, where a person can look at it.
fn read<T: DeserializeOwned>(directory: &PrivateDir, name: &str) -> Option<T> {
    let mut text = String::new();
    let file = directory.read(name)?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    let value = serde_json::from_str(&text).ok();
    if value.is_none() {
        tracing::warn!(file = %directory.path_of(name).display(), "put aside: it cannot be read");
        directory.put_aside(name);
    }
    value
}

#[cfg(test)]
mod tests;
