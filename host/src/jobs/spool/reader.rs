//! A file that is read: opened a piece at a time, one piece ahead of whoever reads.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::{JoinHandle, spawn_blocking};

use super::blobs::Source;
use super::directory::FileSource;
use super::{PIECE, SpoolError};
use crate::jobs::vault::{Header, Opener, Place, Vault, VaultError};

/// A file from its beginning to its end, as it was before it was sealed. One that turns
/// out to be broken ends in an error of the kind `InvalidData`.
pub struct Reader<S = FileSource> {
    length: u64,
    ready: Vec<u8>,
    /// How much of what is ready was given out.
    given: usize,
    step: Step<S>,
}

enum Step<S> {
    Busy(JoinHandle<io::Result<Piece<S>>>),
    Ended,
    Failed,
}

/// A piece of the file, and what the next ones come from, if there are any.
struct Piece<S> {
    bytes: Vec<u8>,
    rest: Option<Rest<S>>,
}

struct Rest<S> {
    source: S,
    opener: Opener,
}

impl<S: Source> Reader<S> {
    /// Begins to read a file that takes `size` bytes.
    pub(super) async fn begin(
        mut source: S,
        size: u64,
        vault: &Vault,
        place: &Place,
    ) -> Result<Self, SpoolError> {
        let stored = source.read(PIECE).await?;
        let (header, body) = Header::split(&stored)?;
        let opener = vault.opener(place, &header)?;
        let rest = Rest { source, opener };
        let body = body.to_vec();
        Ok(Self {
            length: header.length_of(size),
            ready: Vec::new(),
            given: 0,
            step: Step::Busy(tokio::spawn(rest.opened(body, stored.len() < PIECE))),
        })
    }

    /// How many bytes it has, from beginning to end.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Takes the next piece, and has the one after it made ready.
    fn take(&mut self, piece: Piece<S>) {
        self.ready = piece.bytes;
        self.given = 0;
        self.step = match piece.rest {
            Some(rest) => Step::Busy(tokio::spawn(rest.next())),
            None => Step::Ended,
        };
    }
}

impl<S: Source> Rest<S> {
    async fn next(mut self) -> io::Result<Piece<S>> {
        let stored = self.source.read(PIECE).await?;
        let last = stored.len() < PIECE;
        self.opened(stored, last).await
    }

    async fn opened(self, stored: Vec<u8>, last: bool) -> io::Result<Piece<S>> {
        let Self { source, mut opener } = self;
        let opened = spawn_blocking(move || {
            let mut bytes = Vec::with_capacity(stored.len());
            opener.push(&stored, &mut bytes)?;
            if last {
                opener.finish(&mut bytes)?;
                return Ok((bytes, None));
            }
            Ok((bytes, Some(opener)))
        });
        let opened: Result<_, VaultError> = opened.await.map_err(io::Error::other)?;
        let (bytes, opener) = opened.map_err(broken)?;
        let rest = opener.map(|opener| Self { source, opener });
        Ok(Piece { bytes, rest })
    }
}

impl<S: Source + Unpin> AsyncRead for Reader<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let reader = self.get_mut();
        loop {
            let ready = &reader.ready[reader.given..];
            if !ready.is_empty() {
                let some = &ready[..ready.len().min(out.remaining())];
                out.put_slice(some);
                reader.given += some.len();
                return Poll::Ready(Ok(()));
            }
            let busy = match &mut reader.step {
                Step::Busy(busy) => busy,
                Step::Ended => return Poll::Ready(Ok(())),
                // Never as if this were the end.
                Step::Failed => return Poll::Ready(Err(broken(VaultError::Broken))),
            };
            let piece = ready!(Pin::new(busy).poll(context));
            match piece.map_err(io::Error::other).flatten() {
                Ok(piece) => reader.take(piece),
                Err(error) => {
                    reader.step = Step::Failed;
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

fn broken(error: VaultError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
