//! What can be heard in a recording, and when: who talks how much, how loud it is, which
//! keys are pressed, where nobody says a word.
//!
//! The recording is heard once, twenty milliseconds at a time, and what is found is
//! written as soon as it is over. Nothing that is kept grows with the recording.

mod call;
mod channel;
mod decibels;
mod keypad;
mod level;
mod report;
mod segments;
#[cfg(test)]
mod tests;
mod voice;
mod wav;

use std::io::{self, Read, Write};

use jackfield_sdk::{Analyst, AudioReader, Recording, Refusal, ReportWriter, Reported};

use crate::call::Call;
use crate::report::Report;
use crate::wav::{Wav, WavError};

/// The provider.
#[derive(Debug)]
pub struct RecordingInsight;

impl Analyst for RecordingInsight {
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal> {
        let duration_ms = listen(audio, report, recording.report_limit)?;
        let minutes = duration_ms.div_ceil(60_000);
        Ok(Reported::new().billable_units(u32::try_from(minutes).unwrap_or(u32::MAX)))
    }
}

jackfield_sdk::analyst!(RecordingInsight);

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum Deaf {
    #[error(transparent)]
    Wav(#[from] WavError),
    #[error("the report could not be written")]
    Report(#[from] io::Error),
}

impl From<Deaf> for Refusal {
    fn from(error: Deaf) -> Self {
        match &error {
            Deaf::Wav(wav) => Self::caller_error(wav.code(), error.to_string()),
            Deaf::Report(_) => Self::retry("report_unwritten", error.to_string()),
        }
    }
}

/// Hears a recording to its end, and reports in at most `limit` bytes, unless it is less
/// than what has to be said of any. Returns the duration in milliseconds.
fn listen(audio: impl Read, report: impl Write, limit: u64) -> Result<u64, Deaf> {
    let mut wav = Wav::open(audio)?;
    let format = wav.format();
    let mut report = Report::begin(report, format, limit)?;
    let mut call = Call::new(format);
    while let Some(frame) = wav.next_frame()? {
        call.hear(&frame, &mut report)?;
    }
    let heard = call.finish(&mut report)?;
    report.end(&heard)?;
    Ok(heard.duration_ms)
}
