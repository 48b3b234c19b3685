//! Whether a request comes from Twilio: the `X-Twilio-Signature` check.
//!
//! Twilio signs the URL it calls and, for a form, each parameter; any other body is
//! covered by its hash in the URL (<https://www.twilio.com/docs/usage/security>). Headers
//! are never covered. Only this module makes a [`Verified`], and everything that reads
//! what a request says takes one.

mod coverage;
mod key;
mod text;

use http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use coverage::{Coverage, MultipartProof, UnknownProof};
pub use key::{Algorithm, LastUse, SigningKey};
pub use text::{SignedText, UrlForm, signing_order};

use super::multipart::Parts;
use super::parameters::{self, BODY_HASH, Parameter, Parameters, ParametersError, TooMany};
use super::public_url::PublicUrl;
use super::received::{BodyKind, Received, sole};
use super::sid::AccountSid;

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

fn has_hash(query: &[Parameter]) -> bool {
    hashes(query).next().is_some()
}

/// Checks that every hash in the URL, where there is any, is the body's.
fn check_hashes(query: &[Parameter], actual: &str) -> Result<(), SignatureError> {
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

/// A key's place among those of its account, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Among the auth tokens.
    Token(usize),
    /// Among the SharedKeys.
    SharedKey(usize),
}

impl Slot {
    /// The place of a key that was tried so many keys after this one.
    fn after(self, tried: usize) -> Self {
        match self {
            Self::Token(at) => Self::Token(at + tried),
            Self::SharedKey(at) => Self::SharedKey(at + tried),
        }
    }
}

/// The keys of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountKeys {
    /// The account that these keys prove.
    pub account: AccountSid,
    /// Its auth tokens: one, or several during a rotation.
    pub tokens: Vec<SigningKey>,
    /// Its SharedKeys by their identifiers. Where there is none, the header that names
    /// one is ignored.
    pub shared_keys: Vec<(String, SigningKey)>,
}

impl AccountKeys {
    /// One of its keys.
    #[must_use]
    pub fn key(&self, slot: Slot) -> Option<&SigningKey> {
        match slot {
            Slot::Token(at) => self.tokens.get(at),
            Slot::SharedKey(at) => self.shared_keys.get(at).map(|(_, key)| key),
        }
    }

    /// All of its keys, by their slots.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &SigningKey)> {
        let tokens = self.tokens.iter().enumerate();
        let tokens = tokens.map(|(at, key)| (Slot::Token(at), key));
        let shared = self.shared_keys.iter().enumerate();
        tokens.chain(shared.map(|(at, (_, key))| (Slot::SharedKey(at), key)))
    }

    /// Goes on from what was known of the same keys, in whatever slots they were.
    pub fn inherit(&mut self, before: &Self) {
        let shared = self.shared_keys.iter_mut().map(|(_, key)| key);
        for key in self.tokens.iter_mut().chain(shared) {
            if let Some((_, same)) = before.slots().find(|(_, other)| *other == key) {
                key.inherit(same);
            }
        }
    }

    /// The keys and the algorithm that a request's headers ask for, and the slot of the
    /// first of these keys.
    fn asked_for(&self, settings: Option<&str>) -> Option<(Algorithm, Slot, &[SigningKey])> {
        let Some(settings) = settings.filter(|_| !self.shared_keys.is_empty()) else {
            return Some((Algorithm::HmacSha1, Slot::Token(0), &self.tokens));
        };
        let asked = setting(settings, "key")?;
        let mut keys = self.shared_keys.iter().enumerate();
        let (at, (_, key)) = keys.find(|(_, (id, _))| id == asked)?;
        let algorithm = match setting(settings, "algorithm") {
            None => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => Algorithm::HmacSha256,
            Some(_) => return None,
        };
        Some((algorithm, Slot::SharedKey(at), std::slice::from_ref(key)))
    }
}

/// One value of `key=…,algorithm=…`.
fn setting<'a>(settings: &'a str, name: &str) -> Option<&'a str> {
    settings
        .split(',')
        .filter_map(|part| part.split_once('='))
        .find(|(own, value)| own.trim() == name && !value.trim().is_empty())
        .map(|(_, value)| value.trim())
}

/// A request whose signature was good, and whose account is therefore known.
#[derive(Debug)]
pub struct Verified {
    received: Received,
    account: Option<AccountSid>,
    slot: Option<Slot>,
    proof: Option<Proof>,
    coverage: Coverage,
    query: Vec<Parameter>,
    form: Vec<Parameter>,
}

impl Verified {
    /// The request.
    #[must_use]
    pub fn received(&self) -> &Received {
        &self.received
    }

    /// The account whose key signed; none where verification is switched off.
    #[must_use]
    pub fn account(&self) -> Option<AccountSid> {
        self.account
    }

    /// The account and the key of it that signed; none where verification is switched off.
    #[must_use]
    pub fn signer(&self) -> Option<(AccountSid, Slot)> {
        self.account.zip(self.slot)
    }

    /// How the signature was found good; none where verification is switched off.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        self.proof
    }

    /// How much of the request the signature covers.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// Whether the signature covers the value of a parameter, wherever it stood. In a
    /// multipart body that is a matter of what proves it.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        match self.coverage {
            Coverage::Nothing => false,
            Coverage::Url => self.query.iter().any(|(own, _)| own == name),
            Coverage::Parameters | Coverage::Whole => true,
        }
    }

    /// The parameters of query and body.
    ///
    /// # Errors
    /// Where the body cannot be read as parameters.
    pub fn parameters(&self) -> Result<Parameters, ParametersError> {
        Parameters::read(&self.received, self.query.clone(), self.form.clone())
    }

    /// Takes a request as it is. For hosts that only this machine can reach; the caller
    /// must have made sure of that.
    ///
    /// # Errors
    /// Where there are too many parameters.
    pub fn unchecked(received: Received) -> Result<Self, SignatureError> {
        let (query, form) = decoded(&received)?;
        Ok(Self {
            received,
            account: None,
            slot: None,
            proof: None,
            coverage: Coverage::Nothing,
            query,
            form,
        })
    }
}

fn decoded(received: &Received) -> Result<(Vec<Parameter>, Vec<Parameter>), TooMany> {
    let query = parameters::decode(received.query().as_bytes())?;
    let form = match received.body_kind() {
        BodyKind::Form => parameters::decode(&received.body)?,
        BodyKind::Empty | BodyKind::Json | BodyKind::Other | BodyKind::Multipart => Vec::new(),
    };
    Ok((query, form))
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
