//! Reads a recording to its end, and works on it for as many `rounds` as it is asked to:
//! hashes of 64 KiB each, a fraction of a millisecond. It reports which attempt it was and
//! how much time it had, so that two runs for one recording bring different reports.

use std::io::Read;

use jackfield_sdk::{Analyst, AudioReader, Recording, Refusal, ReportWriter, Reported};
use serde::Serialize;
use sha2::{Digest, Sha256};

const ROUND: usize = 64 * 1024;

struct Toil;

#[derive(Serialize)]
struct Work {
    attempt: u32,
    deadline_ms: u64,
    bytes: u64,
    sha256: String,
}

impl Analyst for Toil {
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal> {
        let (mut piece, mut bytes, mut hash) = (vec![0; ROUND], 0, Sha256::new());
        while let Ok(length @ 1..) = audio.read(&mut piece) {
            hash.update(&piece[..length]);
            bytes += length as u64;
        }
        for _ in 0..rounds(recording) {
            hash.update(&piece);
        }
        let sha256 = hash.finalize();
        let work = Work {
            attempt: recording.attempt,
            deadline_ms: recording.deadline_ms,
            bytes,
            sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        Ok(report.json(work)?)
    }
}

jackfield_sdk::analyst!(Toil);

fn rounds(recording: &Recording) -> u32 {
    let rounds = recording.fields.iter().find(|(name, _)| name == "rounds");
    rounds
        .and_then(|(_, rounds)| rounds.parse().ok())
        .unwrap_or(0)
}
