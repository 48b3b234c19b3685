//! A connection that tells a peer that is slow from one that is gone, and still hears
//! what a peer said before it hung up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// A TCP connection on which something must move, in either direction, within a time.
///
/// A server may answer before it has read everything, and close. Then writing fails, while
/// its answer waits to be read. So a failed write is not reported: it waits, and reading
/// decides how this ends.
pub(super) struct Line {
    tcp: TcpStream,
    limit: Duration,
    moved: Instant,
    timer: Pin<Box<Sleep>>,
    is_hung_up: bool,
}

impl Line {
    pub(super) fn new(tcp: TcpStream, limit: Duration) -> Self {
        Self {
            tcp,
            limit,
            moved: Instant::now(),
            timer: Box::pin(tokio::time::sleep(limit)),
            is_hung_up: false,
        }
    }

    /// Waits for the peer, which has until the limit.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            let due = self.moved + self.limit;
            if due <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.timer.as_mut().reset(due);
        }
    }

    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                self.moved = Instant::now();
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(error)) if is_hang_up(&error) => {
                self.is_hung_up = true;
                // Whoever waits has to look for the answer that is there already.
                cx.waker().wake_by_ref();
                self.wait(cx)
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(cx),
        }
    }
}

fn is_hang_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    [BrokenPipe, ConnectionAborted, ConnectionReset].contains(&error.kind())
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.tcp).poll_read(cx, buffer) {
            Poll::Ready(read) => {
                self.moved = Instant::now();
                Poll::Ready(read)
            }
            Poll::Pending => self.wait(cx),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_hung_up {
            return self.wait(cx);
        }
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_hung_up {
            return self.wait(cx);
        }
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.is_hung_up {
            true => Poll::Ready(Ok(())),
            false => Pin::new(&mut self.tcp).poll_shutdown(cx),
        }
    }
}
