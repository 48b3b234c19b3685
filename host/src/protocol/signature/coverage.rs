//! How much of a request a signature covers. For a multipart body no public text says
//! what Twilio signs, so an operator names what is believed.

use std::fmt;
use std::str::FromStr;

/// What proves a multipart request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultipartProof {
    /// The signature is over the URL, and the URL holds the hash of the whole body, as for
    /// JSON.
    BodyHash,
    /// The signature is over the URL and the parts that are texts, as for a form. The audio
    /// is not covered.
    SignedFields,
    /// The signature is over the URL alone. One that was seen once is good for any body.
    UrlOnly,
}

impl MultipartProof {
    /// Every proof, the strongest first.
    pub const ALL: [Self; 3] = [Self::BodyHash, Self::SignedFields, Self::UrlOnly];

    /// What is believed unless an operator says otherwise.
    pub const DEFAULT: [Self; 2] = [Self::BodyHash, Self::SignedFields];

    /// The name that configuration uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BodyHash => "body-hash",
            Self::SignedFields => "signed-fields",
            Self::UrlOnly => "url-only",
        }
    }
}

impl fmt::Display for MultipartProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No proof has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `body-hash`, `signed-fields` or `url-only`")]
pub struct UnknownProof;

impl FromStr for MultipartProof {
    type Err = UnknownProof;

    fn from_str(name: &str) -> Result<Self, UnknownProof> {
        Self::ALL
            .into_iter()
            .find(|proof| proof.name() == name)
            .ok_or(UnknownProof)
    }
}

/// What of a request its sender is known to have meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing: signatures are not checked.
    Nothing,
    /// The URL, and so the query.
    Url,
    /// The URL, and every parameter.
    Parameters,
    /// The URL, and the whole body.
    Whole,
}
