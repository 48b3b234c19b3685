//! Whose keys sign: tokens during a rotation, and SharedKeys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jackfield_tests::{ACCOUNT, PUBLIC_URL, Signed, TOKEN, TestHost, add_on_sid, sign};
use sha2::Sha256;

use super::{INVALID, LOOKUP, assert_answered, shown};

const NEW_TOKEN: &str = "11111111111111112222222222222222";
const SHARED_KEY: &str = "a SharedKey's secret, of any length and any letters: \u{e9}";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

fn host_with(account: &str) -> TestHost {
    let host = TestHost::with("echo", &add_on_sid('a'), "")
        .accounts(&format!("[accounts.{ACCOUNT}]\n{account}"))
        .env("OLD_TOKEN", TOKEN)
        .env("NEW_TOKEN", NEW_TOKEN)
        .env("SHARED_KEY", SHARED_KEY)
        .start();
    host.keep_secret(NEW_TOKEN);
    host.keep_secret(SHARED_KEY);
    host
}

#[tokio::test]
async fn during_a_rotation_each_token_counts_and_no_other() {
    let both = "auth_tokens = [{ env = \"NEW_TOKEN\" }, { env = \"OLD_TOKEN\" }]";
    let host = host_with(both);
    for token in [NEW_TOKEN, TOKEN] {
        assert_answered(host.twilio_as(ACCOUNT, token).get(LOOKUP)).await;
    }
    for stranger in ["", "33333333333333334444444444444444", "OLD_TOKEN"] {
        let answer = shown(host.twilio_as(ACCOUNT, stranger).get(LOOKUP)).await;
        assert_eq!(answer, INVALID, "{stranger}");
    }
    let after = host_with("auth_tokens = [{ env = \"NEW_TOKEN\" }]");
    assert_eq!(shown(after.twilio().get(LOOKUP)).await, INVALID);
}

fn host_with_a_shared_key() -> TestHost {
    host_with(
        "auth_tokens = [{ env = \"OLD_TOKEN\" }]\n\
         shared_keys = { webhooks_sharedkey_1 = { env = \"SHARED_KEY\" } }",
    )
}

fn signed_with_a_shared_key(host: &TestHost, signature: &str, settings: Option<&str>) -> Signed {
    let request = host.twilio().get(LOOKUP).signature_of(signature);
    match settings {
        Some(settings) => request.header(SETTINGS, settings),
        None => request,
    }
}

fn sha256(secret: &str) -> String {
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(format!("{PUBLIC_URL}{LOOKUP}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn sha1(secret: &str) -> String {
    sign(secret, &format!("{PUBLIC_URL}{LOOKUP}"), &[])
}

#[tokio::test]
async fn a_shared_key_signs_with_the_algorithm_that_its_header_names() {
    let host = host_with_a_shared_key();
    for (signature, settings) in [
        (
            sha256(SHARED_KEY),
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
        ),
        (
            sha256(SHARED_KEY),
            "algorithm=hmac_sha256, key=webhooks_sharedkey_1",
        ),
        (
            sha1(SHARED_KEY),
            "key=webhooks_sharedkey_1,algorithm=HMAC_SHA1",
        ),
        (sha1(SHARED_KEY), "key=webhooks_sharedkey_1"),
    ] {
        assert_answered(signed_with_a_shared_key(&host, &signature, Some(settings))).await;
    }
}

#[tokio::test]
async fn a_shared_key_counts_under_its_own_name_and_algorithm_only() {
    let host = host_with_a_shared_key();
    for (signature, settings) in [
        (sha256(SHARED_KEY), None),
        (sha1(SHARED_KEY), None),
        (sha256(SHARED_KEY), Some("")),
        (sha256(SHARED_KEY), Some("algorithm=HMAC_SHA256")),
        (
            sha256(SHARED_KEY),
            Some("key=webhooks_sharedkey_2,algorithm=HMAC_SHA256"),
        ),
        (
            sha256(SHARED_KEY),
            Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1"),
        ),
        (
            sha1(SHARED_KEY),
            Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
        ),
        (
            sha256(SHARED_KEY),
            Some("key=webhooks_sharedkey_1,algorithm=HMAC_MD5"),
        ),
        (
            sha256(TOKEN),
            Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
        ),
        (sha1(TOKEN), Some("key=webhooks_sharedkey_1")),
        (sha256(TOKEN), None),
    ] {
        let request = signed_with_a_shared_key(&host, &signature, settings);
        assert_eq!(shown(request).await, INVALID, "{settings:?}");
    }
}

#[tokio::test]
async fn without_the_header_the_token_signs_as_ever() {
    assert_answered(host_with_a_shared_key().twilio().get(LOOKUP)).await;
    let plain = host_with("auth_tokens = [{ env = \"OLD_TOKEN\" }]");
    let settings = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256";
    // An account that has no SharedKey has no use for the header.
    assert_answered(plain.twilio().get(LOOKUP).header(SETTINGS, settings)).await;
    let shared = signed_with_a_shared_key(&plain, &sha256(SHARED_KEY), Some(settings));
    assert_eq!(shown(shared).await, INVALID);
}
