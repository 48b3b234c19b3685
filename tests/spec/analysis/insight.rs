//! The example provider for recordings, as a component.

use std::time::Duration;

use jackfield_tests::analyst::{Analyst, Audio, Report};
use jackfield_tests::cargo_component;

/// A header of a WAV file in mu-law, of two channels, that says nothing of its length.
const HEADER: &[u8] = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x07\0\x02\0\x40\x1f\0\0\
    \x80\x3e\0\0\x02\0\x08\0data\xff\xff\xff\xff";

async fn insight() -> Analyst {
    limited(Analyst::plugin("recording_insight").await)
}

fn limited(analyst: Analyst) -> Analyst {
    analyst.limited(|limits| {
        limits.memory = 2 << 20;
        limits.reply = 1 << 20;
        limits.cpu = Duration::from_secs(50);
    })
}

#[tokio::test]
async fn three_hours_are_heard_in_two_mebibytes() {
    let analyst = insight().await;
    let audio = Audio::of(HEADER).then_long(3 * 3_600 * 16_000);
    let analyzed = analyst.analyze(&[], audio, Report::kept()).await;
    println!("{:.2?}", analyzed.took);
    let told = analyzed.json();
    assert_eq!(told["duration_ms"], 3 * 3_600_000);
    assert_eq!(told["segments_complete"], true);
    assert_eq!(told["channels"].as_array().unwrap().len(), 2);
    let facts = analyzed.ended.unwrap();
    assert_eq!(facts, [("billable-units".to_owned(), "180".to_owned())]);
}

#[tokio::test]
async fn what_is_no_recording_is_refused_and_nothing_is_told() {
    let analyst = insight().await;
    for audio in [&b""[..], b"ID3", &HEADER[..20], HEADER] {
        let analyzed = analyst.analyze(&[], Audio::of(audio), Report::kept()).await;
        assert_eq!((analyzed.word(), analyzed.is_ended), ("refused", false));
    }
}

#[tokio::test]
async fn what_cargo_component_builds_hears_the_same() {
    let audio = || Audio::of(HEADER).then_long(160_000);
    let ours = insight().await.analyze(&[], audio(), Report::kept()).await;
    for target in ["wasm32-wasip1", "wasm32-unknown-unknown"] {
        let component = std::fs::read(cargo_component(target, "recording_insight"));
        let theirs = limited(Analyst::of(&component.unwrap()).await);
        let theirs = theirs.analyze(&[], audio(), Report::kept()).await;
        assert_eq!(theirs.json(), ours.json(), "{target}");
    }
}
