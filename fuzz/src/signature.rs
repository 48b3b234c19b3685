//! Whether a request is believed.
//!
//! The bytes: a line each with the public URL, the target, auth tokens and perhaps a SharedKey
//! (`one,two;shared`), the settings that name a key, a signature, and the content type; then
//! the body. Signatures are made here once more, from Twilio's own description and the RFC of
//! HMAC: those are believed, and nothing else is.

mod reference;

use http::HeaderValue;
use jackfield::protocol::public_url::PublicUrl;
use jackfield::protocol::received::{BodyKind, Received};
use jackfield::protocol::signature::{
    AccountKeys, Algorithm, SETTINGS_HEADER, SIGNATURE_HEADER, SignatureError, SigningKey, Slot,
    Verified, verify,
};
use secrecy::SecretString;

use crate::case::{Case, received};
use crate::decoding;
use reference::Signer;

/// What the SharedKey is called.
const SHARED: &str = "CR1";

/// Each is tried with each, so that many would take long.
const MOST_TOKENS: usize = 3;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (url, target, secrets) = (case.line(), case.line(), case.line());
    let (settings, signature, kind) = (case.line(), case.line(), case.line());
    let Ok(url) = PublicUrl::parse(&url) else {
        return;
    };
    let mut received = received(&target, &kind, case.rest());
    if let Ok(settings) = HeaderValue::from_str(&settings) {
        received.headers.insert(&SETTINGS_HEADER, settings);
    }
    let form = match received.body_kind() {
        BodyKind::Form => decoding::read(&received.body),
        _ => Some(Vec::new()),
    };
    let query = decoding::read(received.query().as_bytes());
    let Some((query, form)) = query.zip(form) else {
        let refused = signed(received, "any", &keys(&secrets), &url);
        assert!(matches!(refused, Err(SignatureError::TooMany(_))));
        return;
    };
    let signer = Signer::new(&url, &target, &form);
    let body = reference::body(received.body_kind(), &received.body, &query);
    let good = good(&signer, &secrets, &settings);
    for (slot, signature) in &good {
        let verified = signed(received.clone(), signature, &keys(&secrets), &url);
        match (verified, body) {
            (Ok(verified), Ok(())) => same_secret(&verified, *slot, &secrets),
            (verified, expected) => assert_eq!(verified.map(drop), expected),
        }
    }
    if !good.iter().any(|(_, good)| *good == signature) {
        let refused = signed(received, &signature, &keys(&secrets), &url);
        let refused = refused.expect_err("nobody signed it so");
        assert!([SignatureError::Missing, SignatureError::Mismatch].contains(&refused));
    }
    keys_show_no_secret(&secrets);
}

/// The auth tokens, no more than a few, and the SharedKey.
fn secrets(line: &str) -> (Vec<&str>, Option<&str>) {
    let (tokens, shared) = match line.split_once(';') {
        Some((tokens, shared)) => (tokens, Some(shared)),
        None => (line, None),
    };
    (tokens.splitn(MOST_TOKENS, ',').collect(), shared)
}

fn keys(line: &str) -> AccountKeys {
    let key = |secret: &str| SigningKey::new(&SecretString::from(secret));
    let (tokens, shared) = secrets(line);
    AccountKeys {
        account: format!("AC{}", "0".repeat(32)).parse().expect("a SID"),
        tokens: tokens.into_iter().map(key).collect(),
        shared_keys: shared
            .map(|shared| (SHARED.to_owned(), key(shared)))
            .into_iter()
            .collect(),
    }
}

/// Every signature that is to be believed, and the key that makes it.
fn good(signer: &Signer, line: &str, settings: &str) -> Vec<(Slot, String)> {
    let (tokens, shared) = secrets(line);
    let settings = HeaderValue::from_str(settings);
    match shared.zip(settings.ok()) {
        None => {
            let slots = tokens.into_iter().enumerate();
            let signed = slots.flat_map(|(at, token)| {
                let signatures = signer.all(Algorithm::HmacSha1, token);
                signatures.map(move |signature| (Slot::Token(at), signature))
            });
            signed.collect()
        }
        Some((secret, settings)) => {
            // What is no text names no key.
            let settings = settings.to_str().unwrap_or_default();
            let algorithm = reference::algorithm(settings, SHARED);
            let signatures = algorithm.map(|algorithm| signer.all(algorithm, secret));
            let signatures = signatures.into_iter().flatten();
            signatures
                .map(|signature| (Slot::SharedKey(0), signature))
                .collect()
        }
    }
}

fn signed(
    mut received: Received,
    signature: &str,
    keys: &AccountKeys,
    url: &PublicUrl,
) -> Result<Verified, SignatureError> {
    if let Ok(signature) = HeaderValue::from_str(signature) {
        received.headers.insert(&SIGNATURE_HEADER, signature);
    }
    verify(received, [keys], std::slice::from_ref(url), &[])
}

/// The key that is found has the secret that signed: two may have the same.
fn same_secret(verified: &Verified, slot: Slot, line: &str) {
    let keys = keys(line);
    let (account, found) = verified.signer().expect("somebody signed");
    assert_eq!(account, keys.account);
    let (found, expected) = (keys.key(found), keys.key(slot));
    assert!(found.is_some());
    // HMAC fills short keys up with zeros, so that they may differ by those.
    assert_eq!(found, expected);
}

fn keys_show_no_secret(line: &str) {
    let shown = format!("{:?}", keys(line));
    let (tokens, shared) = secrets(line);
    let long = tokens
        .into_iter()
        .chain(shared)
        .filter(|secret| secret.len() > 16);
    for secret in long {
        let is_in_the_frame =
            "AccountKeys { account: tokens: shared_keys: [REDACTED]".contains(secret);
        assert!(
            is_in_the_frame || !shown.contains(secret),
            "a secret is shown"
        );
    }
}
