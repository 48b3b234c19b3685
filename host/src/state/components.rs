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

    /// Keeps a component.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        let name = name(sha256);
        match self.directory.path_of(&name).exists() {
            true => Ok(()),
            false => self.directory.publish(&name, bytes),
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
