//! Streams of pieces, read and written in parts of every size.

use std::collections::BTreeMap;
use std::io::{BufRead, Read, Write};

use proptest::prelude::*;

use super::*;
use crate::{Analyst, Recording, Refusal, analyze};

#[test]
fn audio_is_read_to_its_end_and_no_further() {
    let audio: Vec<u8> = (0..PIECE * 2 + 7).map(|at| (at % 251) as u8).collect();
    let mut reader = AudioReader::of(&audio);
    let mut first = [0; 3];
    reader.read_exact(&mut first).unwrap();
    assert_eq!(first, [0, 1, 2]);
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert!(rest == audio[3..]);
    assert!(reader.fill_buf().unwrap().is_empty());
    assert_eq!(reader.read(&mut first).unwrap(), 0);
}

#[test]
fn a_report_leaves_in_whole_pieces() {
    let mut pieces = Vec::new();
    let mut report = ReportWriter::new(|piece| pieces.push(piece.len()));
    for _ in 0..3 {
        report.write_all(&[b'x'; PIECE / 2 + 1]).unwrap();
    }
    report.write_all(&[b'x'; PIECE * 2]).unwrap();
    report.flush().unwrap();
    report.finish();
    report.finish();
    drop(report);
    assert_eq!(pieces, [PIECE, PIECE, PIECE, PIECE / 2 + 3]);
}

struct Count;

impl Analyst for Count {
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal> {
        let bytes = io::copy(audio, &mut io::sink()).unwrap_or(0);
        match recording.fields.first().map(|(name, _)| name.as_str()) {
            None => Ok(report.json(BTreeMap::from([("bytes", bytes)]))?),
            Some("number") => Ok(report.json(bytes)?),
            Some("keys") => Ok(report.json(BTreeMap::from([((1, 2), bytes)]))?),
            Some(_) => Err(Refusal::no_result("nothing", "there is nothing")),
        }
    }
}

crate::analyst!(Count);

#[test]
fn a_test_calls_an_analyst_as_the_host_does() {
    let called = |recording| analyze::<Count>(&recording, &[0; 100_000]);
    let analyzed = called(Recording::unknown()).unwrap();
    assert_eq!(analyzed.json, r#"{"bytes":100000}"#);
    assert!(analyzed.reported.facts().is_empty());
    for (field, code, message) in [
        (
            "number",
            "answer_invalid",
            "the provider's answer is not a JSON object",
        ),
        (
            "keys",
            "answer_invalid",
            "the provider's answer cannot be written as JSON",
        ),
        ("refuse", "nothing", "there is nothing"),
    ] {
        let refusal = called(Recording::unknown().field(field, "")).unwrap_err();
        assert_eq!(
            (refusal.code.as_str(), refusal.message.as_str()),
            (code, message)
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_in_any_parts_arrives_whole(
        parts in proptest::collection::vec(0..PIECE * 2, 0..6),
    ) {
        let mut arrived = Vec::new();
        let mut expected = Vec::new();
        let mut report = ReportWriter::new(|piece| {
            assert!((1..=PIECE).contains(&piece.len()));
            arrived.extend_from_slice(piece);
        });
        for (at, part) in parts.into_iter().enumerate() {
            let part = vec![at as u8; part];
            report.write_all(&part).unwrap();
            expected.extend(part);
        }
        report.finish();
        drop(report);
        prop_assert!(arrived == expected);
    }
}
