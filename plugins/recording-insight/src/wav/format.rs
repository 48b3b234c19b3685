//! What a WAV file's samples are.

use super::WavError;
use super::mu_law;

/// The tags that formats have.
const PCM: u16 = 1;
const MU_LAW: u16 = 7;
/// The tag of a format that has its tag further behind.
const EXTENSIBLE: u16 = 0xfffe;

/// The fewest samples in a second that the keys' highest tone can be heard in, and the most
/// that anybody records with.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// A byte without a sign.
    Pcm8,
    /// Two bytes with one, the lower first.
    Pcm16,
    /// A byte by G.711, as telephone networks of North America and Japan have it.
    MuLaw,
}

/// What a WAV file's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) encoding: Encoding,
    /// One or two.
    pub(crate) channels: u16,
    /// Samples in a second of one channel.
    pub(crate) rate: u32,
}

impl Encoding {
    fn of(tag: u16, bits: u16) -> Result<Self, WavError> {
        match (tag, bits) {
            (PCM, 8) => Ok(Self::Pcm8),
            (PCM, 16) => Ok(Self::Pcm16),
            (MU_LAW, 8) => Ok(Self::MuLaw),
            _ => Err(WavError::Encoding { tag, bits }),
        }
    }

    /// The bytes of a sample.
    pub(crate) fn bytes(self) -> u16 {
        match self {
            Self::Pcm8 | Self::MuLaw => 1,
            Self::Pcm16 => 2,
        }
    }

    /// Its name in a report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pcm8 => "pcm8",
            Self::Pcm16 => "pcm16",
            Self::MuLaw => "mu-law",
        }
    }

    /// A sample between −1 and 1, of as many bytes as it has.
    pub(crate) fn decode(self, sample: &[u8]) -> f32 {
        match (self, sample) {
            (Self::Pcm8, &[byte]) => (f32::from(byte) - 128.0) / 128.0,
            (Self::Pcm16, &[low, high]) => f32::from(i16::from_le_bytes([low, high])) / 32_768.0,
            (Self::MuLaw, &[byte]) => mu_law::decode(byte),
            _ => 0.0,
        }
    }
}

impl Format {
    /// Reads the content of a chunk that describes the format, which is long enough.
    ///
    /// # Errors
    /// Where it is not understood, or contradicts itself.
    pub(super) fn parse(chunk: &[u8]) -> Result<Self, WavError> {
        let u16_at = |at: usize| match chunk.get(at..at + 2) {
            Some(&[low, high]) => Ok(u16::from_le_bytes([low, high])),
            _ => Err(WavError::FormatLength(chunk.len() as u32)),
        };
        let rate = u32::from(u16_at(4)?) | u32::from(u16_at(6)?) << 16;
        let (channels, width, bits) = (u16_at(2)?, u16_at(12)?, u16_at(14)?);
        let tag = match u16_at(0)? {
            EXTENSIBLE => u16_at(24)?,
            tag => tag,
        };
        let encoding = Encoding::of(tag, bits)?;
        if !(1..=2).contains(&channels) {
            return Err(WavError::Channels(channels));
        }
        if !RATES.contains(&rate) {
            return Err(WavError::Rate(rate));
        }
        let format = Self {
            encoding,
            channels,
            rate,
        };
        match format.width() == width {
            true => Ok(format),
            false => Err(WavError::Width {
                said: width,
                has: format.width(),
            }),
        }
    }

    /// The bytes of a sample of all channels.
    pub(crate) fn width(self) -> u16 {
        self.encoding.bytes() * self.channels
    }

    /// How long so many samples last, in whole milliseconds.
    pub(crate) fn milliseconds(self, samples: u64) -> u64 {
        samples.saturating_mul(1_000) / u64::from(self.rate)
    }
}
