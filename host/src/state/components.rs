//! Copies of the components that served, by their SHA-256: what a host goes back to when
//! the file in place is no good.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;

use super::private::PrivateDir;
use crate::protocol::signature::body_hash;

/// The copies.
pub struct Components {
    directory: PrivateDir,
}

impl Components {
    /// Opens the copies of a state directory.
    ///
    /// # Errors
    /// Where there is no such directory that is the host's own.
    pub fn open(state: &Path) -> Result<Self, String> {
        let directory = PrivateDir::open(state, "components");
        let directory = directory.map_err(|error| error.to_string())?;
        Ok(Self { directory })
    }

    /// The component with this SHA-256. One that has rotted is removed.
    #[must_use]
    pub fn find(&self, sha256: &str) -> Option<Bytes> {
        let name = name(sha256);
        let mut bytes = Vec::new();
        let mut file = self.directory.read(&name)?;
        file.read_to_end(&mut bytes).ok()?;
        if body_hash(&bytes) != sha256 {
            self.directory.remove(&name);
            return None;
        }
        Some(bytes.into())
    }

    /// Whether there is a file for the component with this SHA-256.
    #[must_use]
    pub fn has(&self, sha256: &str) -> bool {
        self.directory.path_of(&name(sha256)).exists()
    }

    /// Keeps a component.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        match self.has(sha256) {
            true => Ok(()),
            false => self.directory.publish(&name(sha256), bytes),
        }
    }

    /// Removes all that nobody wants any more.
    pub fn tidy(&self, wanted: &BTreeSet<String>) {
        for entry in self.directory.entries() {
            let sha256 = entry.name.strip_suffix(".wasm");
            if sha256.is_none_or(|sha256| !wanted.contains(sha256)) {
                self.directory.remove(&entry.name);
            }
        }
    }
}

fn name(sha256: &str) -> String {
    format!("{sha256}.wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(state: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(state.join("components")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn copies_are_found_by_their_hash_after_a_reopening_too() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        let sha256 = body_hash(b"one");
        let components = Components::open(&state).unwrap();
        assert!(components.find(&sha256).is_none());
        components.keep(&sha256, b"one").unwrap();
        components.keep(&sha256, b"one").unwrap();
        for components in [components, Components::open(&state).unwrap()] {
            assert_eq!(components.find(&sha256).as_deref(), Some(&b"one"[..]));
        }
        assert_eq!(kept(&state), [format!("{sha256}.wasm")]);
    }

    #[test]
    fn a_copy_that_rotted_is_removed_and_can_be_kept_again() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        let sha256 = body_hash(b"one");
        let components = Components::open(&state).unwrap();
        let file = state.join(format!("components/{sha256}.wasm"));
        for rotten in [&b"on"[..], b"two", b""] {
            components.keep(&sha256, b"one").unwrap();
            std::fs::write(&file, rotten).unwrap();
            assert!(components.find(&sha256).is_none());
            assert!(!file.exists());
        }
        components.keep(&sha256, b"one").unwrap();
        assert!(components.find(&sha256).is_some());
    }

    #[test]
    fn tidying_keeps_what_is_wanted_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        let components = Components::open(&state).unwrap();
        let hashes = [b"one", b"two"].map(|bytes| {
            let sha256 = body_hash(bytes);
            components.keep(&sha256, bytes).unwrap();
            sha256
        });
        std::fs::write(state.join("components/stray"), "").unwrap();
        components.tidy(&BTreeSet::from([hashes[1].clone(), "0".repeat(64)]));
        assert_eq!(kept(&state), [format!("{}.wasm", hashes[1])]);
        components.tidy(&BTreeSet::new());
        assert!(kept(&state).is_empty());
    }
}
