//! Whom a request comes from.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;
use http::header::HOST;
use jiff::Timestamp;

use crate::add_on::AddOn;
use crate::config::is_loopback;
use crate::failure::Failure;
use crate::protocol::headers::Claims;
use crate::protocol::public_url::PublicUrl;
use crate::protocol::received::Received;
use crate::protocol::signature::{self, MultipartProof, Verified};
use crate::registry::Registry;

/// Believes the request, or refuses it. Only the keys of the add-on's own account count;
/// where the add-on is unknown, those of any account tell Twilio from a stranger.
pub(super) fn verify(
    registry: &Registry,
    received: Received,
    claims: &Claims,
) -> Result<Verified, Failure> {
    if !registry.server().verify {
        local_only(&received.headers)?;
        return Ok(Verified::unchecked(received)?);
    }
    let add_on = claims.add_on.sid().and_then(|sid| registry.get(sid));
    let signers = registry.signers(add_on.map(Arc::as_ref));
    let urls = urls_of(&registry.server().public_urls, &received.headers);
    let proofs = proofs(add_on.map(Arc::as_ref));
    let verified = signature::verify(received, signers, &urls, proofs)?;
    note_use(registry, &verified);
    Ok(verified)
}

/// Notes that a key is still in use: whoever rotates tokens has to know.
fn note_use(registry: &Registry, verified: &Verified) {
    let signer = verified.signer();
    let key = signer.and_then(|(account, slot)| registry.account(account)?.key(slot));
    if let Some(key) = key {
        key.used().note(Timestamp::now());
    }
}

/// What proves a multipart request to the add-on.
fn proofs(add_on: Option<&AddOn>) -> &[MultipartProof] {
    let recordings = add_on.and_then(|add_on| add_on.config.recordings.as_ref());
    match recordings {
        Some(recordings) => &recordings.terms.signature,
        None => &MultipartProof::DEFAULT,
    }
}

/// The public URLs that the `Host` header names; all of them where it names none, as
/// behind a proxy that changes it. The signature decides in any case.
fn urls_of<'a>(urls: &'a [PublicUrl], headers: &HeaderMap) -> Cow<'a, [PublicUrl]> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_named = |url: &&PublicUrl| host.is_some_and(|host| url.answers_to(host));
    let named = match urls {
        [_] => Vec::new(),
        several => several.iter().filter(is_named).cloned().collect(),
    };
    match named.is_empty() {
        true => Cow::Borrowed(urls),
        false => Cow::Owned(named),
    }
}

/// Without signatures, a request must come from this machine: a tunnel or a proxy ends
/// on loopback too, and gives itself away by these headers.
fn local_only(headers: &HeaderMap) -> Result<(), Failure> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let url = host.and_then(|host| PublicUrl::parse(&format!("http://{host}")).ok());
    let local = url.is_some_and(|url| is_loopback(url.host()));
    let forwarded = headers.keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded") || ["forwarded", "via", "x-real-ip"].contains(&name)
    });
    match local && !forwarded {
        true => Ok(()),
        false => Err(Failure::NotLocal),
    }
}
