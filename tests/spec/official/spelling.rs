//! The same parameters can be written in several ways, and a signature over a URL
//! covers how they are.

use super::call::Pair;
use super::random::Random;

/// What signers have been seen to leave unescaped in a query.
const LEFT_ALONE: &[u8] = b"'@:/!*(),;$";

/// How names and values are percent-encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// A space is `+`, and not `%20`.
    pub(crate) plus: bool,
    /// Escapes have lower-case digits.
    lower: bool,
    /// Some characters are not escaped.
    loose: bool,
}

impl Spelling {
    pub(crate) fn random(random: &mut Random) -> Self {
        Self {
            plus: random.once_in(2),
            lower: random.once_in(4),
            loose: random.once_in(4),
        }
    }

    /// The spelling that differs in everything.
    pub(crate) fn other(self) -> Self {
        Self {
            plus: !self.plus,
            lower: !self.lower,
            loose: !self.loose,
        }
    }

    /// Joins and encodes parameters.
    pub(crate) fn encode(self, pairs: &[Pair]) -> String {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", self.text(name), self.text(value)))
            .collect();
        pairs.join("&")
    }

    fn text(self, text: &str) -> String {
        text.bytes().map(|byte| self.byte(byte)).collect()
    }

    fn byte(self, byte: u8) -> String {
        let alone = byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || (self.loose && LEFT_ALONE.contains(&byte));
        match byte {
            b' ' if self.plus => "+".to_owned(),
            _ if alone => char::from(byte).to_string(),
            _ if self.lower => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        }
    }
}
