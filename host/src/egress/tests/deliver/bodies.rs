//! Bodies that are delivered.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};

type Next = Poll<Option<io::Result<Frame<Bytes>>>>;

/// Some pieces, one after the other, and maybe a failure.
pub(super) struct Pieces(VecDeque<io::Result<Bytes>>);

impl Pieces {
    pub(super) fn of<const N: usize>(pieces: [&'static str; N]) -> Self {
        let pieces = pieces.map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        Self(pieces.into())
    }

    pub(super) fn then_failing(mut self) -> Self {
        self.0.push_back(Err(io::Error::other("the disk is gone")));
        self
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Next {
        let piece = self.0.pop_front();
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }
}

/// One byte, very often.
pub(super) struct Repeated {
    left: u64,
    piece: Bytes,
}

impl Repeated {
    pub(super) const BYTE: u8 = b'x';

    pub(super) fn of(length: u64) -> Self {
        let piece = vec![Self::BYTE; 64 * 1024].into();
        Self {
            left: length,
            piece,
        }
    }
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Next {
        let next =
            usize::try_from(self.left).map_or(self.piece.len(), |left| left.min(self.piece.len()));
        self.left -= next as u64;
        let piece = self.piece.slice(..next);
        Poll::Ready((next > 0).then(|| Ok(Frame::data(piece))))
    }
}
