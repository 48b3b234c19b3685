//! How the parameters of a request travel. A publisher registers one way for each URL.

use std::fmt;
use std::str::FromStr;

/// A way in which parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In the query alone: GET, or a POST without a body.
    Get,
    /// As a form.
    Form,
    /// As a JSON object.
    Json,
    /// As the parts of a body that also holds audio.
    Multipart,
}

impl Shape {
    /// Every shape, in the order in which the documents name them.
    pub const ALL: [Self; 4] = [Self::Get, Self::Form, Self::Json, Self::Multipart];

    /// Those of requests whose answer Twilio waits for.
    pub const SYNCHRONOUS: [Self; 3] = [Self::Get, Self::Form, Self::Json];

    /// Those of recordings.
    pub const OF_RECORDINGS: [Self; 3] = [Self::Multipart, Self::Form, Self::Json];

    /// The name that configuration and command line use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Form => "form",
            Self::Json => "json",
            Self::Multipart => "multipart",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No shape has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `get`, `form`, `json` or `multipart`")]
pub struct UnknownShape;

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, UnknownShape> {
        Self::ALL
            .into_iter()
            .find(|shape| shape.name() == name)
            .ok_or(UnknownShape)
    }
}
