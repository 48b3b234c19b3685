//! What comes before a WAV file's samples.

use std::io::{self, Read};

use super::{Format, WavError};

/// The most that may come before the audio, in bytes: a file may have pictures in it, but
/// nobody has to read on for ever.
pub(super) const LONGEST_HEADER: u64 = 1024 * 1024;
/// The least that describes a format, in bytes.
pub(super) const SHORTEST_FORMAT: u32 = 16;
/// The most that is read of a description. The longest that is defined has 40 bytes.
pub(super) const LONGEST_FORMAT: u32 = 1024;
/// The length that is written where it is not known: by what cannot go back in its output.
const UNKNOWN: u32 = u32::MAX;

/// What comes before the samples.
pub(super) struct Header {
    pub(super) format: Format,
    /// The audio's bytes, where that is said.
    pub(super) length: Option<u64>,
}

/// The head of one of the parts that a file consists of.
struct Chunk {
    name: [u8; 4],
    length: u32,
}

impl Header {
    /// Reads up to the first sample.
    ///
    /// # Errors
    /// Where there is none that can be understood.
    pub(super) fn read(audio: &mut impl Read) -> Result<Self, WavError> {
        begin(audio)?;
        let mut audio = audio.take(LONGEST_HEADER);
        let mut format = None;
        loop {
            let chunk = Chunk::read(&mut audio)?;
            match &chunk.name {
                b"data" => {
                    let format = format.ok_or(WavError::FormatMissing)?;
                    let length = length(chunk.length, format)?;
                    return Ok(Self { format, length });
                }
                b"fmt " => format = Some(chunk.format(&mut audio)?),
                _ => chunk.skip(&mut audio)?,
            }
        }
    }
}

/// What every WAV file begins with. Of the length between its two names, those who write
/// while they record know nothing.
fn begin(audio: &mut impl Read) -> Result<(), WavError> {
    let mut read = Vec::new();
    super::read_to_end(audio.take(12), &mut read)?;
    let is = |at: usize, name: &[u8; 4]| {
        let there = read.get(at..).unwrap_or_default();
        let length = there.len().min(name.len());
        there[..length] == name[..length]
    };
    match (read.len(), is(0, b"RIFF") && is(8, b"WAVE")) {
        (0, _) => Err(WavError::Missing),
        (_, false) => Err(WavError::NotWav),
        (12, true) => Ok(()),
        (_, true) => Err(WavError::Truncated),
    }
}

fn length(said: u32, format: Format) -> Result<Option<u64>, WavError> {
    match said {
        0 => Err(WavError::NoAudio),
        UNKNOWN => Ok(None),
        length if !length.is_multiple_of(u32::from(format.width())) => Err(WavError::Fraction),
        length => Ok(Some(u64::from(length))),
    }
}

impl Chunk {
    fn read(audio: &mut io::Take<impl Read>) -> Result<Self, WavError> {
        let mut head = [0; 8];
        fill(audio, &mut head)?;
        let [name @ .., a, b, c, d] = head;
        Ok(Self {
            name,
            length: u32::from_le_bytes([a, b, c, d]),
        })
    }

    fn format(&self, audio: &mut io::Take<impl Read>) -> Result<Format, WavError> {
        if !(SHORTEST_FORMAT..=LONGEST_FORMAT).contains(&self.length) {
            return Err(WavError::FormatLength(self.length));
        }
        let mut content = vec![0; self.length as usize];
        fill(audio, &mut content)?;
        self.pad(audio)?;
        Format::parse(&content)
    }

    fn skip(&self, audio: &mut io::Take<impl Read>) -> Result<(), WavError> {
        let length = u64::from(self.length);
        if length > audio.limit() {
            return Err(WavError::LongHeader);
        }
        let skipped = io::copy(&mut audio.by_ref().take(length), &mut io::sink());
        match skipped.is_ok_and(|skipped| skipped == length) {
            true => self.pad(audio),
            false => Err(WavError::Truncated),
        }
    }

    /// A chunk of an odd length has one byte more.
    fn pad(&self, audio: &mut io::Take<impl Read>) -> Result<(), WavError> {
        let odd = self.length % 2;
        fill(audio, &mut [0][..odd as usize])
    }
}

/// Reads as much as there is room for.
fn fill(audio: &mut io::Take<impl Read>, into: &mut [u8]) -> Result<(), WavError> {
    if into.len() as u64 > audio.limit() {
        return Err(WavError::LongHeader);
    }
    let filled = audio.read_exact(into);
    filled.map_err(|_| WavError::Truncated)
}
