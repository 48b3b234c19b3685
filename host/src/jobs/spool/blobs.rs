//! Where files lie, for the spool: bytes under names, of which it makes no sense. A
//! directory does this, and an object store could: parts, one commit, one name.

use std::io;

use super::Spooled;
use crate::jobs::blob::BlobName;

/// A place for files.
pub trait Blobs: Send + Sync + 'static {
    /// A file in the making.
    type Part: Part;
    /// A file that is read.
    type Source: Source;

    /// Begins a file, which has no name yet.
    fn begin(&self) -> impl Future<Output = io::Result<Self::Part>> + Send;

    /// Opens a file, if there is one of this name, and tells its size in bytes.
    fn open(
        &self,
        name: &BlobName,
    ) -> impl Future<Output = io::Result<Option<(Self::Source, u64)>>> + Send;

    /// Removes a file, and tells the size that it had: zero where there was none.
    fn remove(&self, name: &BlobName) -> impl Future<Output = io::Result<u64>> + Send;

    /// All finished files. What nobody is going to finish is removed.
    fn list(&self) -> impl Future<Output = io::Result<Vec<Spooled>>> + Send;

    /// Makes sure that what was removed stays so after a power cut.
    fn settle(&self) -> impl Future<Output = io::Result<()>> + Send;
}

/// A file in the making. Where it is dropped, nothing is left of it.
pub trait Part: Send + 'static {
    /// Adds to it.
    fn write(&mut self, bytes: Vec<u8>) -> impl Future<Output = io::Result<()>> + Send;

    /// Gives it its name, once all of it is there for good.
    fn commit(self, name: &BlobName) -> impl Future<Output = io::Result<()>> + Send;
}

/// A file that is read from its beginning to its end.
pub trait Source: Send + 'static {
    /// The next `most` bytes; fewer only at the end.
    fn read(&mut self, most: usize) -> impl Future<Output = io::Result<Vec<u8>>> + Send;
}
