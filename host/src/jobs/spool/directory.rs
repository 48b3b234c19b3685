//! Files in a directory. Several hosts may share it: whoever writes a file has a lock on
//! it, which goes with its process, so that everybody can tell what nobody is going to
//! finish.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::blobs::{Blobs, Part, Source};
use super::{SpoolError, Spooled};
use crate::jobs::blob::BlobName;
use crate::state::private::{Draft, PrivateDir, UNFINISHED};

/// A directory of files.
pub struct Directory(Arc<Shared>);

struct Shared {
    directory: PrivateDir,
    /// How many files were given a name.
    named: AtomicU64,
    /// Of how many of them the names are on the disk.
    synced: Mutex<u64>,
}

/// A file in the making.
pub struct FilePart {
    making: Option<Arc<Making>>,
}

/// What goes away when nobody has it any more, unless it was given a name.
struct Making {
    shared: Arc<Shared>,
    draft: Draft,
    named: AtomicBool,
}

/// A file that is read.
pub struct FileSource(Arc<File>);

impl Directory {
    /// Opens a directory, and makes it where it is missing.
    pub(super) async fn open(path: &Path) -> Result<Self, SpoolError> {
        let path = path.to_owned();
        let directory = aside(move || Ok(PrivateDir::at(&path))).await?;
        let directory = directory.map_err(|error| SpoolError::Place(error.to_string()))?;
        Ok(Self(Arc::new(Shared {
            directory,
            named: AtomicU64::new(0),
            synced: Mutex::new(0),
        })))
    }

    async fn with<T: Send + 'static>(
        &self,
        what: impl FnOnce(Arc<Shared>) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let shared = Arc::clone(&self.0);
        aside(move || what(shared)).await
    }
}

impl Blobs for Directory {
    type Part = FilePart;
    type Source = FileSource;

    async fn begin(&self) -> io::Result<FilePart> {
        self.with(|shared| {
            let draft = locked_draft(&shared.directory)?;
            let making = Making {
                shared,
                draft,
                named: AtomicBool::new(false),
            };
            Ok(FilePart {
                making: Some(Arc::new(making)),
            })
        })
        .await
    }

    async fn open(&self, name: &BlobName) -> io::Result<Option<(FileSource, u64)>> {
        let name = name.to_string();
        self.with(move |shared| {
            let Some(file) = shared.directory.read(&name) else {
                return Ok(None);
            };
            let size = file.metadata()?.len();
            Ok(Some((FileSource(Arc::new(file)), size)))
        })
        .await
    }

    async fn remove(&self, name: &BlobName) -> io::Result<u64> {
        let name = name.to_string();
        self.with(move |shared| {
            let size = shared.directory.size(&name)?;
            shared.directory.delete(&name)?;
            Ok(size.unwrap_or(0))
        })
        .await
    }

    async fn list(&self) -> io::Result<Vec<Spooled>> {
        self.with(|shared| {
            let (unfinished, finished): (Vec<_>, Vec<_>) = shared
                .directory
                .all()?
                .into_iter()
                .partition(|entry| entry.name.ends_with(UNFINISHED));
            for entry in unfinished {
                remove_abandoned(&shared.directory, &entry.name);
            }
            let ours = finished.into_iter().filter_map(|entry| {
                Some(Spooled {
                    name: entry.name.parse().ok()?,
                    size: entry.size,
                    age: entry.used.elapsed().unwrap_or_default(),
                })
            });
            Ok(ours.collect())
        })
        .await
    }

    async fn settle(&self) -> io::Result<()> {
        self.with(|shared| shared.directory.sync()).await
    }
}

impl Part for FilePart {
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let making = self.making()?;
        aside(move || (&making.draft.file).write_all(&bytes)).await
    }

    async fn commit(self, name: &BlobName) -> io::Result<()> {
        let (making, name) = (self.making()?, name.clone());
        let making = aside(move || {
            making.draft.file.sync_all()?;
            let directory = &making.shared.directory;
            directory.rename(&making.draft.name, name.as_str())?;
            making.named.store(true, Ordering::Release);
            Ok(making)
        })
        .await?;
        making.shared.sync_names().await
    }
}

impl FilePart {
    fn making(&self) -> io::Result<Arc<Making>> {
        let making = self.making.as_ref().map(Arc::clone);
        making.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for FilePart {
    /// Removing a long file takes a while.
    fn drop(&mut self) {
        let making = self.making.take();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(making));
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !*self.named.get_mut() {
            self.shared.directory.remove(&self.draft.name);
        }
    }
}

impl Shared {
    /// Has the names of all files that have one by now on the disk. Those who come while
    /// others are at it share the next turn.
    async fn sync_names(self: &Arc<Self>) -> io::Result<()> {
        let mine = self.named.fetch_add(1, Ordering::AcqRel) + 1;
        let mut synced = self.synced.lock().await;
        if *synced >= mine {
            return Ok(());
        }
        let all = self.named.load(Ordering::Acquire);
        let shared = Arc::clone(self);
        aside(move || shared.directory.sync()).await?;
        *synced = all;
        Ok(())
    }
}

impl Source for FileSource {
    async fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let file = Arc::clone(&self.0);
        aside(move || {
            let mut bytes = Vec::with_capacity(most);
            (&*file).take(most as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
        .await
    }
}

/// A new file with a lock on it. Between the two somebody may have taken it for abandoned.
fn locked_draft(directory: &PrivateDir) -> io::Result<Draft> {
    loop {
        let draft = directory.draft()?;
        match flock(&draft.file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) if draft.file.metadata()?.nlink() > 0 => return Ok(draft),
            Ok(()) | Err(Errno::WOULDBLOCK) => {}
            Err(error) => {
                directory.remove(&draft.name);
                return Err(error.into());
            }
        }
    }
}

/// Removes an unfinished file, unless somebody has it.
fn remove_abandoned(directory: &PrivateDir, name: &str) {
    let Some(file) = directory.read(name) else {
        return;
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
        directory.remove(name);
    }
}

/// Does what may wait for a disk where nobody waits for the thread.
async fn aside<T: Send + 'static>(
    what: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(what).await;
    done.map_err(io::Error::other)?
}
