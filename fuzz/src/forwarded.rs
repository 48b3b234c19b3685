//! What proxies say of whom they pass on, in `X-Forwarded-For` and in `Forwarded`.
//!
//! The bytes: a header a line. Whatever came before, an open quote too, what the last proxy
//! added is read first and as it is, and changes nothing of how the rest is read.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use jackfield::protocol::forwarded::ForwardedHeader;

use crate::case::Case;

/// What a proxy heard from, and how both headers tell it.
const LAST: [u8; 4] = [192, 0, 2, 1];
const TOLD: [&str; 2] = ["192.0.2.1", "for=192.0.2.1"];

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let lines = lines(case);
    for (header, told) in ForwardedHeader::ALL.into_iter().zip(TOLD) {
        let before = hops(header, &lines);
        let is_canonical = |hop: &Option<IpAddr>| hop.is_none_or(|it| it.to_canonical() == it);
        assert!(before.iter().all(is_canonical));
        let mut after = vec![Some(LAST.into())];
        after.extend(&before);
        let on_its_own = [lines.as_slice(), &[told.as_bytes().to_vec()]].concat();
        assert_eq!(hops(header, &on_its_own), after);
        assert_eq!(hops(header, &added_to(lines.clone(), told)), after);
    }
}

/// As proxies do that add to the last line.
fn added_to(mut lines: Vec<Vec<u8>>, told: &str) -> Vec<Vec<u8>> {
    let mut last = lines.pop().unwrap_or_default();
    last.extend_from_slice(format!(", {told}").as_bytes());
    lines.push(last);
    lines
}

/// The lines that a header can hold.
fn lines(case: &[u8]) -> Vec<Vec<u8>> {
    let mut case = Case::new(case);
    let mut lines = Vec::new();
    while !case.is_empty() {
        let line = case.line().into_owned().into_bytes();
        if HeaderValue::from_bytes(&line).is_ok() {
            lines.push(line);
        }
    }
    lines
}

fn hops(header: ForwardedHeader, lines: &[Vec<u8>]) -> Vec<Option<IpAddr>> {
    let mut headers = HeaderMap::new();
    for line in lines {
        let value = HeaderValue::from_bytes(line).expect("it was one before");
        headers.append(HeaderName::from_static(header.name()), value);
    }
    header.hops(&headers).collect()
}
