//! What jobs, and hosts that work on them, are called: 32 hexadecimal digits, made by the
//! host itself. They begin with the time, so that their order is that of acceptance.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many hexadecimal digits a name has.
const DIGITS: usize = 32;
/// How many bits of a name are the time, in milliseconds since 1970: enough for 8,000 years.
const TIME_BITS: u32 = 48;

/// The system gives no random bytes, so that nothing can have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 hexadecimal digits in lower case")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u128);

        impl $name {
            /// A name that nothing else has.
            ///
            /// # Errors
            /// Where the system gives no random bytes.
            pub fn fresh() -> Result<Self, NoRandomness> {
                fresh(SystemTime::now()).map(Self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:0DIGITS$x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// A job.
    JobId
);

impl JobId {
    /// The number that its digits are: the name of its trace, too.
    pub(crate) fn number(self) -> u128 {
        self.0
    }
}

id!(
    /// A process that works on jobs: leases are in its name. One that starts again is
    /// another, so that it never takes the leases of the one before for its own.
    Owner
);

fn fresh(now: SystemTime) -> Result<u128, NoRandomness> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = since.as_millis() << (u128::BITS - TIME_BITS);
    Ok(time | u128::from_be_bytes(random) >> TIME_BITS)
}

fn parse(text: &str) -> Result<u128, IdError> {
    let digits = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != DIGITS || !text.as_bytes().iter().all(digits) {
        return Err(IdError);
    }
    u128::from_str_radix(text, 16).map_err(|_| IdError)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let ids: HashSet<_> = (0..1000).map(|_| JobId::fresh().unwrap()).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn later_ones_come_later_as_texts_too() {
        let at = |millis| UNIX_EPOCH + Duration::from_millis(millis);
        for (earlier, later) in [(0, 1), (255, 256), (1_790_000_000_000, 1_790_000_000_001)] {
            let [earlier, later] = [earlier, later].map(|at_| JobId(fresh(at(at_)).unwrap()));
            assert!(earlier < later);
            assert!(earlier.to_string() < later.to_string());
        }
    }

    #[test]
    fn a_name_is_32_digits_in_lower_case() {
        let good = "0192f0c1d2e3f405162738495a6b7c8d";
        assert_eq!(good.parse::<JobId>().unwrap().to_string(), good);
        for bad in [
            &good[1..],
            "",
            "+192f0c1d2e3f405162738495a6b7c8d",
            "0192F0C1D2E3F405162738495A6B7C8D",
            "0192f0c1d2e3f405162738495a6b7c8d0",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_name_survives_being_written_and_read(number in any::<u128>()) {
            let id = JobId(number);
            prop_assert_eq!(id.to_string().parse::<JobId>(), Ok(id));
        }
    }
}
