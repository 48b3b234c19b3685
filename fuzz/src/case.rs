//! A fuzzer's bytes, taken apart into what a claim is about: lines of text, and the rest.
//! So those that are kept can be read and written by people.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use jackfield::protocol::received::Received;

/// What of the bytes is not taken yet.
pub(crate) struct Case<'a>(&'a [u8]);

impl<'a> Case<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next line without its end. What is no text in it is replaced.
    pub(crate) fn line(&mut self) -> Cow<'a, str> {
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let line = match end {
            Some(at) => &self.0[..at],
            None => self.0,
        };
        self.0 = self.0.get(line.len() + 1..).unwrap_or_default();
        String::from_utf8_lossy(line)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// A request as it comes off the wire. A content type that no header can hold is left out.
pub(crate) fn received(target: &str, content_type: &str, body: &[u8]) -> Received {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    Received {
        method: Method::POST,
        target: target.to_owned(),
        headers,
        body: Bytes::copy_from_slice(body),
        parts: None,
    }
}
