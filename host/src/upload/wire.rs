//! The bytes of a multipart body as they arrive: counted, hashed, and handed on one piece
//! at a time, so that whoever takes them apart holds no more than a few.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hyper::body::Body;
use sha2::{Digest, Sha256};

use super::Bounds;
use crate::body;
use crate::failure::Failure;

/// The most bytes that may arrive without anything coming of them: a part's head has to be
/// whole before it can be read.
const MOST_UNREAD: usize = 256 * 1024;

/// What parts may take besides their content, in bytes.
const FRAMING: usize = 256 * 1024;

/// A body that is being read.
pub(super) struct Wire<B> {
    body: B,
    hash: Sha256,
    left: usize,
    unread: Unread,
    breathes: bool,
    failure: Option<Failure>,
}

/// The bytes that arrived since something came of them.
#[derive(Clone, Default)]
pub(super) struct Unread(Arc<AtomicUsize>);

impl Unread {
    /// Notes that something came of what arrived.
    pub(super) fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) -> usize {
        self.0.fetch_add(bytes, Ordering::Relaxed) + bytes
    }
}

impl<B> Wire<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(super) fn new(body: B, bounds: Bounds) -> Self {
        Self {
            body,
            hash: Sha256::new(),
            left: bounds.texts + bounds.audio + FRAMING,
            unread: Unread::default(),
            breathes: false,
            failure: None,
        }
    }

    pub(super) fn unread(&self) -> Unread {
        self.unread.clone()
    }

    /// What ended it before its end, if anything did.
    pub(super) fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// Reads what is left, and returns the hash of all of it.
    pub(super) async fn digest(&mut self) -> Result<[u8; 32], Failure> {
        while let Some(piece) = self.next().await {
            self.unread.clear();
            if piece.is_err() {
                break;
            }
        }
        match self.failure() {
            Some(failure) => Err(failure),
            None => Ok(std::mem::take(&mut self.hash).finalize().into()),
        }
    }

    /// Reads on for a while, so that the answer is not lost with the connection.
    pub(super) async fn discard(self, time: Duration) {
        // Whether the rest comes or not, the answer is the same.
        let _ = tokio::time::timeout(time, body::discard(self.body)).await;
    }

    fn note(&mut self, piece: &Bytes) -> Result<(), Failure> {
        let left = self.left.checked_sub(piece.len());
        self.left = left.ok_or(Failure::BodyTooLong)?;
        self.hash.update(piece);
        match self.unread.add(piece.len()) > MOST_UNREAD {
            true => Err(Failure::BodyTooLong),
            false => Ok(()),
        }
    }

    fn end(&mut self, failure: Failure) -> Option<io::Result<Bytes>> {
        self.failure = Some(failure);
        Some(Err(io::ErrorKind::InvalidData.into()))
    }
}

impl<B> Stream for Wire<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        // multer takes all that is there before it looks at any of it.
        if std::mem::take(&mut self.breathes) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(_)) => return Poll::Ready(self.end(Failure::BodyBroken)),
                Some(Ok(frame)) => frame,
            };
            let Ok(piece) = frame.into_data() else {
                continue;
            };
            self.breathes = true;
            return Poll::Ready(match self.note(&piece) {
                Ok(()) => Some(Ok(piece)),
                Err(failure) => self.end(failure),
            });
        }
    }
}
