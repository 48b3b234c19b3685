//! What Twilio calls a phone number.
//!
//! The bytes: a line with a country or nothing, and one with the address. It is kept as it
//! was sent, a number that is found in it is one by itself, and it never shows itself.

use jackfield::protocol::address::{Address, AddressError, AddressKind, LONGEST_ADDRESS};

use crate::case::Case;

/// The most digits that numbers have by the tables of all countries: more than E.164 has.
const LONGEST_NUMBER: usize = 3 + 17;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (region, sent) = (case.line().parse().ok(), case.line());
    match Address::parse(&sent, region) {
        Err(AddressError::TooLong) => assert!(sent.len() > LONGEST_ADDRESS),
        Err(AddressError::Empty) => assert!(sent.trim().is_empty()),
        Ok(address) => {
            let raw = address.raw();
            let restored = raw.strip_prefix('+').unwrap_or(raw);
            assert!(
                raw == sent.trim() || sent.strip_prefix(' ').map(str::trim_end) == Some(restored)
            );
            assert_eq!(Address::parse(raw, region).as_ref(), Ok(&address));
            number_is_one(&address);
            shows_itself_not(&address);
        }
    }
}

fn number_is_one(address: &Address) {
    let may_have_one = [AddressKind::E164, AddressKind::Channel].contains(&address.kind());
    let Some(number) = address.e164() else {
        assert!(address.kind() != AddressKind::E164);
        return;
    };
    assert!(may_have_one);
    let digits = number.strip_prefix('+').expect("a number begins with +");
    assert!(
        digits.len() <= LONGEST_NUMBER && digits.bytes().all(|digit| digit.is_ascii_digit()),
        "{number}"
    );
    assert_eq!(address.text(), number);
    assert!(!digits.starts_with('0'), "{number}");
    // What is dialled before a number within its country is dropped, where a number has it.
    // So what makes no sense may be another number by itself, but it is one, or withheld.
    let again = Address::parse(number, None).expect("it is an address");
    let is_one = [AddressKind::E164, AddressKind::Withheld].contains(&again.kind());
    assert!(is_one, "{number} is {}", again.kind());
}

fn shows_itself_not(address: &Address) {
    let shown = format!("{address:?}");
    assert_eq!(shown, format!("Address({}, [REDACTED])", address.kind()));
}
