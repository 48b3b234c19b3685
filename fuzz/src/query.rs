//! A request's target, and the URL that it is called at.
//!
//! The bytes: a line with a public URL, and one with the target. Nothing of either is lost or
//! changed, for Twilio signed the bytes that it sent.

use jackfield::protocol::public_url::{PublicUrl, UrlParts};

use crate::case::{Case, received};
use crate::decoding;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (url, target) = (case.line(), case.line());
    let received = received(&target, "", b"");
    match target.contains('?') {
        true => assert_eq!(format!("{}?{}", received.path(), received.query()), target),
        false => assert_eq!((received.path(), received.query()), (&*target, "")),
    }
    let _ = decoding::read(received.query().as_bytes());
    url_is_whole(&url);
    public_url_is_a_base(&url);
}

fn url_is_whole(url: &str) {
    let Ok(parts) = UrlParts::parse(url) else {
        return;
    };
    let port = parts.port.map(|port| format!(":{port}"));
    let whole = [parts.origin, &port.unwrap_or_default(), parts.rest].concat();
    assert_eq!(Some(whole.as_str()), url.split('#').next());
    let port = parts.port.unwrap_or(parts.default_port());
    assert!(port.parse::<u16>().is_ok_and(|port| port > 0), "{port}");
}

fn public_url_is_a_base(url: &str) {
    let Ok(base) = PublicUrl::parse(url) else {
        return;
    };
    let shown = base.to_string();
    assert_eq!(PublicUrl::parse(&shown), Ok(base.clone()));
    assert!(url.starts_with(&shown), "{shown}");
    assert!(!shown.contains(['?', '#']) && !shown.ends_with('/'));
    let (_, behind) = shown.split_once("://").expect("a scheme");
    let authority = behind.split('/').next().unwrap_or_default();
    assert!(base.answers_to(authority), "{authority}");
    assert!(base.answers_to(&authority.to_ascii_uppercase()));
    assert!(!base.answers_to(&format!("not-{authority}")));
}
