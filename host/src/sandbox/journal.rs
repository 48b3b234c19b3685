//! What a guest writes to its standard output and error: kept while it runs, bounded,
//! and logged afterwards without what is private.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use super::mask::Private;

/// How much one write may bring, in bytes.
const LONGEST_WRITE: usize = 64 * 1024;

/// The beginning of what one guest writes.
#[derive(Debug, Clone)]
pub(super) struct Journal(Arc<Mutex<Written>>);

#[derive(Debug)]
struct Written {
    kept: Vec<u8>,
    limit: usize,
    lost: usize,
}

/// What is logged of a journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) lines: Vec<String>,
    /// Lines that were left out, what was never kept counted as one.
    pub(super) left_out: usize,
}

impl Journal {
    /// A journal that keeps so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Written {
            kept: Vec::new(),
            limit,
            lost: 0,
        })))
    }

    /// The first lines, without what is private.
    pub(super) fn lines(&self, most: usize, private: impl FnOnce() -> Private) -> Option<Lines> {
        let (kept, lost) = {
            let mut written = self.written();
            (std::mem::take(&mut written.kept), written.lost)
        };
        if kept.is_empty() && lost == 0 {
            return None;
        }
        let text = private().mask(&String::from_utf8_lossy(&kept));
        let mut all = text.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<_> = all.by_ref().take(most).map(str::to_owned).collect();
        let left_out = all.count() + usize::from(lost > 0);
        Some(Lines { lines, left_out })
    }

    fn write(&self, bytes: &[u8]) {
        let mut written = self.written();
        let room = written.limit - written.kept.len();
        let (kept, lost) = bytes.split_at(room.min(bytes.len()));
        written.kept.extend_from_slice(kept);
        written.lost = written.lost.saturating_add(lost.len());
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Journal {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Journal {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

/// A guest that writes too much is not told: it could only fail on it.
impl OutputStream for Journal {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        Journal::write(self, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_WRITE)
    }
}

#[async_trait]
impl Pollable for Journal {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Journal {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Journal::write(&self, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_keeps_its_beginning_and_counts_the_rest() {
        let journal = Journal::new(10);
        journal.write(b"one\ntwo\n");
        journal.write(b"three\n");
        let lines = journal.lines(1, Private::default).unwrap();
        assert_eq!(lines.lines, ["one"]);
        assert_eq!(lines.left_out, 3);
        assert!(Journal::new(10).lines(1, Private::default).is_none());
    }

    #[test]
    fn what_is_no_text_is_shown_as_such() {
        let journal = Journal::new(10);
        journal.write(b"\xff\xfe\n\n \n");
        let lines = journal.lines(9, Private::default).unwrap();
        assert_eq!(lines.lines, ["\u{fffd}\u{fffd}"]);
        assert_eq!(lines.left_out, 0);
    }
}
