//! Why a recording cannot be heard.

use super::header::{LONGEST_FORMAT, LONGEST_HEADER, SHORTEST_FORMAT};

/// Why a recording cannot be heard. Each has a code of its own in what Twilio gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WavError {
    #[error("the recording is empty")]
    Missing,
    #[error("the recording is not a WAV file")]
    NotWav,
    #[error("the WAV file ends before what its header announces")]
    Truncated,
    #[error("the WAV file has no audio")]
    NoAudio,
    #[error("the WAV file's audio does not begin within {LONGEST_HEADER} bytes")]
    LongHeader,
    #[error("the WAV file's audio comes before its format")]
    FormatMissing,
    #[error("the WAV file's format has {0} bytes: expected {SHORTEST_FORMAT} to {LONGEST_FORMAT}")]
    FormatLength(u32),
    #[error("the WAV file says that a sample of all channels has {said} bytes, and it has {has}")]
    Width { said: u16, has: u16 },
    #[error("the WAV file's audio is no whole number of samples")]
    Fraction,
    #[error(
        "the WAV file's format is {tag} with {bits} bits: expected PCM with 8 or 16, or mu-law"
    )]
    Encoding { tag: u16, bits: u16 },
    #[error("the WAV file has {0} channels: expected 1 or 2")]
    Channels(u16),
    #[error("the WAV file has {0} samples a second: expected 4000 to 192000")]
    Rate(u32),
}

impl WavError {
    /// The refusal's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing => "audio_missing",
            Self::NotWav => "audio_not_wav",
            Self::Truncated => "audio_truncated",
            Self::NoAudio => "audio_empty",
            Self::LongHeader => "audio_header_too_long",
            Self::FormatMissing | Self::FormatLength(_) | Self::Width { .. } | Self::Fraction => {
                "audio_malformed"
            }
            Self::Encoding { .. } | Self::Channels(_) | Self::Rate(_) => "audio_unsupported",
        }
    }
}
