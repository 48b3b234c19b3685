//! What a guest writes to its standard output and error: kept while it runs, bounded,
//! and logged afterwards without what the request said.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use super::contract::exports::jackfield::addon::lookup::Request;

/// How much one write may bring, in bytes.
const LONGEST_WRITE: usize = 64 * 1024;

/// Digits in a row, separators left aside, from which on they may be somebody's number.
const LONGEST_NUMBER: usize = 5;

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

    /// The first lines, without any word or number of the request's.
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

/// What a request said, as far as its guest knows: none of it is for a log.
#[derive(Debug)]
pub(super) struct Private {
    words: HashSet<String>,
}

impl Private {
    /// The words of everything that the guest was given of a request.
    pub(super) fn of(request: &Request) -> Self {
        let addresses = [Some(&request.address), request.secondary_address.as_ref()];
        let addresses = addresses.into_iter().flatten();
        let addresses = addresses.map(|address| address.raw.as_str());
        let fields = request.fields.iter().map(|(_, value)| value.as_str());
        let texts = addresses.chain(request.body.as_deref()).chain(fields);
        Self {
            words: texts.flat_map(words).map(str::to_lowercase).collect(),
        }
    }

    /// A text with the request's words left out, and with every number that could be
    /// somebody's: a guest may write the parts of one that it was given whole.
    fn mask(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            let (between, from_word) = rest.split_at(start);
            masked.push_str(between);
            let word = words(from_word).next().unwrap_or_default();
            let length = match number(from_word) {
                Some(length) => length.max(word.len()),
                None => word.len(),
            };
            match length > word.len() || self.knows(word) {
                true => masked.push('…'),
                false => masked.push_str(word),
            }
            rest = &from_word[length..];
        }
        masked + rest
    }

    fn knows(&self, word: &str) -> bool {
        let digits = word.chars().filter(|c| c.is_numeric()).count();
        digits >= LONGEST_NUMBER || self.words.contains(&word.to_lowercase())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The length of the number that a text begins with, if it is a long one.
fn number(text: &str) -> Option<usize> {
    let part = |c: char| c.is_numeric() || " ()-./".contains(c);
    let run = text.find(|c| !part(c)).map_or(text, |end| &text[..end]);
    let run = run.trim_end_matches(|c: char| !c.is_numeric());
    let digits = run.chars().filter(|c| c.is_numeric()).count();
    (digits >= LONGEST_NUMBER).then_some(run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(texts: &[&str]) -> Private {
        Private {
            words: texts
                .iter()
                .flat_map(|text| words(text))
                .map(str::to_lowercase)
                .collect(),
        }
    }

    #[test]
    fn what_the_request_said_is_left_out_whatever_stands_around_it() {
        let private = private(&["+12125550123", "Meet Zoë at 5\nor never"]);
        for (written, masked) in [
            ("table loaded", "table loaded"),
            ("looking up +12125550123", "looking up +…"),
            ("[12125550123]", "[…]"),
            ("+1 (212) 555-0123.", "+…."),
            ("tel12125550123x", "…"),
            ("a 1-2-3 and 4", "a 1-2-3 and 4"),
            ("took 12 ms of 800", "took 12 ms of 800"),
            ("said \"meet ZOË, at\"", "said \"… …, …\""),
            ("\u{661}\u{662}\u{663}\u{664}\u{665}", "…"),
            ("", ""),
        ] {
            assert_eq!(private.mask(written), masked, "{written:?}");
        }
    }

    #[test]
    fn a_journal_keeps_its_beginning_and_counts_the_rest() {
        let journal = Journal::new(10);
        journal.write(b"one\ntwo\n");
        journal.write(b"three\n");
        let lines = journal.lines(1, || private(&[])).unwrap();
        assert_eq!(lines.lines, ["one"]);
        assert_eq!(lines.left_out, 3);
        assert!(Journal::new(10).lines(1, || private(&[])).is_none());
    }

    #[test]
    fn what_is_no_text_is_shown_as_such() {
        let journal = Journal::new(10);
        journal.write(b"\xff\xfe\n\n \n");
        let lines = journal.lines(9, || private(&[])).unwrap();
        assert_eq!(lines.lines, ["\u{fffd}\u{fffd}"]);
        assert_eq!(lines.left_out, 0);
    }
}
