//! A text that may be one of Twilio's identifiers.
//!
//! The bytes are the text. It is of one kind at most, it stays as it is, and what is none is
//! not repeated by the error that says so.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use jackfield::protocol::sid::{
    AccountSid, AddOnConfigurationSid, AddOnInstallSid, AddOnSid, AddOnVersionSid, RequestSid,
    SidError,
};

use crate::case::Case;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let text = Case::new(case).line();
    let kinds = [
        is::<AccountSid>(&text, &["AC"]),
        is::<AddOnSid>(&text, &["XB"]),
        is::<AddOnVersionSid>(&text, &["XC"]),
        is::<AddOnInstallSid>(&text, &["XD"]),
        is::<AddOnConfigurationSid>(&text, &["XE"]),
        is::<RequestSid>(&text, &["XR", "MR"]),
    ];
    assert!(kinds.iter().filter(|is| **is).count() <= 1);
}

fn is<T>(text: &str, prefixes: &[&str]) -> bool
where
    T: FromStr<Err = SidError> + Display + Debug,
{
    let digits = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    let is_one = digits.is_some_and(|digits| {
        digits.len() == 32 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    });
    match text.parse::<T>() {
        Ok(sid) => {
            assert!(is_one);
            assert_eq!(
                (sid.to_string(), format!("{sid:?}")),
                (text.to_owned(), text.to_owned())
            );
        }
        Err(error) => {
            assert!(!is_one);
            let said = error.to_string();
            let prefix = prefixes.join("` or `");
            assert_eq!(
                said,
                format!("expected `{prefix}` and 32 hexadecimal digits")
            );
        }
    }
    is_one
}
