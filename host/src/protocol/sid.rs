//! Twilio's identifiers: two letters that name the kind, then 32 hexadecimal digits.
//! Each kind is a type of its own, so that one can never stand for another.

use std::fmt;
use std::str::FromStr;

/// The length of every identifier, in characters.
pub const SID_LENGTH: usize = 34;

/// Why a text is not an identifier of the expected kind. The text itself is left out:
/// what a stranger put there has no place in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `{expected}` and 32 hexadecimal digits")]
pub struct SidError {
    expected: &'static str,
}

/// The checks that all kinds share.
fn parse(
    text: &str,
    prefixes: &[&str],
    expected: &'static str,
) -> Result<[u8; SID_LENGTH], SidError> {
    let error = SidError { expected };
    let bytes: [u8; SID_LENGTH] = text.as_bytes().try_into().map_err(|_| error.clone())?;
    let (prefix, digits) = bytes.split_at(2);
    let named = prefixes.iter().any(|known| known.as_bytes() == prefix);
    if named && digits.iter().all(u8::is_ascii_hexdigit) {
        Ok(bytes)
    } else {
        Err(error)
    }
}

macro_rules! sid {
    ($(#[$doc:meta])* $name:ident, $expected:literal, [$($prefix:literal),+]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; SID_LENGTH]);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl FromStr for $name {
            type Err = SidError;

            fn from_str(text: &str) -> Result<Self, SidError> {
                parse(text, &[$($prefix),+], $expected).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

sid!(
    /// The publisher's account, whose auth token signs the requests.
    AccountSid, "AC", ["AC"]
);
sid!(
    /// An add-on's listing.
    AddOnSid, "XB", ["XB"]
);
sid!(
    /// One version of an add-on.
    AddOnVersionSid, "XC", ["XC"]
);
sid!(
    /// One customer's installation of an add-on.
    AddOnInstallSid, "XD", ["XD"]
);
sid!(
    /// The configuration of an installation.
    AddOnConfigurationSid, "XE", ["XE"]
);
sid!(
    /// One invocation: billing, debugging, idempotency. `XR` is what Twilio sends;
    /// its reference shows `MR`.
    RequestSid, "XR` or `MR", ["XR", "MR"]
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sid_is_its_prefix_and_32_hexadecimal_digits() {
        let digits = "c6dc06ce91d566fae284bc2bf36218a4";
        for (text, good) in [
            (format!("XB{digits}"), true),
            (format!("XB{}", digits.to_uppercase()), true),
            (format!("xb{digits}"), false),
            (format!("XC{digits}"), false),
            (format!("XB{digits}0"), false),
            (format!("XB{}", &digits[1..]), false),
            (format!("XBg{}", &digits[1..]), false),
            (format!(" XB{}", &digits[1..]), false),
            (format!("XBé{}", &digits[2..]), false),
            (String::new(), false),
        ] {
            assert_eq!(text.parse::<AddOnSid>().is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn a_request_may_be_xr_or_mr() {
        let digits = "0".repeat(32);
        assert!(format!("XR{digits}").parse::<RequestSid>().is_ok());
        assert!(format!("MR{digits}").parse::<RequestSid>().is_ok());
        assert!(format!("XB{digits}").parse::<RequestSid>().is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_never_changes_the_text(text in ".{0,40}") {
            if let Ok(sid) = text.parse::<AccountSid>() {
                prop_assert_eq!(sid.to_string(), text);
            }
        }
    }
}
