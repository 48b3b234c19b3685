//! How long a WAV file lasts, told by its first bytes. It is all that the host needs to
//! know of audio: how much time its analysis may take.

use std::time::Duration;

/// The duration of a WAV file that begins so, and is `length` bytes long as a whole; none
/// where the beginning is not that of a WAV file with a constant rate.
#[must_use]
pub fn duration(head: &[u8], length: u64) -> Option<Duration> {
    let (riff, rest) = head.split_at_checked(12)?;
    let is_wav = matches!(&riff[..4], b"RIFF" | b"RF64") && &riff[8..] == b"WAVE";
    let (mut rest, mut at) = (is_wav.then_some(rest)?, 12_u64);
    let mut rate = None;
    loop {
        let (chunk, body) = rest.split_at_checked(8)?;
        let size = u32_at(chunk, 4)?;
        at += 8;
        match &chunk[..4] {
            b"fmt " => rate = u32_at(body, 8).filter(|rate| *rate > 0),
            b"data" => return of(data(size, length, at), rate?),
            _ => {}
        }
        // Chunks begin at even places.
        let skipped = u64::from(size) + u64::from(size % 2);
        at += skipped;
        rest = body.get(usize::try_from(skipped).ok()?..)?;
    }
}

/// The bytes of samples. A writer that did not know how many would follow leaves a size
/// that is larger than the file.
fn data(size: u32, length: u64, at: u64) -> u64 {
    u64::from(size).min(length.saturating_sub(at))
}

fn of(bytes: u64, rate: u32) -> Option<Duration> {
    let millis = bytes.checked_mul(1_000)? / u64::from(rate);
    Some(Duration::from_millis(millis)).filter(|duration| !duration.is_zero())
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file's beginning: chunks before the samples, and what its header says of them.
    fn wav(rate: u32, before: &[(&[u8; 4], &[u8])], size: u32) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0".to_vec();
        file.extend_from_slice(&rate.to_le_bytes());
        file.extend_from_slice(&[2, 0, 16, 0]);
        for (name, body) in before {
            file.extend_from_slice(*name);
            file.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
            file.extend_from_slice(body);
            file.extend(std::iter::repeat_n(0, body.len() % 2));
        }
        file.extend_from_slice(b"data");
        file.extend_from_slice(&size.to_le_bytes());
        file
    }

    #[test]
    fn the_header_tells_the_duration() {
        let plain = wav(16_000, &[], 32_000);
        let length = plain.len() as u64 + 32_000;
        assert_eq!(duration(&plain, length), Some(Duration::from_secs(2)));
        let odd = wav(16_000, &[(b"LIST", b"abc")], 32_000);
        assert_eq!(duration(&odd, 1_000_000), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_size_that_was_never_filled_in_is_the_files_own() {
        let open = wav(16_000, &[], u32::MAX);
        let length = open.len() as u64 + 48_000;
        assert_eq!(duration(&open, length), Some(Duration::from_secs(3)));
    }

    #[test]
    fn what_is_no_wav_or_is_cut_off_has_no_duration() {
        let whole = wav(16_000, &[], 32_000);
        for cut in 0..whole.len() {
            assert_eq!(duration(&whole[..cut], 1_000_000), None, "{cut}");
        }
        for file in [wav(0, &[], 32_000), wav(16_000, &[], 0), b"ID3".to_vec()] {
            assert_eq!(duration(&file, 1_000_000), None);
        }
        let hidden = [b"RIFF\0\0\0\0WAVELIST".as_slice(), &[0xff; 4], &[0; 64]].concat();
        assert_eq!(duration(&hidden, 1_000_000), None);
    }

    proptest! {
        #[test]
        fn no_beginning_brings_a_panic(
            head in proptest::collection::vec(any::<u8>(), 0..200),
            length in any::<u64>(),
        ) {
            let _ = duration(&head, length);
            let file = [b"RIFF\0\0\0\0WAVE".as_slice(), &head].concat();
            let _ = duration(&file, length);
        }
    }
}
