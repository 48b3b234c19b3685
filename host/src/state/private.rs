//! A directory that nobody but this user can look into or change: what lies in it is
//! trusted as the host's own memory is.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, OpenOptionsExt as _};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::{Errno, retry_on_intr};

/// What names of files that are not finished end in.
pub(crate) const UNFINISHED: &str = ".tmp";
/// How old an unfinished file is that nobody is going to finish.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Why a directory is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPrivate {
    #[error("`{0}` is not a directory, or only a link to one")]
    NotADirectory(PathBuf),
    #[error("`{0}` belongs to another user")]
    Others(PathBuf),
    #[error("`{0}` is open to other users: `chmod {1:o}` would close it")]
    Open(PathBuf, u32),
    #[error("`{0}` cannot be used: {1}")]
    Unusable(PathBuf, io::Error),
}

/// An open directory, and the path to tell people.
pub(crate) struct PrivateDir {
    directory: Dir,
    path: PathBuf,
}

/// A file of a directory's.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) used: SystemTime,
}

/// A file that is being written.
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) file: File,
}

impl PrivateDir {
    /// Opens `name` in the state directory, and makes both where they are missing.
    ///
    /// Others may look into the state directory, which an installer often makes for
    /// everyone to see, and may not change it; `name` itself is closed to them.
    ///
    /// # Errors
    /// Where anybody else could have had a hand in it.
    pub(crate) fn open(state: &Path, name: &str) -> Result<Self, NotPrivate> {
        let unusable = |error: io::Error| NotPrivate::Unusable(state.to_owned(), error);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        match builder.create(state) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(unusable(error));
            }
            _ => {}
        }
        let outer = open_dir(rustix::fs::CWD, state, state)?;
        owned(&outer, state, 0o022)?;
        let path = state.join(name);
        match rustix::fs::mkdirat(&outer, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(NotPrivate::Unusable(path, error.into())),
        }
        let inner = open_dir(&outer, Path::new(name), &path)?;
        owned(&inner, &path, 0o077)?;
        Ok(Self {
            directory: Dir::from_std_file(inner),
            path,
        })
    }

    /// Opens a directory that is nobody else's by itself, wherever it lies, and makes it
    /// where it is missing. What is opened is what is used, whatever becomes of its path.
    ///
    /// # Errors
    /// Where it is open to others, or cannot be used.
    pub(crate) fn at(path: &Path) -> Result<Self, NotPrivate> {
        make(path).map_err(|error| NotPrivate::Unusable(path.to_owned(), error))?;
        let opened = open_dir(rustix::fs::CWD, path, path)?;
        owned(&opened, path, 0o077)?;
        Ok(Self {
            directory: Dir::from_std_file(opened),
            path: path.to_owned(),
        })
    }

    /// The path of a file in it.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A path to a file in it that is short, however long its own is, and leads here
    /// whatever has become of that. It is good for as long as this is open.
    pub(crate) fn through(&self, name: &str) -> PathBuf {
        through(&self.directory).join(name)
    }

    /// Gives a file another name, which nothing has any more that had it.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.directory.rename(from, &self.directory, to)
    }

    /// Does something while no other host does so in this directory.
    pub(crate) fn alone<R>(&self, what: impl FnOnce() -> R) -> io::Result<R> {
        retry_on_intr(|| flock(&self.directory, FlockOperation::LockExclusive))?;
        let result = what();
        retry_on_intr(|| flock(&self.directory, FlockOperation::Unlock))?;
        Ok(result)
    }

    /// A file, to be read. What is not a file of ours, closed to others, is as good as
    /// none, and is removed.
    pub(crate) fn read(&self, name: &str) -> Option<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = cap_std::fs::OpenOptions::new();
        options.read(true).custom_flags(flags.bits().cast_signed());
        let opened = self.directory.open_with(name, &options);
        let ours = |file: &File| {
            let metadata = file.metadata().ok()?;
            let private = metadata.is_file() && metadata.mode() & 0o077 == 0;
            (private && metadata.uid() == rustix::process::geteuid().as_raw()).then_some(())
        };
        match opened.map(cap_std::fs::File::into_std) {
            Ok(file) if ours(&file).is_some() => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ => {
                self.remove(name);
                None
            }
        }
    }

    /// Puts a file there, whole or not at all. Several hosts may do so at once; the last
    /// one's stays.
    pub(crate) fn publish(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut draft = self.draft()?;
        match draft.file.write_all(bytes) {
            Ok(()) => self.finish(draft, name),
            Err(error) => {
                self.remove(&draft.name);
                Err(error)
            }
        }
    }

    /// Gives a draft its name, once all of it is on the disk.
    pub(crate) fn finish(&self, draft: Draft, name: &str) -> io::Result<()> {
        let synced = draft.file.sync_all();
        let renamed =
            synced.and_then(|()| self.directory.rename(&draft.name, &self.directory, name));
        if renamed.is_err() {
            self.remove(&draft.name);
        }
        renamed
    }

    /// Has the names of its files, as they are now, on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.directory)?)
    }

    /// All files in it, finished or not.
    pub(crate) fn all(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in self.directory.entries()? {
            let entry = entry?;
            let metadata = match entry.metadata() {
                // Somebody else was quicker.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                metadata => metadata?,
            };
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            entries.push(Entry {
                name,
                size: metadata.len(),
                used: metadata.modified()?.into_std(),
            });
        }
        Ok(entries)
    }

    /// How long a file is, in bytes, if there is one.
    pub(crate) fn size(&self, name: &str) -> io::Result<Option<u64>> {
        match self.directory.symlink_metadata(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            metadata => Ok(Some(metadata?.len())),
        }
    }

    /// Removes a file. One that is gone already, or cannot be removed, is no matter: it
    /// is checked again before it is ever used.
    pub(crate) fn remove(&self, name: &str) {
        let _ = self.directory.remove_file(name);
    }

    /// Removes a file, for good.
    pub(crate) fn delete(&self, name: &str) -> io::Result<()> {
        match self.directory.remove_file(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a file that makes no sense a name under which nobody looks for it but a
    /// person.
    pub(crate) fn put_aside(&self, name: &str) {
        let aside = format!("{name}.bad");
        let _ = self.directory.rename(name, &self.directory, aside);
    }

    /// The finished files. Those that were abandoned unfinished are removed.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let listed = self.directory.entries().into_iter().flatten().flatten();
        let entries = listed.filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(Entry {
                name: entry.file_name().into_string().ok()?,
                size: metadata.len(),
                used: metadata.modified().ok()?.into_std(),
            })
        });
        let (unfinished, finished): (Vec<_>, Vec<_>) =
            entries.partition(|entry| entry.name.ends_with(UNFINISHED));
        for entry in unfinished {
            if entry.used.elapsed().is_ok_and(|age| age > ABANDONED) {
                self.remove(&entry.name);
            }
        }
        finished
    }

    /// A new file under a name that nobody else uses.
    pub(crate) fn draft(&self) -> io::Result<Draft> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let mut options = cap_std::fs::OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        loop {
            let count = MADE.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}-{count}{UNFINISHED}", std::process::id());
            match self.directory.open_with(&name, &options) {
                Ok(file) => {
                    let file = file.into_std();
                    return Ok(Draft { name, file });
                }
                // Left by a process that had this number before, or has it in another
                // container.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// An open directory as a path.
pub(crate) fn through(directory: &impl AsRawFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()))
}

fn open_dir(from: impl rustix::fd::AsFd, name: &Path, shown: &Path) -> Result<File, NotPrivate> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match rustix::fs::openat(from, name, flags, Mode::empty()) {
        Ok(directory) => Ok(directory.into()),
        Err(Errno::NOTDIR | Errno::LOOP) => Err(NotPrivate::NotADirectory(shown.to_owned())),
        Err(error) => Err(NotPrivate::Unusable(shown.to_owned(), error.into())),
    }
}

/// Checks that a directory is this user's, and that others have none of the rights in
/// `closed`.
fn owned(directory: &File, path: &Path, closed: u32) -> Result<(), NotPrivate> {
    let metadata = directory
        .metadata()
        .map_err(|error| NotPrivate::Unusable(path.to_owned(), error))?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(NotPrivate::Others(path.to_owned()));
    }
    match metadata.mode() & closed {
        0 => Ok(()),
        open => Err(NotPrivate::Open(
            path.to_owned(),
            metadata.mode() & 0o777 & !open,
        )),
    }
}

/// Makes a directory and those around it, so that a power cut does not undo it.
fn make(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let outer = path.parent().filter(|outer| !outer.as_os_str().is_empty());
    let outer = outer.unwrap_or(Path::new("."));
    make(outer)?;
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| File::open(outer)?.sync_all()),
    }
}

#[cfg(test)]
mod tests;
