//! The recording and the report as Rust's own streams: what is read and written in small
//! parts passes to and from the host in large ones.

use std::io::{self, BufRead, Read, Write};

use serde::Serialize;

use crate::{JsonError, Reported};

/// The most bytes that the contract lets pass at once.
const PIECE: usize = 64 * 1024;

/// Gives at most so many bytes, and none at the end.
type Source<'a> = Box<dyn FnMut(u32) -> Vec<u8> + 'a>;
/// Takes a piece.
type Sink<'a> = Box<dyn FnMut(&[u8]) + 'a>;

/// The recording's bytes, from the first to the last.
///
/// Reading never fails: where the host cannot read on, it ends the call.
pub struct AudioReader<'a> {
    source: Source<'a>,
    piece: Vec<u8>,
    at: usize,
}

impl<'a> AudioReader<'a> {
    /// Reads audio that is at hand, as in a unit test.
    #[must_use]
    pub fn of(audio: &'a [u8]) -> Self {
        let mut left = audio;
        Self::new(move |most| {
            let most = usize::try_from(most).unwrap_or(PIECE).min(left.len());
            let (piece, rest) = left.split_at(most);
            left = rest;
            piece.to_vec()
        })
    }

    fn new(source: impl FnMut(u32) -> Vec<u8> + 'a) -> Self {
        Self {
            source: Box::new(source),
            piece: Vec::new(),
            at: 0,
        }
    }
}

impl Read for AudioReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for AudioReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.piece.len() {
            // The last piece goes before the next one comes: there is never room for two.
            self.piece = Vec::new();
            self.piece = (self.source)(PIECE as u32);
            self.at = 0;
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, read: usize) {
        self.at = (self.at + read).min(self.piece.len());
    }
}

/// Where the report goes: one JSON object, in as many parts as it takes.
///
/// Writing never fails: where the host refuses the report, it ends the call.
pub struct ReportWriter<'a> {
    sink: Sink<'a>,
    pending: Vec<u8>,
}

impl<'a> ReportWriter<'a> {
    /// Hands every piece on, as a unit test may want it.
    pub fn new(sink: impl FnMut(&[u8]) + 'a) -> Self {
        Self {
            sink: Box::new(sink),
            pending: Vec::new(),
        }
    }

    /// Writes a value that serialises to a JSON object: a struct or a map. It is the whole
    /// report, and nothing may be written before or after it.
    ///
    /// # Errors
    ///
    /// Any other value, and one that fails to serialise. The error becomes a refusal with
    /// the code `answer_invalid` where `?` is used in an analysis.
    pub fn json(&mut self, value: impl Serialize) -> Result<Reported, JsonError> {
        let mut object = Object {
            report: self,
            begun: false,
            is_one: true,
        };
        let written = serde_json::to_writer(&mut object, &value);
        match (object.is_one, written) {
            (false, _) => Err(JsonError::NotAnObject),
            (true, Err(_)) => Err(JsonError::Unserialisable),
            (true, Ok(())) => Ok(Reported::default()),
        }
    }

    /// Hands on what is pending, once the report is complete.
    #[doc(hidden)]
    pub fn finish(&mut self) {
        if !self.pending.is_empty() {
            (self.sink)(&self.pending);
            self.pending.clear();
        }
    }
}

impl Write for ReportWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pending.len() == PIECE {
            self.finish();
        }
        let taken = bytes.len().min(PIECE - self.pending.len());
        self.pending.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: the report is handed on in whole pieces, and the last of it when the
    /// analysis returns.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a value is serialised to, if it begins like an object.
struct Object<'r, 'a> {
    report: &'r mut ReportWriter<'a>,
    begun: bool,
    is_one: bool,
}

impl Write for Object<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let (false, Some(first)) = (self.begun, bytes.first()) {
            self.begun = true;
            self.is_one = *first == b'{';
        }
        match self.is_one {
            true => self.report.write(bytes),
            false => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(target_family = "wasm")]
mod lent {
    use super::{AudioReader, ReportWriter};
    use crate::contract::analysis::jackfield::addon::recording_media::{Audio, Report};

    impl<'a> AudioReader<'a> {
        #[doc(hidden)]
        pub fn lent(audio: &'a Audio) -> Self {
            Self::new(|most| audio.read(most))
        }
    }

    impl<'a> ReportWriter<'a> {
        #[doc(hidden)]
        pub fn lent(report: &'a Report) -> Self {
            Self::new(|piece| report.write(piece))
        }
    }
}

#[cfg(test)]
mod tests;
