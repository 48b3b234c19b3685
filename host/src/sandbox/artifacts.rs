//! Compiled components, kept for the next start.
//!
//! A file's name is `KEY.DIGEST.cwasm`: what it was made of, and what it holds. One rename
//! publishes both, and a torn or rotten file does not match its own name. The digest
//! guards against accidents; against forgery, which would be machine code inside the
//! host, stands the directory, which nobody else may write to.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rustix::fs::MemfdFlags;
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::state::{Draft, NotPrivate, PrivateDir};

/// What an artifact is made of: the component's bytes, and everything about the compiler
/// that matters, its exact version included. (An engine itself only asks for the same
/// major version, and would go on using what an older one compiled wrongly.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    /// The key of a component with this SHA-256, compiled for an engine.
    pub(super) fn new(component: &str, engine: &Engine) -> Self {
        let mut environment = Hashing(Sha256::new());
        engine
            .precompile_compatibility_hash()
            .hash(&mut environment);
        let mut all = Sha256::new_with_prefix(component);
        all.update(environment.0.finalize());
        Self(hex(&all.finalize()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A [`Hasher`] that hashes well.
struct Hashing(Sha256);

impl Hasher for Hashing {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks: the whole hash is taken instead.
    fn finish(&self) -> u64 {
        0
    }
}

/// Hexadecimal digits, in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A compiled component, ready to be loaded: a file in the cache whose content is what its
/// name says, or one without a name in memory.
pub(super) struct Artifact(File);

impl Artifact {
    /// One that is not kept, as its compiler left it.
    pub(super) fn nameless(file: File) -> Self {
        Self(file)
    }

    /// Loads it, by mapping the file where that may be done.
    ///
    /// # Errors
    /// Where the engine does not take it.
    #[expect(unsafe_code, reason = "loading machine code is what this is for")]
    pub(super) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // The name of the very file that was looked at, whatever its own name leads to by
        // now.
        let path = format!("/proc/self/fd/{}", self.0.as_raw_fd());
        // SAFETY: The file was written by a compiler of ours that has ended. It has no
        // name, or it lies in a directory that only this user may write to, belongs to
        // this user, is closed to others, and was just found to hold what was written.
        // It does not change while it is mapped: the host changes no finished file, it
        // only ever renames new ones over it or unlinks it, which leaves the mapped one
        // as it is. A process of the same user that does otherwise could as well write
        // to the host's memory.
        match unsafe { Component::deserialize_file(engine, &path) } {
            Ok(component) => Ok(component),
            // Nothing can be run from a file system that is mounted so.
            Err(_) => {
                let copy = std::fs::read(path)?;
                // SAFETY: As above, and a copy changes even less.
                unsafe { Component::deserialize(engine, copy) }
            }
        }
    }
}

/// What is being compiled, where it will be kept.
pub(super) enum Unfinished {
    /// In the cache, if it ends well.
    Draft(Draft),
    /// In memory, for this start alone.
    Nameless(File),
}

impl Unfinished {
    /// A file in memory.
    ///
    /// # Errors
    /// Where there is none to be had.
    pub(super) fn nameless() -> io::Result<Self> {
        let file = rustix::fs::memfd_create("artifact", MemfdFlags::CLOEXEC)?;
        Ok(Self::Nameless(file.into()))
    }

    /// Where it is written to.
    pub(super) fn file(&self) -> &File {
        match self {
            Self::Draft(draft) => &draft.file,
            Self::Nameless(file) => file,
        }
    }
}

/// The cache.
pub(super) struct Artifacts {
    directory: PrivateDir,
    budget: u64,
    /// The names of the files that were there when somebody last looked.
    seen: Mutex<BTreeSet<String>>,
    /// The names of the files that this start uses.
    used: Mutex<HashSet<String>>,
}

impl Artifacts {
    /// Opens the cache of a state directory, which may grow to `budget` bytes.
    pub(super) fn open(state: &Path, budget: usize) -> Result<Self, NotPrivate> {
        Ok(Self {
            directory: PrivateDir::open(state, "artifacts")?,
            budget: u64::try_from(budget).unwrap_or(u64::MAX),
            seen: Mutex::default(),
            used: Mutex::default(),
        })
    }

    /// What was compiled before. A file that is not what its name says is removed.
    pub(super) fn find(&self, key: &Key) -> Option<Artifact> {
        self.sound_one(key).or_else(|| {
            // Another start may have put it there. With a thousand add-ons, looking
            // every time would take longer than loading them.
            let entries = self.directory.entries().into_iter();
            *self.seen() = entries.map(|entry| entry.name).collect();
            self.sound_one(key)
        })
    }

    /// Begins to keep something.
    ///
    /// # Errors
    /// Where nothing can be written.
    pub(super) fn begin(&self) -> io::Result<Unfinished> {
        Ok(Unfinished::Draft(self.directory.draft()?))
    }

    /// Keeps what was compiled, and gives it back as it is kept.
    ///
    /// # Errors
    /// Where it cannot be read again, or not be given its name.
    pub(super) fn keep(&self, key: &Key, draft: Draft) -> io::Result<Artifact> {
        (&draft.file).rewind()?;
        let name = name(key, &digest(&draft.file)?);
        self.directory.finish(draft, &name)?;
        self.sound(&name)
            .ok_or_else(|| io::Error::other("it does not hold what was written to it"))
    }

    /// Gives up what was begun.
    pub(super) fn discard(&self, draft: &Draft) {
        self.directory.remove(&draft.name);
    }

    /// Removes what has not been used for longest, down to the budget. What this start
    /// uses stays, whatever its size.
    pub(super) fn tidy(&self) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // What the next reload uses is its own to say: a file may go that is still mapped,
        // and is then compiled again by the next start.
        let used = std::mem::take(&mut *used);
        let mut entries = self.directory.entries();
        entries.sort_by_key(|entry| entry.used);
        let mut total: u64 = entries.iter().map(|entry| entry.size).sum();
        for entry in entries {
            if total <= self.budget {
                return;
            }
            if !used.contains(&entry.name) {
                self.directory.remove(&entry.name);
                total -= entry.size;
            }
        }
    }

    /// One of those that were seen.
    fn sound_one(&self, key: &Key) -> Option<Artifact> {
        let prefix = format!("{}.", key.0);
        let seen = self.seen();
        let names = seen.range(prefix.clone()..).cloned();
        let names: Vec<String> = names.take_while(|name| name.starts_with(&prefix)).collect();
        drop(seen);
        names.iter().find_map(|name| self.sound(name))
    }

    fn seen(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sound(&self, name: &str) -> Option<Artifact> {
        let file = self.directory.read(name)?;
        let digest = digest(&file).ok()?;
        if name.split('.').nth(1) != Some(digest.as_str()) {
            self.directory.remove(name);
            return None;
        }
        // Whether or not the time can be noted, the artifact is good.
        let _ = file.set_modified(SystemTime::now());
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(name.to_owned());
        Some(Artifact(file))
    }
}

fn name(key: &Key, digest: &str) -> String {
    format!("{}.{digest}.cwasm", key.0)
}

fn digest(mut file: &File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&hash.finalize())),
            some => hash.update(&part[..some]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::sandbox::room::guest_config;
    use crate::sandbox::size::Size;
    use crate::sandbox::{Allocation, Ceilings, Sandbox};

    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn cache(state: &tempfile::TempDir, budget: usize) -> Artifacts {
        Artifacts::open(&state.path().join("state"), budget).unwrap()
    }

    fn keep(cache: &Artifacts, key: &Key, bytes: &[u8]) -> Artifact {
        let mut draft = cache.directory.draft().unwrap();
        draft.file.write_all(bytes).unwrap();
        cache.keep(key, draft).unwrap()
    }

    fn key(digit: char) -> Key {
        Key(digit.to_string().repeat(64))
    }

    fn files(state: &tempfile::TempDir) -> Vec<PathBuf> {
        let entries = fs::read_dir(state.path().join("state/artifacts")).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn what_another_engine_compiled_loads_from_the_cache_into_the_pool() {
        let compiled = Engine::new(&guest_config(false)).unwrap();
        let artifact = compiled.precompile_component(EMPTY).unwrap();
        let sandbox = Sandbox::new(8, Ceilings::default()).unwrap();
        assert_eq!(sandbox.allocation(), Allocation::Pooled);
        let serving = &sandbox.rooms.of(Size::Large).serving;
        let key = Key::new("hash", &serving.engine);
        assert_eq!(key, Key::new("hash", &compiled));

        let state = tempfile::tempdir().unwrap();
        let cache = cache(&state, usize::MAX);
        assert!(cache.find(&key).is_none());
        let kept = keep(&cache, &key, &artifact);
        let found = cache.find(&key).unwrap();
        let nameless = Unfinished::nameless().unwrap();
        nameless.file().write_all(&artifact).unwrap();
        let Unfinished::Nameless(file) = nameless else {
            unreachable!("it has no name");
        };
        for artifact in [kept, found, Artifact(file)] {
            artifact.component(&serving.engine).unwrap();
        }
    }

    #[test]
    fn a_key_tells_components_and_compilers_apart() {
        let engine = Engine::new(&guest_config(false)).unwrap();
        let other = Engine::new(guest_config(false).epoch_interruption(false)).unwrap();
        assert_ne!(Key::new("a", &engine), Key::new("b", &engine));
        assert_ne!(Key::new("a", &engine), Key::new("a", &other));
    }

    #[test]
    fn a_torn_or_rotten_file_is_removed() {
        type Spoil = fn(&[u8]) -> Vec<u8>;

        let state = tempfile::tempdir().unwrap();
        let cache = cache(&state, usize::MAX);
        let spoils: [Spoil; 3] = [
            |bytes| bytes[..bytes.len() / 2].to_vec(),
            |bytes| [bytes, b"more"].concat(),
            |bytes| bytes.iter().map(|byte| byte ^ 1).collect(),
        ];
        for spoil in spoils {
            keep(&cache, &key('a'), b"machine code");
            let file = files(&state).remove(0);
            fs::write(&file, spoil(b"machine code")).unwrap();
            assert!(cache.find(&key('a')).is_none());
            assert!(!file.exists());
        }
    }

    #[test]
    fn one_sound_file_among_rotten_ones_is_found() {
        let state = tempfile::tempdir().unwrap();
        let cache = cache(&state, usize::MAX);
        for n in 0..4_u8 {
            keep(&cache, &key('a'), &[n]);
        }
        for file in files(&state).iter().skip(1) {
            fs::write(file, "rotten").unwrap();
        }
        assert!(cache.find(&key('a')).is_some());
    }

    #[test]
    fn the_oldest_go_first_and_never_what_is_in_use() {
        let state = tempfile::tempdir().unwrap();
        for (age, digit) in ['a', 'b', 'c', 'd'].into_iter().enumerate() {
            keep(&cache(&state, 0), &key(digit), &[0; 1_000]);
            let file = File::open(files(&state).last().unwrap()).unwrap();
            let hours = u64::try_from(10 - age).unwrap();
            let then = SystemTime::now() - Duration::from_secs(hours * 3_600);
            file.set_modified(then).unwrap();
        }
        let cache = cache(&state, 2_500);
        assert!(cache.find(&key('a')).is_some());
        cache.tidy();
        let left: Vec<_> = files(&state)
            .iter()
            .map(|file| file.file_name().unwrap().to_string_lossy().chars().next())
            .collect();
        assert_eq!(left, [Some('a'), Some('d')]);
    }
}
