//! Whom something that is kept concerns: a number, however it is written, or a customer's
//! installation.

use std::collections::VecDeque;

use crate::protocol::address::Address;
use crate::protocol::sid::AddOnInstallSid;

/// What may stand between two digits of one number.
const SEPARATORS: &[u8] = b" -.()/+";

/// Somebody, as whoever erases them names them.
#[derive(Clone)]
pub struct Whose {
    number: Option<Number>,
    install: Option<AddOnInstallSid>,
}

/// The text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a phone number with its country's code, as in `+12125550123`")]
pub struct NoNumber;

/// A number as its digits: with its country's code, and without.
#[derive(Clone)]
struct Number {
    whole: Vec<u8>,
    national: Vec<u8>,
}

impl Whose {
    /// Whoever has a number, in any format that has its country's code.
    ///
    /// # Errors
    /// Where the text is no such number.
    pub fn number(text: &str) -> Result<Self, NoNumber> {
        let address = Address::parse(text, None).map_err(|_| NoNumber)?;
        let whole = address.e164().ok_or(NoNumber)?;
        let national = address.national().ok_or(NoNumber)?;
        let number = Number {
            whole: whole.trim_start_matches('+').as_bytes().to_vec(),
            national: national.into_bytes(),
        };
        Ok(Self {
            number: Some(number),
            install: None,
        })
    }

    /// Whoever has an installation.
    #[must_use]
    pub fn install(install: AddOnInstallSid) -> Self {
        Self {
            number: None,
            install: Some(install),
        }
    }

    /// Whether it is their installation.
    #[must_use]
    pub fn installed(&self, install: Option<AddOnInstallSid>) -> bool {
        install.is_some() && install == self.install
    }

    /// Whether it is a number that they are known by.
    #[must_use]
    pub fn has_number(&self) -> bool {
        self.number.is_some()
    }

    /// Whether bytes hold their number.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.search().is_some_and(|mut search| search.finds(bytes))
    }

    /// A search for their number, where there is one to search for.
    #[must_use]
    pub fn search(&self) -> Option<Search<'_>> {
        let number = self.number.as_ref()?;
        let digits = VecDeque::with_capacity(number.whole.len());
        Some(Search { number, digits })
    }
}

/// A search for a number in what comes in pieces, wherever it lies across them.
pub struct Search<'a> {
    number: &'a Number,
    digits: VecDeque<u8>,
}

impl Search<'_> {
    /// Whether the number ends in the next piece. In doubt it does: that a longer number
    /// has its digits by chance is rarer than that somebody writes it in his own way.
    pub fn finds(&mut self, piece: &[u8]) -> bool {
        piece.iter().any(|byte| self.ends_with(*byte))
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        if !byte.is_ascii_digit() {
            if !SEPARATORS.contains(&byte) {
                self.digits.clear();
            }
            return false;
        }
        if self.digits.len() == self.number.whole.len() {
            self.digits.pop_front();
        }
        self.digits.push_back(byte);
        let is = |wanted: &[u8]| {
            let skipped = self.digits.len().checked_sub(wanted.len());
            skipped.is_some_and(|skipped| self.digits.iter().skip(skipped).eq(wanted))
        };
        is(&self.number.national) || is(&self.number.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose() -> Whose {
        Whose::number("+1 212 555 0123").unwrap()
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in [
            "+12125550123",
            "12125550123",
            "0012125550123",
            r#"{"to":"(212) 555-0123"}"#,
            "212.555.0123",
            "a 1-212-555-0123 b",
            "%2B12125550123",
            "99 2125550123 99",
            "21255501230x",
        ] {
            assert!(whose().is_in(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "5550123",
            "212,5550123",
            r#"{"a":212,"b":5550123}"#,
            "+12125550124",
        ] {
            assert!(!whose().is_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_number_is_found_wherever_the_pieces_end() {
        let whose = whose();
        let text = b"xx+1 (212) 555-0123 yy";
        for at in 0..text.len() {
            let mut search = whose.search().unwrap();
            let (one, other) = text.split_at(at);
            assert!(search.finds(one) || search.finds(other), "{at}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "0123", "2125550123", "sip:a@example.com", "+1", "hello"] {
            assert!(Whose::number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_installation_is_told_from_another_and_from_none() {
        let sid = |digit: char| {
            let digits = digit.to_string().repeat(32);
            format!("XD{digits}").parse::<AddOnInstallSid>().unwrap()
        };
        let whose = Whose::install(sid('1'));
        assert!(whose.installed(Some(sid('1'))));
        assert!(!whose.installed(Some(sid('2'))));
        assert!(!whose.installed(None));
        assert!(!whose.is_in(b"12125550123"));
    }
}
