//! Where a report goes.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// A report's bytes, as they arrive.
pub struct Report {
    arrived: Arc<Mutex<Arrived>>,
    /// How many bytes there is room for, and whether the next one is refused or waited with.
    room: u64,
    then: Then,
    /// How many bytes are kept.
    kept: usize,
}

/// What comes after the last byte that there is room for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Fail,
    Wait,
}

#[derive(Default)]
struct Arrived {
    bytes: Vec<u8>,
    length: u64,
    largest: usize,
    is_ended: bool,
}

/// What arrived, for whoever wants to know it while the report is written.
pub struct Shared(Arc<Mutex<Arrived>>);

impl Report {
    /// One that is kept.
    #[must_use]
    pub fn kept() -> Self {
        Self {
            arrived: Arc::default(),
            room: u64::MAX,
            then: Then::Fail,
            kept: usize::MAX,
        }
    }

    /// One of which only the beginning is kept, in bytes.
    #[must_use]
    pub fn beginning(kept: usize) -> Self {
        Self {
            kept,
            ..Self::kept()
        }
    }

    /// One on a disk that is full after so many bytes.
    #[must_use]
    pub fn full_after(room: u64) -> Self {
        Self {
            room,
            ..Self::kept()
        }
    }

    /// One that nobody takes more than so many bytes of.
    #[must_use]
    pub fn stuck_after(room: u64) -> Self {
        Self {
            room,
            then: Then::Wait,
            ..Self::kept()
        }
    }

    /// What arrives.
    #[must_use]
    pub fn shared(&self) -> Shared {
        Shared(Arc::clone(&self.arrived))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes arrived.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.lock().length
    }

    /// How many of them at most at once.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.lock().largest
    }

    /// The bytes that were kept, and whether the report was ended.
    pub(super) fn taken(&self) -> (Vec<u8>, bool) {
        let mut arrived = self.lock();
        (std::mem::take(&mut arrived.bytes), arrived.is_ended)
    }
}

impl AsyncWrite for Report {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        if arrived.length + bytes.len() as u64 > self.room {
            return match self.then {
                Then::Fail => Poll::Ready(Err(io::ErrorKind::StorageFull.into())),
                // Nobody ever wakes it: its time runs out.
                Then::Wait => Poll::Pending,
            };
        }
        let kept = self
            .kept
            .saturating_sub(arrived.bytes.len())
            .min(bytes.len());
        arrived.bytes.extend_from_slice(&bytes[..kept]);
        arrived.length += bytes.len() as u64;
        arrived.largest = arrived.largest.max(bytes.len());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.is_ended = true;
        Poll::Ready(Ok(()))
    }
}
