//! What Twilio calls a phone number, and what it is: not always a number.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// The longest address that is looked at, in bytes. The longest real ones are SIP
/// addresses, of 255.
pub const LONGEST_ADDRESS: usize = 320;

/// The kinds of addresses that Twilio sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressKind {
    /// A number that is possible in its country.
    E164,
    /// 3 to 8 digits that one country's networks route.
    ShortCode,
    /// A sender's name, as in `ACME`.
    Alphanumeric,
    /// A SIP address.
    Sip,
    /// An address on another channel, as in `whatsapp:+15005550006`.
    Channel,
    /// The caller withheld the number.
    Withheld,
    /// None of these.
    Other,
}

impl AddressKind {
    /// Every kind, in the order in which the documents name them.
    pub const ALL: [Self; 7] = [
        Self::E164,
        Self::ShortCode,
        Self::Alphanumeric,
        Self::Sip,
        Self::Channel,
        Self::Withheld,
        Self::Other,
    ];

    /// The name that configuration and providers use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::E164 => "e164",
            Self::ShortCode => "short-code",
            Self::Alphanumeric => "alphanumeric",
            Self::Sip => "sip",
            Self::Channel => "channel",
            Self::Withheld => "withheld",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No kind has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `e164`, `short-code`, `alphanumeric`, `sip`, `channel`, `withheld` or `other`")]
pub struct UnknownKind;

impl FromStr for AddressKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(UnknownKind)
    }
}

/// A country, as in `US`, in which numbers without `+` are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultRegion(Region);

/// No numbering plan is known by this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a country's two capital letters, as in `US`")]
pub struct UnknownRegion;

impl FromStr for DefaultRegion {
    type Err = UnknownRegion;

    fn from_str(name: &str) -> Result<Self, UnknownRegion> {
        Region::from_str(name).map(Self).map_err(|_| UnknownRegion)
    }
}

/// Why there is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was sent, or nothing but spaces.
    #[error("the address is empty")]
    Empty,
    /// More than [`LONGEST_ADDRESS`].
    #[error("the address is longer than {LONGEST_ADDRESS} bytes")]
    TooLong,
}

/// One address. It has no way to be printed: it is personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    kind: AddressKind,
    e164: Option<String>,
    raw: String,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}, [REDACTED])", self.kind)
    }
}

impl Address {
    /// Finds out what a text is.
    ///
    /// # Errors
    /// Where it is empty or absurdly long.
    pub fn parse(sent: &str, region: Option<DefaultRegion>) -> Result<Self, AddressError> {
        if sent.len() > LONGEST_ADDRESS {
            return Err(AddressError::TooLong);
        }
        let text = restore_plus(sent);
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let (kind, e164) = classify(text, region);
        Ok(Self {
            kind,
            e164,
            raw: text.to_owned(),
        })
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> AddressKind {
        self.kind
    }

    /// The number in E.164 format, where there is one.
    #[must_use]
    pub fn e164(&self) -> Option<&str> {
        self.e164.as_deref()
    }

    /// The digits of the number within its country, where there is one.
    #[must_use]
    pub fn national(&self) -> Option<String> {
        let number = PHONE_NUMBER_UTIL.parse(self.e164()?, None).ok()?;
        Some(number.get_national_significant_number())
    }

    /// The address as it was sent, with the `+` that a careless sender left unescaped.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The number where there is one, else the address as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        self.e164().unwrap_or(&self.raw)
    }
}

/// Reads the tables of all countries, so that the first request need not.
pub fn warm_up() {
    let _ = Address::parse("+15005550006", None);
}

/// A `+` that was not escaped arrives as a space.
fn restore_plus(sent: &str) -> String {
    match sent.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("+{rest}"),
        _ => sent.to_owned(),
    }
}

fn classify(text: &str, region: Option<DefaultRegion>) -> (AddressKind, Option<String>) {
    if is_withheld(text) {
        return (AddressKind::Withheld, None);
    }
    if let Some((scheme, rest)) = split_scheme(text) {
        return match scheme.to_ascii_lowercase().as_str() {
            "sip" | "sips" => (AddressKind::Sip, None),
            "tel" => classify(rest, region),
            _ => (AddressKind::Channel, to_e164(rest, None)),
        };
    }
    if let Some(number) = to_e164(text, region) {
        return (AddressKind::E164, Some(number));
    }
    if (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return (AddressKind::ShortCode, None);
    }
    if is_alphanumeric_sender(text) {
        return (AddressKind::Alphanumeric, None);
    }
    (AddressKind::Other, None)
}

/// What Twilio sends for a caller who does not show a number: a word, or the number
/// that spells it on a keypad
/// (<https://www.twilio.com/docs/voice/twiml#request-parameters>).
fn is_withheld(text: &str) -> bool {
    const SPELLED: [&str; 6] = [
        "+266696687",   // ANONYMOUS
        "+7378742833",  // RESTRICTED
        "+2562533",     // BLOCKED
        "+8656696",     // UNKNOWN
        "+86282452253", // UNAVAILABLE
        "+464",         // no caller identity at all
    ];
    const WORDS: [&str; 7] = [
        "anonymous",
        "blocked",
        "private",
        "restricted",
        "unavailable",
        "unknown",
        "withheld",
    ];
    let bare = text
        .strip_prefix("sip:")
        .or_else(|| text.strip_prefix("sips:"))
        .map_or(text, |uri| uri.split('@').next().unwrap_or(uri));
    SPELLED.contains(&text) || WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// `scheme:rest`, where the scheme is a word.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let word = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    (word && !rest.is_empty()).then_some((scheme, rest))
}

/// Up to 11 letters, digits and a few signs, one of them a letter.
fn is_alphanumeric_sender(text: &str) -> bool {
    (1..=11).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" +-_&.".contains(&byte))
}

/// The number in E.164 format, if the text writes one and nothing else. Possible is
/// enough: what is valid changes with every new range, and tables age.
fn to_e164(text: &str, region: Option<DefaultRegion>) -> Option<String> {
    let punctuation = |c: char| " -().".contains(c);
    let written = text.strip_prefix('+').unwrap_or(text);
    let international = written.len() < text.len();
    if !written.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        || !written
            .chars()
            .all(|c| c.is_ascii_digit() || punctuation(c))
        || !(international || region.is_some())
    {
        return None;
    }
    let region = region.filter(|_| !international).map(|region| region.0);
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    PHONE_NUMBER_UTIL.is_possible_number(&number).then(|| {
        PHONE_NUMBER_UTIL
            .format(&number, PhoneNumberFormat::E164)
            .into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(sent: &str, region: Option<&str>) -> (AddressKind, Option<String>) {
        let region = region.map(|name| name.parse().unwrap());
        let address = Address::parse(sent, region).unwrap();
        (address.kind(), address.e164().map(str::to_owned))
    }

    #[test]
    fn an_address_is_recognised_by_its_looks() {
        use AddressKind::{Alphanumeric, Channel, E164, Other, ShortCode, Sip, Withheld};
        for (sent, kind, e164) in [
            ("+15005550006", E164, Some("+15005550006")),
            (" 15005550006", E164, Some("+15005550006")),
            ("+1 (500) 555-0006", E164, Some("+15005550006")),
            ("tel:+15005550006", E164, Some("+15005550006")),
            ("+442079460123", E164, Some("+442079460123")),
            ("+1500555", Other, None),
            ("+999123456789", Other, None),
            ("+", Other, None),
            ("+1500555000612345678", Other, None),
            ("+1-800-FLOWERS", Other, None),
            ("15005550006", Other, None),
            ("2125550123", Other, None),
            ("12345", ShortCode, None),
            ("123", ShortCode, None),
            ("12345678", ShortCode, None),
            ("12", Other, None),
            ("ACME", Alphanumeric, None),
            ("My Shop", Alphanumeric, None),
            ("A1", Alphanumeric, None),
            ("ANameOfTwelve", Other, None),
            ("sip:alice@example.com", Sip, None),
            ("SIPS:+15005550006@example.com", Sip, None),
            ("whatsapp:+15005550006", Channel, Some("+15005550006")),
            ("messenger:1234567890", Channel, None),
            ("client:alice", Channel, None),
            ("+266696687", Withheld, None),
            ("anonymous", Withheld, None),
            ("Restricted", Withheld, None),
            ("sip:anonymous@anonymous.invalid", Withheld, None),
            ("ünïcode", Other, None),
        ] {
            let expected = (kind, e164.map(str::to_owned));
            assert_eq!(parse(sent, None), expected, "{sent:?}");
        }
    }

    #[test]
    fn a_default_region_makes_national_numbers_readable() {
        use AddressKind::{E164, ShortCode};
        for (sent, region, kind, e164) in [
            ("(212) 555-0123", "US", E164, Some("+12125550123")),
            ("020 7946 0123", "GB", E164, Some("+442079460123")),
            ("+442079460123", "US", E164, Some("+442079460123")),
            ("12345", "US", ShortCode, None),
        ] {
            let expected = (kind, e164.map(str::to_owned));
            assert_eq!(parse(sent, Some(region)), expected, "{sent:?}");
        }
        assert_eq!("ZZZ".parse::<DefaultRegion>(), Err(UnknownRegion));
        assert_eq!("".parse::<DefaultRegion>(), Err(UnknownRegion));
    }

    #[test]
    fn an_empty_address_and_an_endless_one_are_refused() {
        for sent in ["", " ", "  \t "] {
            assert_eq!(Address::parse(sent, None), Err(AddressError::Empty));
        }
        let endless = "1".repeat(LONGEST_ADDRESS + 1);
        assert_eq!(Address::parse(&endless, None), Err(AddressError::TooLong));
    }

    #[test]
    fn an_address_never_prints_itself() {
        let address = Address::parse("+15005550006", None).unwrap();
        assert_eq!(format!("{address:?}"), "Address(e164, [REDACTED])");
    }

    proptest! {
        #[test]
        fn every_text_is_classified_without_a_panic(sent in ".{0,60}") {
            for region in [None, Some(DefaultRegion(Region::US))] {
                if let Ok(address) = Address::parse(&sent, region) {
                    prop_assert_eq!(
                        address.kind() == AddressKind::E164,
                        address.e164().is_some() && address.kind() != AddressKind::Channel
                    );
                }
            }
        }

        #[test]
        fn numbers_survive_punctuation(digits in "[2-9][0-9]{2}[2-9][0-9]{6}") {
            let plain = format!("+1{digits}");
            let written = format!("+1 ({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
            prop_assert_eq!(parse(&plain, None), parse(&written, None));
        }
    }
}
