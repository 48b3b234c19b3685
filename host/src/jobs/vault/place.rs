//! Where a sealed thing belongs: it opens nowhere else.

use crate::jobs::blob::BlobName;
use crate::jobs::id::JobId;

/// A place for one sealed thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// A job's task, in the store.
    #[must_use]
    pub fn task(job: JobId) -> Self {
        Self(format!("task/{job}"))
    }

    /// A file in the spool.
    #[must_use]
    pub fn file(name: &BlobName) -> Self {
        Self(format!("file/{name}"))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
