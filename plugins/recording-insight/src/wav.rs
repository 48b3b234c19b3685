//! A WAV file as a stream: its format, and then its samples, a frame at a time.
//!
//! A file that does not hold what it announces is refused as a whole: a figure about half
//! of a call would look like one about all of it.

mod error;
mod format;
mod header;
mod mu_law;

use std::io::{self, Read};

pub(crate) use error::WavError;
pub(crate) use format::Format;

use crate::wav::header::Header;

/// Frames in a second. One is long enough for two periods of the lowest voice.
const FRAMES_PER_SECOND: u32 = 50;

/// What one channel's samples are measured in: between −1 and 1.
pub(crate) type Samples = Vec<f32>;

/// A file whose header has been read.
pub(crate) struct Wav<R> {
    format: Format,
    /// The bytes of audio that are still announced; all there are, where it is not said.
    left: Option<u64>,
    audio: R,
    begun: bool,
    bytes: Vec<u8>,
}

/// Up to twenty milliseconds, of one or two channels that are equally long.
pub(crate) struct Frame {
    channels: Vec<Samples>,
}

impl Frame {
    /// The samples of each channel.
    pub(crate) fn channels(&self) -> &[Samples] {
        &self.channels
    }
}

impl<R: Read> Wav<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// Where what is read is no WAV file, or one that is not understood.
    pub(crate) fn open(mut audio: R) -> Result<Self, WavError> {
        let Header { format, length } = Header::read(&mut audio)?;
        Ok(Self {
            format,
            left: length,
            audio,
            begun: false,
            bytes: Vec::new(),
        })
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The next samples, if there are any.
    ///
    /// # Errors
    /// Where the file ends before its audio does.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Frame>, WavError> {
        let width = u64::from(self.format.width());
        let whole = u64::from(self.format.rate / FRAMES_PER_SECOND) * width;
        let wanted = self.left.map_or(whole, |left| left.min(whole));
        self.bytes.clear();
        let piece = self.audio.by_ref().take(wanted);
        let read = read_to_end(piece, &mut self.bytes)? as u64;
        let is_short = match &mut self.left {
            None => !read.is_multiple_of(width),
            Some(left) => {
                *left -= read;
                read < wanted
            }
        };
        match (is_short, read) {
            (true, _) => Err(WavError::Truncated),
            (false, 0) if !self.begun => Err(WavError::NoAudio),
            (false, 0) => Ok(None),
            (false, _) => {
                self.begun = true;
                Ok(Some(self.frame()))
            }
        }
    }

    fn frame(&self) -> Frame {
        let (encoding, channels) = (self.format.encoding, usize::from(self.format.channels));
        let size = usize::from(encoding.bytes());
        let of_channel = |channel: usize| {
            let samples = self.bytes.chunks_exact(size).skip(channel);
            samples
                .step_by(channels)
                .map(|sample| encoding.decode(sample))
                .collect()
        };
        Frame {
            channels: (0..channels).map(of_channel).collect(),
        }
    }
}

/// The host ends a call whose audio it cannot read, so what fails here is only ever a test.
fn read_to_end(mut from: impl Read, into: &mut Vec<u8>) -> Result<usize, WavError> {
    let read = from.read_to_end(into);
    read.map_err(|_: io::Error| WavError::Truncated)
}

#[cfg(test)]
mod tests;
