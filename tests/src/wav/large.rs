//! A recording of any size, made while it is read.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{Samples, header};
use crate::twilio::hex;

/// How much of it is made at a time, in bytes.
const PART: u64 = 64 * 1024;
/// The samples of one second, each two bytes.
const RATE: u32 = 8_000;

/// A mono recording of noise, with the head of a WAV file. The same seed makes the same
/// bytes; nobody ever holds more than 64 KiB of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Large {
    seed: u64,
    length: u64,
}

impl Large {
    /// One of so many bytes, its head of 44 included.
    ///
    /// # Panics
    /// Where that is no even number of bytes from 44 to 4 GiB: no such file can be written.
    #[must_use]
    pub fn new(seed: u64, length: u64) -> Self {
        assert!(length >= 44 && length.is_multiple_of(2), "{length} bytes");
        assert!(u32::try_from(length).is_ok(), "{length} bytes");
        Self { seed, length }
    }

    /// Its bytes.
    #[must_use]
    pub fn length(self) -> u64 {
        self.length
    }

    /// How long it lasts, in milliseconds.
    #[must_use]
    pub fn millis(self) -> u64 {
        (self.length - 44) * 1_000 / (2 * u64::from(RATE))
    }

    /// All of it, part by part.
    pub fn parts(self) -> impl Iterator<Item = Bytes> + Send {
        let samples = self.length - 44;
        let length = u32::try_from(samples).expect("it was looked at");
        let head = Bytes::from(header(Samples::Pcm16, RATE, 1, length));
        let mut noise = fastrand::Rng::with_seed(self.seed);
        let lengths =
            (0..samples.div_ceil(PART)).map(move |part| (samples - part * PART).min(PART));
        let parts = lengths.map(move |length| {
            let mut part = vec![0; usize::try_from(length).expect("64 KiB at most")];
            noise.fill(&mut part);
            Bytes::from(part)
        });
        std::iter::once(head).chain(parts)
    }

    /// The SHA-256 of all of it, in hexadecimal digits.
    #[must_use]
    pub fn hash(self) -> String {
        let mut hash = Sha256::new();
        self.parts().for_each(|part| hash.update(&part));
        hex(&hash.finalize())
    }
}
