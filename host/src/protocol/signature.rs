//! Whether a request comes from Twilio: the `X-Twilio-Signature` check.
//!
//! Twilio signs the URL it calls and, for a form, each parameter; any other body is
//! covered by its hash in the URL (<https://www.twilio.com/docs/usage/security>). Headers
//! are never covered. Only this module makes a [`Verified`], and everything that reads
//! what a request says takes one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::parameters::{self, BODY_HASH, Parameter, Parameters, ParametersError, TooMany};
use super::public_url::{PublicUrl, UrlParts};
use super::received::{BodyKind, Received};
use super::sid::AccountSid;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-twilio-signature";

/// The header that names key and algorithm of a request signed with a SharedKey
/// (<https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys>).
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent, repeated or no text.
    #[error("there is not exactly one signature")]
    Missing,
    /// No key of the account gives this signature over any form of the URL.
    #[error("the signature does not match")]
    Mismatch,
    /// A body that is no form needs `bodySHA256` in the signed URL.
    #[error("the body is not covered by the signature")]
    BodyUncovered,
    /// The body is not the one whose hash was signed.
    #[error("the body does not match its signed hash")]
    BodyMismatch,
    /// There are too many parameters to check.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// The algorithm behind a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What every signature uses that names nothing else.
    HmacSha1,
    /// What a SharedKey may use.
    HmacSha256,
}

/// A secret that signs: an account's auth token or a SharedKey. Its text cannot be
/// printed, and is expanded once for all requests.
#[derive(Clone)]
pub struct SigningKey {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
}

impl SigningKey {
    /// Prepares a secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let key = secret.expose_secret().as_bytes();
        Self {
            sha1: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
            sha256: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
        }
    }

    /// The signature over a URL, in one of its forms, and the sorted form parameters.
    #[must_use]
    pub fn sign(&self, algorithm: Algorithm, url: &SignedText<'_>) -> String {
        match algorithm {
            Algorithm::HmacSha1 => digest(self.sha1.clone(), url),
            Algorithm::HmacSha256 => digest(self.sha256.clone(), url),
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey([REDACTED])")
    }
}

fn digest<M: Mac>(mut mac: M, text: &SignedText<'_>) -> String {
    text.pieces(|piece| mac.update(piece.as_bytes()));
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What is signed, in the pieces it is made of, so that no copy is needed.
#[derive(Debug, Clone, Copy)]
pub struct SignedText<'a> {
    origin: &'a str,
    port: Option<&'a str>,
    prefix: &'a str,
    rest: &'a str,
    form: &'a [Parameter],
}

impl<'a> SignedText<'a> {
    /// The text over a configured base and a request's target.
    #[must_use]
    pub fn at(base: &'a PublicUrl, target: &'a str) -> Self {
        Self {
            origin: base.origin(),
            port: base.port(),
            prefix: base.prefix(),
            rest: target,
            form: &[],
        }
    }

    /// The text over a whole URL.
    #[must_use]
    pub fn over(url: UrlParts<'a>) -> Self {
        Self {
            origin: url.origin,
            port: url.port,
            prefix: "",
            rest: url.rest,
            form: &[],
        }
    }

    /// The same with a form's parameters, which must come from [`signing_order`].
    #[must_use]
    pub fn with_form(self, form: &'a [Parameter]) -> Self {
        Self { form, ..self }
    }

    /// The same in a form of its URL.
    fn in_form(self, form: UrlForm) -> Self {
        let url = UrlParts {
            origin: self.origin,
            port: None,
            rest: "",
        };
        let port = match form {
            UrlForm::AsGiven => self.port,
            UrlForm::PortRemoved => None,
            UrlForm::PortAdded => Some(url.default_port()),
        };
        Self { port, ..self }
    }

    fn pieces(&self, mut each: impl FnMut(&str)) {
        each(self.origin);
        if let Some(port) = self.port {
            each(":");
            each(port);
        }
        each(self.prefix);
        each(self.rest);
        for (name, value) in self.form {
            each(name);
            each(value);
        }
    }

    /// The two forms that a genuine signature may cover: Twilio is inconsistent about
    /// the port, so the official libraries try with and without it. A port that is
    /// written is never replaced by another.
    fn forms(&self) -> [UrlForm; 2] {
        match self.port {
            Some(_) => [UrlForm::AsGiven, UrlForm::PortRemoved],
            None => [UrlForm::AsGiven, UrlForm::PortAdded],
        }
    }
}

/// Which form of the URL a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlForm {
    /// The URL as it was given.
    AsGiven,
    /// The URL without the port that it was given with.
    PortRemoved,
    /// The URL with the port that its scheme implies.
    PortAdded,
}

impl UrlForm {
    /// The form, in words that follow "the URL".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::AsGiven => "as given",
            Self::PortRemoved => "without its port",
            Self::PortAdded => "with its default port",
        }
    }
}

/// Sorts parameters as they are signed: each distinct name in byte order, each of its
/// distinct values in byte order.
#[must_use]
pub fn signing_order(mut form: Vec<Parameter>) -> Vec<Parameter> {
    form.sort_unstable();
    form.dedup();
    form
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

/// Checks that a body which is no form is the one whose hash stands in the signed URL.
/// Twilio has been seen to send the hash twice; every one must be right.
///
/// # Errors
/// Where there is no hash, or a wrong one.
pub fn check_body_hash(
    kind: BodyKind,
    body: &[u8],
    query: &[Parameter],
) -> Result<(), SignatureError> {
    let mut hashes = query
        .iter()
        .filter(|(name, _)| name == BODY_HASH)
        .map(|(_, value)| value)
        .peekable();
    match kind {
        BodyKind::Form => return Ok(()),
        BodyKind::Empty if hashes.peek().is_none() => return Ok(()),
        BodyKind::Empty | BodyKind::Json | BodyKind::Other => {}
    }
    if hashes.peek().is_none() {
        return Err(SignatureError::BodyUncovered);
    }
    let actual = body_hash(body);
    if hashes.all(|hash| bool::from(hash.as_bytes().ct_eq(actual.as_bytes()))) {
        Ok(())
    } else {
        Err(SignatureError::BodyMismatch)
    }
}

/// The hash that Twilio puts into the URL for a body that is no form: SHA-256 in
/// lower-case hexadecimal.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(body)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// The keys of one account.
#[derive(Debug, Clone)]
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
    /// The keys and the algorithm that a request's headers ask for.
    fn asked_for(&self, settings: Option<&str>) -> Option<(Algorithm, &[SigningKey])> {
        let Some(settings) = settings.filter(|_| !self.shared_keys.is_empty()) else {
            return Some((Algorithm::HmacSha1, &self.tokens));
        };
        let asked = setting(settings, "key")?;
        let (_, key) = self.shared_keys.iter().find(|(id, _)| id == asked)?;
        let algorithm = match setting(settings, "algorithm") {
            None => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => Algorithm::HmacSha256,
            Some(_) => return None,
        };
        Some((algorithm, std::slice::from_ref(key)))
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
    proof: Option<Proof>,
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

    /// How the signature was found good; none where verification is switched off.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        self.proof
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
            proof: None,
            query,
            form,
        })
    }
}

fn decoded(received: &Received) -> Result<(Vec<Parameter>, Vec<Parameter>), TooMany> {
    let query = parameters::decode(received.query().as_bytes())?;
    let form = match received.body_kind() {
        BodyKind::Form => parameters::decode(&received.body)?,
        BodyKind::Empty | BodyKind::Json | BodyKind::Other => Vec::new(),
    };
    Ok((query, form))
}

/// Believes a request that one of the accounts signed, over one of the public URLs.
///
/// # Errors
/// Where none did, or where the body is not what was signed.
pub fn verify<'a>(
    received: Received,
    accounts: impl IntoIterator<Item = &'a AccountKeys>,
    urls: &[PublicUrl],
) -> Result<Verified, SignatureError> {
    let (query, form) = decoded(&received)?;
    let signature = received
        .sole_header(SIGNATURE_HEADER)
        .ok_or(SignatureError::Missing)?;
    let settings = received.sole_header(SETTINGS_HEADER);
    let sorted = signing_order(form.clone());
    let (account, proof) = accounts
        .into_iter()
        .find_map(|account| {
            let (algorithm, keys) = account.asked_for(settings)?;
            let proof = urls.iter().find_map(|url| {
                let text = SignedText::at(url, &received.target).with_form(&sorted);
                find(signature, algorithm, keys, &text)
            })?;
            Some((account.account, proof))
        })
        .ok_or(SignatureError::Mismatch)?;
    check_body_hash(received.body_kind(), &received.body, &query)?;
    Ok(Verified {
        received,
        account: Some(account),
        proof: Some(proof),
        query,
        form,
    })
}

#[cfg(test)]
mod tests;
