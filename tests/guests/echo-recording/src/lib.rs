//! Reports what it was given, field by field under the contract's names, and the length
//! and the SHA-256 of the audio, so that a test sees what reached the guest. The field
//! `label` comes back as `label`, to tell one call from another.

use std::io::{BufRead, Read};

use jackfield_sdk::{Analyst, AudioReader, Recording, Refusal, ReportWriter, Reported, Sids};
use serde::Serialize;
use sha2::{Digest, Sha256};

struct Echo;

impl Analyst for Echo {
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal> {
        let view = RecordingView::new(recording, AudioView::read(audio));
        Ok(report.json(view)?.billable_units(1))
    }
}

jackfield_sdk::analyst!(Echo);

#[derive(Serialize)]
struct RecordingView<'a> {
    integration_point: &'a str,
    media_type: Option<&'a str>,
    duration_ms: Option<u64>,
    size: Option<u64>,
    channels: Option<u32>,
    sample_rate: Option<u32>,
    sids: SidsView<'a>,
    attempt: u32,
    deadline_ms: u64,
    report_limit: u64,
    fields: &'a [(String, String)],
    audio: AudioView,
    label: Option<&'a str>,
}

#[derive(Serialize)]
struct SidsView<'a> {
    account: &'a str,
    add_on: &'a str,
    add_on_version: Option<&'a str>,
    add_on_install: Option<&'a str>,
    add_on_configuration: Option<&'a str>,
    request: Option<&'a str>,
}

#[derive(Serialize)]
struct AudioView {
    bytes: u64,
    sha256: String,
}

impl AudioView {
    fn read(audio: &mut AudioReader<'_>) -> Self {
        let (mut bytes, mut hash) = (0, Sha256::new());
        while let Ok(piece @ [_, ..]) = audio.fill_buf() {
            let length = piece.len();
            hash.update(piece);
            bytes += length as u64;
            audio.consume(length);
        }
        assert_eq!(
            audio.read(&mut [0]).ok(),
            Some(0),
            "after the end is the end"
        );
        let hash = hash.finalize();
        let sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes, sha256 }
    }
}

impl<'a> RecordingView<'a> {
    fn new(recording: &'a Recording, audio: AudioView) -> Self {
        let label = recording.fields.iter().find(|(name, _)| name == "label");
        Self {
            integration_point: &recording.integration_point,
            media_type: recording.media_type.as_deref(),
            duration_ms: recording.duration_ms,
            size: recording.size,
            channels: recording.channels,
            sample_rate: recording.sample_rate,
            sids: SidsView::from(&recording.sids),
            attempt: recording.attempt,
            deadline_ms: recording.deadline_ms,
            report_limit: recording.report_limit,
            fields: &recording.fields,
            audio,
            label: label.map(|(_, label)| label.as_str()),
        }
    }
}

impl<'a> From<&'a Sids> for SidsView<'a> {
    fn from(sids: &'a Sids) -> Self {
        Self {
            account: &sids.account,
            add_on: &sids.add_on,
            add_on_version: sids.add_on_version.as_deref(),
            add_on_install: sids.add_on_install.as_deref(),
            add_on_configuration: sids.add_on_configuration.as_deref(),
            request: sids.request.as_deref(),
        }
    }
}
