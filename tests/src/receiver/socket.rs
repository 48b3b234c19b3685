//! A connection whose end can be chosen: closed as usual, or reset; and which tells when
//! the first bytes of an answer have left.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is done once something was written.
pub(super) type OnWrite = Box<dyn FnOnce() + Send>;

/// How a connection is to go on.
#[derive(Default)]
pub(super) struct Course {
    reset: AtomicBool,
    on_write: Mutex<Option<OnWrite>>,
}

impl Course {
    /// Has the connection reset when it is dropped.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    /// Has something done once the next bytes were written.
    pub(super) fn on_write(&self, hook: OnWrite) {
        *self.on_write.lock().unwrap_or_else(PoisonError::into_inner) = Some(hook);
    }

    fn written(&self) {
        let hook = self
            .on_write
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(hook) = hook {
            hook();
        }
    }
}

/// The connection.
pub(super) struct Socket {
    stream: TcpStream,
    course: Arc<Course>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, course: Arc<Course>) -> Self {
        Self { stream, course }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.course.reset.load(Ordering::SeqCst) {
            // The other side may have closed it already.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        if written.as_ref().is_ok_and(|count| *count > 0) {
            self.course.written();
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
