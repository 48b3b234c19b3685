//! Where a recording comes from: bytes, and what can come between them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};

/// A recording's bytes.
pub struct Audio(Pin<Box<dyn AsyncRead + Send>>);

impl Audio {
    /// These bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Box::pin(io::Cursor::new(bytes.to_vec())))
    }

    /// So many bytes that are all the same, and are never held.
    #[must_use]
    pub fn long(length: u64) -> Self {
        Self(Box::pin(tokio::io::repeat(0x55).take(length)))
    }

    /// These bytes, and then so many that are all the same.
    #[must_use]
    pub fn then_long(self, length: u64) -> Self {
        Self(Box::pin(self.chain(Self::long(length))))
    }

    /// These bytes, and then none, nor an end.
    #[must_use]
    pub fn then_nothing(self) -> Self {
        let (reader, writer) = tokio::io::duplex(1);
        Self(Box::pin(self.chain(HeldOpen {
            reader,
            _writer: writer,
        })))
    }

    /// These bytes, and then a disk that cannot be read.
    #[must_use]
    pub fn then_broken(self) -> Self {
        Self(Box::pin(self.chain(Broken)))
    }

    /// So many bytes, with such a pause before each.
    #[must_use]
    pub fn hesitant(bytes: usize, pause: Duration) -> Self {
        let (reader, mut writer) = tokio::io::duplex(1);
        tokio::spawn(async move {
            for _ in 0..bytes {
                tokio::time::sleep(pause).await;
                if writer.write_all(b"x").await.is_err() {
                    return;
                }
            }
        });
        Self(Box::pin(reader))
    }
}

impl AsyncRead for Audio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(context, into)
    }
}

/// One end of a stream whose other end is there, and says nothing.
struct HeldOpen {
    reader: tokio::io::DuplexStream,
    _writer: tokio::io::DuplexStream,
}

impl AsyncRead for HeldOpen {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_read(context, into)
    }
}

struct Broken;

impl AsyncRead for Broken {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::StaleNetworkFileHandle.into()))
    }
}
