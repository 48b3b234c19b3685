//! A request's headers, and what they claim.
//!
//! The bytes: a header a line, as in `X-Twilio-AddOnSid: XB…`. A claim is taken from a header
//! that was sent once and is a SID of its kind; one that was sent twice says nothing.

use std::fmt::Debug;
use std::str::FromStr;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use jackfield::protocol::headers::{self, Claim, Claims};
use jackfield::protocol::received::{BodyKind, Received};
use jackfield::protocol::sid::AccountSid;
use jackfield::protocol::signature::{SIGNATURE_HEADER, is_signed};

use crate::case::received;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut received = received("/lookups", "", b"body");
    received.headers = read(case);
    let headers = &received.headers;
    let claims = Claims::read(headers);
    assert_eq!(claims.add_on, expected(headers, &headers::ADD_ON));
    assert_eq!(claims.account, expected(headers, &headers::ACCOUNT));
    assert_eq!(
        claims.vendor_account,
        expected(headers, &headers::VENDOR_ACCOUNT)
    );
    assert_eq!(claims.request, expected(headers, &headers::REQUEST).sid());
    assert_eq!(
        claims.add_on_version,
        expected(headers, &headers::ADD_ON_VERSION).sid()
    );
    assert_eq!(
        claims.add_on_install,
        expected(headers, &headers::ADD_ON_INSTALL).sid()
    );
    let configuration = expected(headers, &headers::ADD_ON_CONFIGURATION);
    assert_eq!(claims.add_on_configuration, configuration.sid());
    accounts_agree(&claims);
    let signature = sole(headers, &SIGNATURE_HEADER);
    assert_eq!(
        is_signed(headers),
        signature.is_some_and(|it| !it.is_empty())
    );
    body_is_of_its_type(&received);
}

/// The lines that are headers.
fn read(case: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in case.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let header = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value));
        if let (Ok(name), Ok(value)) = header {
            headers.append(name, value);
        }
    }
    headers
}

fn sole<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    match values.as_slice() {
        [value] => value.to_str().ok(),
        _ => None,
    }
}

fn expected<T: FromStr + Debug>(headers: &HeaderMap, name: &HeaderName) -> Claim<T> {
    match (headers.contains_key(name), sole(headers, name)) {
        (false, _) => Claim::Absent,
        (true, text) => text
            .and_then(|text| text.parse().ok())
            .map_or(Claim::Malformed, Claim::Sid),
    }
}

/// An account agrees with headers that name it, or nobody.
fn accounts_agree(claims: &Claims) {
    let stranger: AccountSid = format!("AC{}", "0123".repeat(8)).parse().expect("a SID");
    let claimed = [claims.account, claims.vendor_account];
    for account in claimed.into_iter().filter_map(Claim::sid).chain([stranger]) {
        let differs =
            |claim: &Claim<AccountSid>| ![Claim::Absent, Claim::Sid(account)].contains(claim);
        assert_eq!(claims.agree_with(account), !claimed.iter().any(differs));
    }
}

fn body_is_of_its_type(received: &Received) {
    let named = sole(&received.headers, &CONTENT_TYPE).unwrap_or_default();
    let named = named.to_ascii_lowercase();
    let media_type = named.split(';').next().unwrap_or_default().trim();
    let expected = match media_type {
        "application/x-www-form-urlencoded" => BodyKind::Form,
        "application/json" => BodyKind::Json,
        other if other.ends_with("+json") => BodyKind::Json,
        _ => BodyKind::Other,
    };
    assert_eq!(received.body_kind(), expected);
}
