//! What files of jobs are called. A result's name has the number of the claim under which
//! it was made, so that a worker that lost its lease can never write over the result of
//! the one that has it now.

use std::fmt;
use std::str::FromStr;

use super::id::JobId;
use super::store::Lease;

/// The longest name, in bytes.
const LONGEST: usize = 100;

/// Why a text is no file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected at most 100 of the letters a to z, digits, dots and dashes, a letter or digit first"
)]
pub struct BlobNameError;

/// The name of a file in the spool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobName(String);

impl BlobName {
    /// What a recording is called that came with its request.
    #[must_use]
    pub fn audio(job: JobId) -> Self {
        Self(format!("{job}.audio"))
    }

    /// What a recording is called that was fetched later.
    #[must_use]
    pub fn fetched(lease: &Lease) -> Self {
        Self(format!("{}.{}.audio", lease.id(), lease.claim()))
    }

    /// What a result is called.
    #[must_use]
    pub fn result(lease: &Lease) -> Self {
        Self(format!("{}.{}.result", lease.id(), lease.claim()))
    }

    /// Whether it is what a result is called.
    #[must_use]
    pub fn is_result(&self) -> bool {
        self.0.ends_with(".result")
    }

    /// The job that it belongs to, if it belongs to one.
    #[must_use]
    pub fn job(&self) -> Option<JobId> {
        self.0.split('.').next()?.parse().ok()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobName {
    type Err = BlobNameError;

    fn from_str(text: &str) -> Result<Self, BlobNameError> {
        let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
        let good = |byte: &u8| plain(byte) || matches!(byte, b'.' | b'-');
        let bytes = text.as_bytes();
        let first = bytes.first().is_some_and(plain);
        if first && bytes.len() <= LONGEST && bytes.iter().all(good) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BlobNameError)
        }
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_but_into_its_directory() {
        for (text, good) in [
            ("0192f0c1d2e3f405162738495a6b7c8d.audio", true),
            ("a-1.2.result", true),
            ("", false),
            (".", false),
            ("..", false),
            (".hidden", false),
            ("-flag", false),
            ("a/b", false),
            ("a\\b", false),
            ("a\0b", false),
            ("Upper", false),
            ("é", false),
            (&"a".repeat(101), false),
        ] {
            assert_eq!(text.parse::<BlobName>().is_ok(), good, "{text:?}");
        }
    }
}
