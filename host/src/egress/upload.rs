//! A body on its way out, held to the length that was announced for it.

use std::cmp::Ordering;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

/// What bodies fail with.
pub(super) type BodyError = Box<dyn Error + Send + Sync>;

/// Why a body is not sent to its end.
#[derive(Debug, thiserror::Error)]
enum LengthError {
    #[error("it is shorter than announced")]
    Shorter,
    #[error("it is longer than announced")]
    Longer,
}

/// A body of a length that is known. Another length is an error, before a receiver could
/// take a part for the whole: so the last piece is kept until it is known to be the last.
pub(super) struct Upload {
    body: UnsyncBoxBody<Bytes, BodyError>,
    length: u64,
    read: u64,
    last: Option<Bytes>,
    done: Option<oneshot::Sender<()>>,
}

/// Tells when an upload was handed over whole.
pub(super) struct Done(oneshot::Receiver<()>);

impl Done {
    /// Waits until it was, and says whether: it may be given up before.
    pub(super) async fn wait(self) -> bool {
        self.0.await.is_ok()
    }
}

impl Upload {
    /// A body and its length, in bytes.
    pub(super) fn new<B>(body: B, length: u64) -> (Self, Done)
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        let (done, is_done) = oneshot::channel();
        let mut upload = Self {
            body: body.map_err(Into::into).boxed_unsync(),
            length,
            read: 0,
            last: None,
            done: Some(done),
        };
        // Nobody asks for what is empty.
        if length == 0 {
            upload.tell();
        }
        (upload, Done(is_done))
    }

    /// Takes a piece up, and gives it on if it is not the last.
    fn take(&mut self, piece: Bytes) -> Option<Result<Frame<Bytes>, BodyError>> {
        self.read = self.read.saturating_add(piece.len() as u64);
        match self.read.cmp(&self.length) {
            _ if piece.is_empty() => None,
            Ordering::Less => Some(Ok(Frame::data(piece))),
            Ordering::Equal => {
                self.last = Some(piece);
                None
            }
            Ordering::Greater => Some(Err(LengthError::Longer.into())),
        }
    }

    fn end(&mut self) -> Option<Result<Frame<Bytes>, BodyError>> {
        if self.read < self.length {
            return Some(Err(LengthError::Shorter.into()));
        }
        let last = self.last.take()?;
        self.tell();
        Some(Ok(Frame::data(last)))
    }

    fn tell(&mut self) {
        if let Some(done) = self.done.take() {
            // Nobody waits where another answer than success came first.
            let _ = done.send(());
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
            let given = match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => self.take(piece),
                    // Trailers have no place behind a length.
                    Err(_) => None,
                },
                Some(Err(error)) => Some(Err(error)),
                None => return Poll::Ready(self.end()),
            };
            if given.is_some() {
                return Poll::Ready(given);
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
