//! What a configuration was read from: a reload watches it, and looks whether any of it
//! has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The files that were read, found or not, with a digest of what each held. Two are equal
/// where nothing has changed in between.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    files: BTreeMap<PathBuf, Option<[u8; 32]>>,
    patterns: BTreeSet<PathBuf>,
}

impl Inputs {
    /// The files, those too that could not be read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// The patterns that further files are found by.
    pub fn patterns(&self) -> impl Iterator<Item = &Path> {
        self.patterns.iter().map(PathBuf::as_path)
    }

    /// Notes a file, and what it holds, if it can be read.
    pub(super) fn file(&mut self, path: &Path, content: Option<&[u8]>) {
        let digest = content.map(|content| Sha256::digest(content).into());
        self.files.insert(path.to_owned(), digest);
    }

    /// Notes a pattern.
    pub(super) fn pattern(&mut self, pattern: &Path) {
        self.patterns.insert(pattern.to_owned());
    }
}

impl fmt::Debug for Inputs {
    /// The digest of a short secret could be guessed from, so there are names alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files()).finish()
    }
}
