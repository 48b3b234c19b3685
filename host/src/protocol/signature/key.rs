//! What signs, and how.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::Sha256;

use super::text::SignedText;

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
    secret: SecretString,
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
    used: Arc<LastUse>,
}

/// When a key last proved a request. Clones of the key share it.
#[derive(Debug)]
pub struct LastUse(AtomicI64);

/// Stands for no use at all.
const NEVER: i64 = i64::MIN;

impl LastUse {
    /// Notes a use. Nothing is written where one of the same second was noted: requests on
    /// all processors pass here.
    pub fn note(&self, now: Timestamp) {
        let now = now.as_second();
        if self.0.load(Ordering::Relaxed) != now {
            self.0.store(now, Ordering::Relaxed);
        }
    }

    /// When it was, to the second, if ever.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        match self.0.load(Ordering::Relaxed) {
            NEVER => None,
            second => Timestamp::from_second(second).ok(),
        }
    }
}

impl Default for LastUse {
    fn default() -> Self {
        Self(AtomicI64::new(NEVER))
    }
}

impl SigningKey {
    /// Prepares a secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let key = secret.expose_secret().as_bytes();
        Self {
            secret: secret.clone(),
            sha1: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
            sha256: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
            used: Arc::default(),
        }
    }

    /// The secret itself, for what proves the account to Twilio.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// When it last proved a request.
    #[must_use]
    pub fn used(&self) -> &LastUse {
        &self.used
    }

    /// Goes on from what was known of the same key before.
    pub(super) fn inherit(&mut self, before: &Self) {
        self.used = Arc::clone(&before.used);
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

impl PartialEq for SigningKey {
    /// Two keys are the same if they sign alike: texts would be compared in a time that
    /// tells of them.
    fn eq(&self, other: &Self) -> bool {
        self.sha256.clone().finalize() == other.sha256.clone().finalize()
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
