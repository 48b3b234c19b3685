//! Files of jobs: recordings on their way in, results on their way out. They may be long,
//! so they are written and read a piece at a time, in bounded memory, and never on a
//! thread that others wait for.
//!
//! A file has its name once all of it is on the disk, and not before. What was begun and
//! not finished goes away by itself. Where the files lie is behind `Blobs`: today that is
//! a directory, which several hosts may share.

mod blobs;
mod directory;
mod draft;
mod error;
mod reader;
mod room;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use blobs::{Blobs, Part, Source};
pub use directory::{Directory, FilePart, FileSource};
pub use draft::{Draft, Stored};
pub use error::SpoolError;
pub use reader::Reader;
use room::Room;

use super::blob::BlobName;
use super::vault::{Place, Vault};

/// How much is worked on at once, in bytes: enough that the way to another thread and
/// back is no matter.
const PIECE: usize = 256 * 1024;

/// The spool. To clone it is cheap.
pub struct Spool<B = Directory>(Arc<Inner<B>>);

struct Inner<B> {
    blobs: B,
    vault: Vault,
    room: Arc<Room>,
}

/// A file in the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spooled {
    /// Its name.
    pub name: BlobName,
    /// How many bytes it takes, which is some more than it holds.
    pub size: u64,
    /// How long ago it was finished.
    pub age: Duration,
}

impl Spool {
    /// Opens the spool in a directory, which is private, or else is refused, and is made
    /// where it is missing. All its files together have at most `capacity` bytes. What
    /// dead processes left unfinished is removed.
    ///
    /// # Errors
    /// Where the directory cannot be used, or others can look into it.
    pub async fn open(path: &Path, vault: Vault, capacity: u64) -> Result<Self, SpoolError> {
        let spool = Self::over(Directory::open(path).await?, vault, capacity);
        spool.names().await?;
        Ok(spool)
    }
}

impl<B: Blobs> Spool<B> {
    fn over(blobs: B, vault: Vault, capacity: u64) -> Self {
        let room = Arc::new(Room::new(capacity));
        Self(Arc::new(Inner { blobs, vault, room }))
    }

    /// Begins a file of at most `limit` bytes.
    ///
    /// # Errors
    /// Where there is no room even for its beginning, or the disk fails.
    pub async fn draft(&self, name: BlobName, limit: u64) -> Result<Draft<B>, SpoolError> {
        let sealer = self.0.vault.sealer(&Place::file(&name))?;
        let taken = self.0.room.take()?;
        let part = self.0.blobs.begin().await?;
        Ok(Draft::new(name, limit, part, sealer, taken))
    }

    /// Opens a file, to be read from its beginning. A broken one ends in an error, and
    /// not as if it were whole.
    ///
    /// # Errors
    /// `Missing` where there is none; and where its first bytes cannot be made sense of,
    /// as when its key is not there.
    pub async fn read(&self, name: &BlobName) -> Result<Reader<B::Source>, SpoolError> {
        let found = self.0.blobs.open(name).await?;
        let (source, size) = found.ok_or(SpoolError::Missing)?;
        Reader::begin(source, size, &self.0.vault, &Place::file(name)).await
    }

    /// Removes files. Those that are gone already are no matter.
    ///
    /// # Errors
    /// Where one of them stays; the others are removed all the same.
    pub async fn remove(&self, names: Vec<BlobName>) -> Result<(), SpoolError> {
        let mut removed = Ok(());
        for name in names {
            match self.0.blobs.remove(&name).await {
                Ok(size) => self.0.room.leave(size),
                Err(error) => removed = Err(error.into()),
            }
        }
        removed
    }

    /// All finished files. What dead processes left unfinished is removed, and what other
    /// hosts did is taken into account from now on.
    ///
    /// # Errors
    /// Where the disk does not tell.
    pub async fn names(&self) -> Result<Vec<Spooled>, SpoolError> {
        let files = self.0.blobs.list().await?;
        self.0
            .room
            .recount(files.iter().map(|file| file.size).sum());
        Ok(files)
    }

    /// Makes sure that what was removed stays so after a power cut.
    ///
    /// # Errors
    /// Where the disk fails.
    pub async fn settle(&self) -> Result<(), SpoolError> {
        Ok(self.0.blobs.settle().await?)
    }

    /// How many bytes are taken, those of unfinished files included. What other hosts
    /// took since `names` was asked for is not among them.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.0.room.used()
    }
}

impl<B> Clone for Spool<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests;
