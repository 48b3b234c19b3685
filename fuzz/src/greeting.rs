//! The header of the PROXY protocol.
//!
//! The bytes are the header. Where one is read, no more and no less is one: what follows on
//! the connection can neither become a part of it nor lose a byte to it. In version 1, whom
//! it passes on is the word that is written there.

use std::net::IpAddr;

use jackfield::clients::greeting::parse;

/// What version 1 begins with, and how it says whom it passes on.
const WORD: &[u8] = b"PROXY ";
const KINDS: [&str; 2] = ["TCP4", "TCP6"];

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let Ok(told) = parse(case) else { return };
    assert!(matches!(parse(case), Ok(again) if again == told));
    for end in 0..case.len() {
        assert!(parse(&case[..end]).is_err(), "{end} of {}", case.len());
    }
    for more in [&b"\n"[..], b"\0", b"PROXY UNKNOWN\r\n", case] {
        assert!(parse(&[case, more].concat()).is_err(), "{more:?}");
    }
    if case.starts_with(WORD) {
        assert_eq!(told, written(case));
    }
}

/// Whom version 1 passes on.
fn written(case: &[u8]) -> Option<IpAddr> {
    // Behind `UNKNOWN` there may be anything.
    let line = String::from_utf8_lossy(case);
    let mut words = line.trim_end_matches("\r\n").split(' ').skip(1);
    let is_told = words.next().is_some_and(|kind| KINDS.contains(&kind));
    let address = is_told.then(|| words.next()).flatten();
    address.map(|address| address.parse().expect("it was read as an address"))
}
