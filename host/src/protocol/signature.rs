//! Whether a request comes from Twilio: the `X-Twilio-Signature` check.
//!
//! Twilio signs the URL it calls and, for a form, each parameter; any other body is
//! covered by its hash in the URL (<https://www.twilio.com/docs/usage/security>). Headers
//! are never covered. Only this module makes a [`Verified`], and everything that reads
//! what a request says takes one.

mod account;
mod body;
mod coverage;
mod key;
mod text;
mod verified;

use http::{HeaderMap, HeaderName};
use subtle::ConstantTimeEq;

pub use account::{AccountKeys, Slot};
pub use body::{body_hash, check_body_hash, hex};
pub use coverage::{Coverage, MultipartProof, UnknownProof};
pub use key::{Algorithm, LastUse, SigningKey};
pub use text::{SignedText, UrlForm, signing_order};
pub use verified::Verified;

use super::multipart::Parts;
use super::parameters::{Parameter, TooMany};
use super::public_url::PublicUrl;
use super::received::{Received, sole};
use body::{check_hashes, has_hash};
use verified::decoded;

/// The header that carries the signature.
pub static SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-twilio-signature");

/// The header that names key and algorithm of a request signed with a SharedKey
/// (<https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>).
pub static SETTINGS_HEADER: HeaderName =
    HeaderName::from_static("x-twilio-webhooks-signature-settings");

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent, repeated or no text.
    #[error("the header X-Twilio-Signature is missing, empty or repeated")]
    Missing,
    /// No key of the account gives this signature over any form of the URL.
    #[error("the signature does not match the request")]
    Mismatch,
    /// A body that is no form needs `bodySHA256` in the signed URL.
    #[error("the body is not covered by the signature: bodySHA256 is missing")]
    BodyUncovered,
    /// The body is not the one whose hash was signed.
    #[error("the body does not match its signed hash")]
    BodyMismatch,
    /// There are too many parameters to check.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// How a signature was found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Which of the tried keys signed, counted from 0.
    pub key: usize,
    /// Which form of the URL it covers.
    pub form: UrlForm,
    /// Which algorithm.
    pub algorithm: Algorithm,
}

/// Looks for the key and the form of the URL that give a signature. Comparisons take
/// the same time wherever the first difference is.
#[must_use]
pub fn find(
    signature: &str,
    algorithm: Algorithm,
    keys: &[SigningKey],
    text: &SignedText<'_>,
) -> Option<Proof> {
    let fits = |key: &SigningKey, form| {
        let expected = key.sign(algorithm, &text.in_form(form));
        bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
    };
    keys.iter().enumerate().find_map(|(at, key)| {
        let form = text.forms().into_iter().find(|form| fits(key, *form))?;
        Some(Proof {
            key: at,
            form,
            algorithm,
        })
    })
}

/// Whether there is a signature to check, without which nothing else matters.
#[must_use]
pub fn is_signed(headers: &HeaderMap) -> bool {
    signature_of(headers).is_some()
}

fn signature_of(headers: &HeaderMap) -> Option<&str> {
    let signature = sole(headers, &SIGNATURE_HEADER).ok().flatten();
    signature.filter(|signature| !signature.is_empty())
}

/// Believes a request that one of the accounts signed, over one of the public URLs. What
/// proves a multipart body is the caller's to say; every other body is proven in one way.
///
/// # Errors
/// Where none did, or where the body is not what was signed.
pub fn verify<'a>(
    received: Received,
    accounts: impl IntoIterator<Item = &'a AccountKeys, IntoIter: Clone>,
    urls: &[PublicUrl],
    multipart: &[MultipartProof],
) -> Result<Verified, SignatureError> {
    let (query, form) = decoded(&received)?;
    let signature = signature_of(&received.headers).ok_or(SignatureError::Missing)?;
    // Repeated, it names no key that could be looked for.
    let settings = sole(&received.headers, &SETTINGS_HEADER).unwrap_or(Some(""));
    let accounts = accounts.into_iter();
    let signed = |form: &[Parameter]| {
        accounts.clone().find_map(|account| {
            let (algorithm, first, keys) = account.asked_for(settings)?;
            let proof = urls.iter().find_map(|url| {
                let text = SignedText::at(url, &received.target).with_form(form);
                find(signature, algorithm, keys, &text)
            })?;
            Some((account.account, first.after(proof.key), proof))
        })
    };
    let ((account, slot, proof), coverage) = match &received.parts {
        None => {
            let signed = signed(&signing_order(form.clone())).ok_or(SignatureError::Mismatch)?;
            check_body_hash(received.body_kind(), &received.body, &query)?;
            (signed, Coverage::Whole)
        }
        Some(parts) => parts_signed(parts, &query, multipart, signed)?,
    };
    Ok(Verified {
        received,
        account: Some(account),
        slot: Some(slot),
        proof: Some(proof),
        coverage,
        query,
        form,
    })
}

/// Who signed a multipart body, if what the signature covers is believed.
fn parts_signed<S>(
    parts: &Parts,
    query: &[Parameter],
    believed: &[MultipartProof],
    signed: impl Fn(&[Parameter]) -> Option<S>,
) -> Result<(S, Coverage), SignatureError> {
    let (by, over_texts) = match signed(&[]) {
        Some(by) => (by, false),
        None => {
            let by = signed(&signing_order(parts.texts.clone()));
            (by.ok_or(SignatureError::Mismatch)?, true)
        }
    };
    // Whatever is believed: a hash in the URL says what the body was.
    check_hashes(query, &parts.hash())?;
    let believes = |proof| believed.contains(&proof);
    let coverage = match (has_hash(query), over_texts) {
        (true, _) if believes(MultipartProof::BodyHash) => Coverage::Whole,
        (_, true) if believes(MultipartProof::SignedFields) => Coverage::Parameters,
        (_, false) if believes(MultipartProof::UrlOnly) => Coverage::Url,
        (false, false) => return Err(SignatureError::BodyUncovered),
        _ => return Err(SignatureError::Mismatch),
    };
    Ok((by, coverage))
}

#[cfg(test)]
mod tests;
