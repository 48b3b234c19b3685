//! What a request was, as far as it came.

use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri};

/// The longest body that is kept, in bytes. Of longer ones the hash tells enough.
pub(super) const LONGEST_KEPT: u64 = 1024 * 1024;

/// One request.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its method.
    pub method: Method,
    /// What it asks for: path and query.
    pub target: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// When its head was there.
    pub arrived: Instant,
    /// The number of its connection, from 1.
    pub connection: usize,
    /// Its body, once nothing more of it will come.
    pub body: Option<Received>,
    pub(crate) answered: Option<StatusCode>,
}

/// A request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its bytes.
    pub length: u64,
    /// Whether all of it came.
    pub whole: bool,
    /// Its SHA-256, in hexadecimal digits.
    pub hash: String,
    /// All that came, unless it is longer than 1 MiB.
    pub kept: Option<Bytes>,
}

impl Seen {
    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The status that it was answered with, once the answer has left.
    #[must_use]
    pub fn answered(&self) -> Option<StatusCode> {
        self.answered
    }

    /// Whether the other side has to take it for delivered: all of it came, and the answer
    /// was a success.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.is_whole() && self.answered().is_some_and(|status| status.is_success())
    }

    /// Whether all of its body came.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.whole)
    }

    /// The hash of its body, if all of it came.
    #[must_use]
    pub fn hash(&self) -> Option<&str> {
        let whole = self.body.as_ref().filter(|body| body.whole);
        whole.map(|body| body.hash.as_str())
    }

    /// Its body as JSON.
    ///
    /// # Panics
    /// Where it did not come, was not kept, or is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let kept = self.body.as_ref().and_then(|body| body.kept.as_ref());
        serde_json::from_slice(kept.expect("a short body")).expect("JSON")
    }
}

/// What was seen, a line for each request, without what it held.
pub(super) fn shown(seen: &[Seen]) -> String {
    let lines = seen.iter().map(|it| {
        let length = it.body.as_ref().map_or(0, |body| body.length);
        let end = if it.is_whole() { "" } else { " and no end" };
        let answer = it
            .answered()
            .map_or("no answer".to_owned(), |it| it.to_string());
        format!("{} {}: {length} bytes{end}, {answer}", it.method, it.path())
    });
    lines.collect::<Vec<_>>().join("\n")
}
