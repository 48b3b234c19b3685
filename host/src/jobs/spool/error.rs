//! Why a file cannot be kept, or cannot be had.

use std::io;

use crate::jobs::vault::VaultError;

/// Why a file cannot be kept, or cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The directory cannot be used.
    #[error("the spool cannot be used: {0}")]
    Place(String),
    /// The file has more bytes than it may have.
    #[error("the file is longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// All files together have as many bytes as they may have.
    #[error("the spool is full")]
    Full,
    /// The disk is full.
    #[error("the spool has no room left on its disk")]
    NoRoom,
    /// There is no such file.
    #[error("there is no such file in the spool")]
    Missing,
    /// The file cannot be sealed or opened.
    #[error("a file of the spool cannot be used: {0}")]
    Vault(#[from] VaultError),
    /// The disk failed.
    #[error("the spool's disk failed: {0}")]
    Disk(#[source] io::Error),
    /// Something failed before, or was not waited for.
    #[error("the file was given up before")]
    Failed,
}

impl SpoolError {
    /// Whether the same may succeed later, without anybody changing anything but the
    /// disk.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Full | Self::NoRoom | Self::Disk(_) | Self::Failed
        )
    }
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Disk(error),
        }
    }
}
