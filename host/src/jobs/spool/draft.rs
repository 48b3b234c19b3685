//! A file in the making: gathered into pieces, hashed, sealed, written. While one piece is
//! on its way to the disk the next is gathered.

use std::mem;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

use super::blobs::{Blobs, Part};
use super::room::Taken;
use super::{Directory, PIECE, SpoolError};
use crate::jobs::blob::BlobName;
use crate::jobs::vault::Sealer;

/// A file in the making. Where it is dropped, nothing is left of it.
pub struct Draft<B: Blobs = Directory> {
    name: BlobName,
    limit: u64,
    length: u64,
    gathered: Vec<u8>,
    taken: Taken,
    step: Step<B::Part>,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: BlobName,
    /// How many bytes it holds.
    pub length: u64,
    /// The SHA-256 of what it holds.
    pub sha256: [u8; 32],
}

enum Step<P> {
    Ready(Box<Making<P>>),
    Busy(JoinHandle<Result<Box<Making<P>>, SpoolError>>),
    Failed,
}

struct Making<P> {
    part: P,
    seal: Seal,
    /// How many bytes were written.
    stored: u64,
}

/// What happens to bytes on their way to the disk.
struct Seal {
    sealer: Sealer,
    hash: Sha256,
}

impl<B: Blobs> Draft<B> {
    pub(super) fn new(
        name: BlobName,
        limit: u64,
        part: B::Part,
        sealer: Sealer,
        taken: Taken,
    ) -> Self {
        let hash = Sha256::new();
        Self {
            name,
            limit,
            length: 0,
            gathered: Vec::new(),
            taken,
            step: Step::Ready(Box::new(Making {
                part,
                seal: Seal { sealer, hash },
                stored: 0,
            })),
        }
    }

    /// Adds to it. A draft of which a write failed, or was not waited for, is good for
    /// nothing but to be dropped.
    ///
    /// # Errors
    /// `TooLong` over its limit, `Full` over the spool's; and where the disk fails, or
    /// failed at what was written before.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), SpoolError> {
        let length = self.length + bytes.len() as u64;
        if length > self.limit {
            return Err(SpoolError::TooLong { limit: self.limit });
        }
        self.taken.grow(bytes.len() as u64)?;
        self.length = length;
        for bytes in bytes.chunks(PIECE) {
            self.gathered.extend_from_slice(bytes);
            if self.gathered.len() >= PIECE {
                self.pass_on().await?;
            }
        }
        Ok(())
    }

    /// How many bytes it holds.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Finishes it: from now on there is a file of its name, and a power cut does not
    /// change that.
    ///
    /// # Errors
    /// Where the disk fails. There may be a file of its name all the same.
    pub async fn commit(mut self) -> Result<Stored, SpoolError> {
        self.pass_on().await?;
        let Making { part, seal, stored } = *self.made().await?;
        let (last, sha256) = aside(|| seal.finish()).await?;
        let stored = stored + last.len() as u64;
        let mut part = part;
        part.write(last).await?;
        part.commit(&self.name).await?;
        self.taken.keep(stored);
        Ok(Stored {
            name: self.name,
            length: self.length,
            sha256,
        })
    }

    /// Has what is gathered sealed and written, once what was before it is.
    async fn pass_on(&mut self) -> Result<(), SpoolError> {
        let making = self.made().await?;
        let piece = mem::take(&mut self.gathered);
        self.step = Step::Busy(tokio::spawn(making.add(piece)));
        Ok(())
    }

    /// Waits until nothing is on its way.
    async fn made(&mut self) -> Result<Box<Making<B::Part>>, SpoolError> {
        let made = match &mut self.step {
            Step::Busy(busy) => Some(busy.await.map_err(|_| SpoolError::Failed)?),
            _ => None,
        };
        match (made, mem::replace(&mut self.step, Step::Failed)) {
            (Some(made), _) => made,
            (None, Step::Ready(making)) => Ok(making),
            (None, _) => Err(SpoolError::Failed),
        }
    }
}

impl<P: Part> Making<P> {
    async fn add(mut self: Box<Self>, piece: Vec<u8>) -> Result<Box<Self>, SpoolError> {
        let (mut making, sealed) = aside(move || {
            let sealed = self.seal.add(&piece)?;
            Ok((self, sealed))
        })
        .await?;
        making.stored += sealed.len() as u64;
        making.part.write(sealed).await?;
        Ok(making)
    }
}

impl Seal {
    fn add(&mut self, piece: &[u8]) -> Result<Vec<u8>, SpoolError> {
        let mut sealed = Vec::with_capacity(piece.len() + piece.len() / 64);
        self.hash.update(piece);
        self.sealer.push(piece, &mut sealed)?;
        Ok(sealed)
    }

    fn finish(self) -> Result<(Vec<u8>, [u8; 32]), SpoolError> {
        let mut last = Vec::new();
        self.sealer.finish(&mut last)?;
        Ok((last, self.hash.finalize().into()))
    }
}

/// Does what takes a while where nobody waits for the thread.
async fn aside<T: Send + 'static>(
    what: impl FnOnce() -> Result<T, SpoolError> + Send + 'static,
) -> Result<T, SpoolError> {
    spawn_blocking(what).await.map_err(|_| SpoolError::Failed)?
}
