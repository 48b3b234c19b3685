//! Twilio's signature of a GET: over the public URL and what was asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use wasip2::cli::environment::get_environment;

use crate::http::Asked;

/// The length of a signature, in bytes.
const LENGTH: usize = 20;

/// Whether Twilio signed a request. The comparison takes the same time wherever the first
/// difference is.
pub(crate) fn is_good(asked: &Asked) -> bool {
    let signature = asked.signature.as_deref().and_then(decoded);
    let Some((signature, account)) = signature.zip(Account::of_environment()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(account.token.as_bytes()) else {
        return false;
    };
    mac.update(account.public_url.as_bytes());
    mac.update(asked.target.as_bytes());
    mac.verify_slice(&signature).is_ok()
}

fn decoded(signature: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH + 1];
    let length = STANDARD.decode_slice(signature, &mut bytes).ok()?;
    bytes[..length].try_into().ok()
}

/// Whose requests are believed, and under which URL.
struct Account {
    token: String,
    public_url: String,
}

impl Account {
    fn of_environment() -> Option<Self> {
        let (mut token, mut public_url) = (None, None);
        for (name, value) in get_environment() {
            match name.as_str() {
                "AUTH_TOKEN" => token = Some(value),
                "PUBLIC_URL" => public_url = Some(value),
                _ => {}
            }
        }
        Some(Self {
            token: token?,
            public_url: public_url?,
        })
    }
}
