//! Whether a body is the one whose hash stands in the signed URL.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::SignatureError;
use crate::protocol::parameters::{BODY_HASH, Parameter};
use crate::protocol::received::BodyKind;

/// Checks that a body is the one whose hash stands in the signed URL; only a form, or no
/// body at all, may go without. Twilio has been seen to send the hash twice; every one
/// must be right.
///
/// # Errors
/// Where there is no hash, or a wrong one.
pub fn check_body_hash(
    kind: BodyKind,
    body: &[u8],
    query: &[Parameter],
) -> Result<(), SignatureError> {
    match (kind, has_hash(query)) {
        (BodyKind::Form | BodyKind::Empty, false) => Ok(()),
        (BodyKind::Json | BodyKind::Other | BodyKind::Multipart, false) => {
            Err(SignatureError::BodyUncovered)
        }
        (_, true) => check_hashes(query, &body_hash(body)),
    }
}

fn hashes(query: &[Parameter]) -> impl Iterator<Item = &str> {
    let named = query.iter().filter(|(name, _)| name == BODY_HASH);
    named.map(|(_, value)| value.as_str())
}

pub(super) fn has_hash(query: &[Parameter]) -> bool {
    hashes(query).next().is_some()
}

/// Checks that every hash in the URL, where there is any, is the body's.
pub(super) fn check_hashes(query: &[Parameter], actual: &str) -> Result<(), SignatureError> {
    match hashes(query).all(|hash| bool::from(hash.as_bytes().ct_eq(actual.as_bytes()))) {
        true => Ok(()),
        false => Err(SignatureError::BodyMismatch),
    }
}

/// The hash that Twilio puts into the URL for a body that is no form: SHA-256 in
/// lower-case hexadecimal.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let text = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(text, |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
