//! Whose requests are sent: one account, its token, and how Twilio signs with it.
//!
//! The signature is computed here once more, after Twilio's documentation: what the host
//! checks is not judged by its own code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The account.
pub const ACCOUNT: &str = "AC05b3911315a1322d1dede66eed740000";
/// Its auth token.
pub const TOKEN: &str = "b5d4c1f0e8a94d2c9f7e6b3a21088776";
/// What Twilio calls, wherever the servers really listen.
pub const PUBLIC_URL: &str = "https://addons.example.com";

/// The signature over a path with its query, and a form's parameters.
///
/// # Panics
/// Never: any key will do for HMAC.
#[must_use]
pub fn sign(target: &str, form: &[(&str, &str)]) -> String {
    let mut form = form.to_vec();
    form.sort_unstable();
    let url = format!("{PUBLIC_URL}{target}");
    let text = form
        .iter()
        .fold(url, |text, (name, value)| text + name + value);
    let mut mac: Hmac<Sha1> = Hmac::new_from_slice(TOKEN.as_bytes()).expect("any key will do");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The hash that covers a body which is no form, in hexadecimal digits.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_signed_in_the_order_of_its_names() {
        let sorted = sign(
            "/incoming-sms",
            &[("body", "hello"), ("phone", "+15005550006")],
        );
        let sent = sign(
            "/incoming-sms",
            &[("phone", "+15005550006"), ("body", "hello")],
        );
        assert_eq!(sorted, sent);
        assert_ne!(sent, sign("/incoming-sms", &[]));
    }

    #[test]
    fn a_hash_is_the_documented_one() {
        assert_eq!(
            body_hash(br#"{"phone":"+15005550006"}"#),
            "b31096e1caca627d149eee332c9f4223699f76a47209ad93c65d81776f2bb9cb"
        );
    }
}
