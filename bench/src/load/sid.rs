//! A request SID for every request, so that none is taken for a repetition.

use std::sync::atomic::{AtomicU64, Ordering};

/// The characters of a SID.
pub(super) const LENGTH: usize = 34;

/// What stands for the SID in a request that is not sent yet.
pub(super) const PLACE: &str = "MR00000000000000000000000000000000";

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The number of the next request of this process.
pub(super) fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Writes a number over the last sixteen digits of a SID.
pub(super) fn write(place: &mut [u8], number: u64) {
    let digits = number.to_be_bytes();
    let digits = digits.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let start = place.len().saturating_sub(16);
    for (place, digit) in place[start..].iter_mut().zip(digits) {
        *place = DIGITS[usize::from(digit)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_into_a_sid_of_the_right_length() {
        assert_eq!(PLACE.len(), LENGTH);
        let mut sid = PLACE.as_bytes().to_vec();
        write(&mut sid, 0x00c0_ffee);
        assert_eq!(sid, b"MR00000000000000000000000000c0ffee");
        write(&mut sid, u64::MAX);
        assert_eq!(sid, b"MR0000000000000000ffffffffffffffff");
        write(&mut sid, 1);
        assert_eq!(sid, b"MR00000000000000000000000000000001");
    }

    #[test]
    fn no_two_numbers_are_the_same() {
        assert!(next() < next());
    }
}
