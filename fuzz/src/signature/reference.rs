//! Signatures, made in the plainest way: <https://www.twilio.com/docs/usage/security> says
//! over what, and RFC 2104 how.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield::protocol::parameters::Parameter;
use jackfield::protocol::public_url::PublicUrl;
use jackfield::protocol::received::BodyKind;
use jackfield::protocol::signature::{Algorithm, SignatureError};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// What HMAC fills keys up to, for both hashes, in bytes.
const BLOCK: usize = 64;

/// The texts that a signature may be over.
pub(super) struct Signer {
    texts: Vec<String>,
}

impl Signer {
    pub(super) fn new(url: &PublicUrl, target: &str, form: &[Parameter]) -> Self {
        let mut sorted = BTreeMap::<_, BTreeSet<_>>::new();
        for (name, value) in form {
            sorted.entry(name).or_default().insert(value);
        }
        let signed = sorted
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| format!("{name}{value}")));
        let behind = [url.prefix(), target, &signed.collect::<String>()].concat();
        let https = url.origin().to_ascii_lowercase().starts_with("https:");
        let default = if https { "443" } else { "80" };
        let port = url.port().unwrap_or(default);
        let origin = url.origin();
        Self {
            texts: vec![
                format!("{origin}:{port}{behind}"),
                format!("{origin}{behind}"),
            ],
        }
    }

    /// The signatures of a secret over each.
    pub(super) fn all(&self, algorithm: Algorithm, secret: &str) -> impl Iterator<Item = String> {
        self.texts.iter().map(move |text| match algorithm {
            Algorithm::HmacSha1 => STANDARD.encode(hmac::<Sha1>(secret, text)),
            Algorithm::HmacSha256 => STANDARD.encode(hmac::<Sha256>(secret, text)),
        })
    }
}

fn hmac<D: Digest>(secret: &str, text: &str) -> Vec<u8> {
    let mut key = match secret.len() > BLOCK {
        true => D::digest(secret).to_vec(),
        false => secret.as_bytes().to_vec(),
    };
    key.resize(BLOCK, 0);
    let padded = |pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = D::digest([padded(0x36), text.as_bytes().to_vec()].concat());
    D::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

/// The algorithm that the settings name for a key, if they are for that key.
pub(super) fn algorithm(settings: &str, key: &str) -> Option<Algorithm> {
    let value = |name: &str| {
        let pairs = settings.split(',').filter_map(|pair| pair.split_once('='));
        let mut values = pairs
            .filter(|(own, _)| own.trim() == name)
            .map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    };
    if value("key") != Some(key) {
        return None;
    }
    match value("algorithm").map(str::to_ascii_uppercase).as_deref() {
        None | Some("HMAC_SHA1") => Some(Algorithm::HmacSha1),
        Some("HMAC_SHA256") => Some(Algorithm::HmacSha256),
        Some(_) => None,
    }
}

/// Whether a body is one that a good signature covers.
pub(super) fn body(kind: BodyKind, body: &[u8], query: &[Parameter]) -> Result<(), SignatureError> {
    let hash: String = Sha256::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let named = query.iter().filter(|(name, _)| name == "bodySHA256");
    let hashes: Vec<&String> = named.map(|(_, value)| value).collect();
    match (hashes.is_empty(), kind) {
        (true, BodyKind::Form | BodyKind::Empty) => Ok(()),
        (true, _) => Err(SignatureError::BodyUncovered),
        (false, _) if hashes.iter().all(|sent| **sent == hash) => Ok(()),
        (false, _) => Err(SignatureError::BodyMismatch),
    }
}
