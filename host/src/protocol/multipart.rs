//! A multipart body, once it was read: its texts, and what is known of its audio. The
//! audio itself is in a file by then; a recording is too long for memory.

use super::parameters::Parameter;
use super::signature::hex;

/// The parts of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The parts that are texts, in order.
    pub texts: Vec<Parameter>,
    /// The audio, where it was sent.
    pub audio: Option<Audio>,
    /// The SHA-256 of the whole body as it was sent, framing and all.
    pub digest: [u8; 32],
    /// Set where the body is no sound multipart; the parts are those before the fault.
    pub fault: Option<MultipartError>,
}

/// A part that holds audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Its media type, where the part names one.
    pub media_type: Option<String>,
    /// The SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// How many bytes there are.
    pub length: u64,
}

/// Why a multipart body cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// It has no boundary, or is not divided by it.
    #[error("the body is not the multipart that its content type says")]
    Malformed,
    /// Nothing tells which of two is meant.
    #[error("the body has several parts with audio")]
    AudioTwice,
    /// There are more parts than a request may have parameters.
    #[error("the body has too many parts")]
    TooMany,
}

impl Parts {
    /// The body's hash as Twilio writes it into a URL.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(&self.digest)
    }
}
