//! What a provider is told of a recording.

use std::sync::Arc;

use insta::assert_json_snapshot;
use jackfield::sandbox::RecordingFacts;
use jackfield_tests::analyst::{Analyst, Audio, Report};
use jackfield_tests::body_hash;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_provider_gets_what_is_known_and_the_whole_recording() {
    let analyst = Analyst::guest("echo-recording").await;
    let analyst = analyst.limited(|limits| limits.reply = 4_096);
    let audio: Vec<u8> = (0..300_001_u32).map(|at| (at % 251) as u8).collect();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let facts = RecordingFacts {
        media_type: Some("audio/x-wav".to_owned()),
        duration_ms: Some(61_000),
        size: Some(300_001),
        channels: Some(2),
        sample_rate: Some(8_000),
        attempt: 3,
        fields: vec![field("a", "1"), field("label", "é"), field("a", "")],
        ..analyst.facts()
    };
    let analyzed = analyst.call(facts, Audio::of(&audio), Report::kept()).await;
    let mut told = analyzed.json();
    let left = told["deadline_ms"].take().as_u64().unwrap();
    assert!((50_000..=60_000).contains(&left), "{left}");
    assert_eq!(told["audio"]["sha256"].take(), body_hash(&audio));
    assert_json_snapshot!(told, @r#"
    {
      "integration_point": "recordings",
      "media_type": "audio/x-wav",
      "duration_ms": 61000,
      "size": 300001,
      "channels": 2,
      "sample_rate": 8000,
      "sids": {
        "account": "AC05b3911315a1322d1dede66eed740000",
        "add_on": "XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "add_on_version": null,
        "add_on_install": null,
        "add_on_configuration": null,
        "request": "XR00000000000000000000000000000001"
      },
      "attempt": 3,
      "deadline_ms": null,
      "report_limit": 4096,
      "fields": [
        [
          "a",
          "1"
        ],
        [
          "label",
          "é"
        ],
        [
          "a",
          ""
        ]
      ],
      "audio": {
        "bytes": 300001,
        "sha256": null
      },
      "label": "é"
    }
    "#);
    let facts = analyzed.ended.unwrap();
    assert_eq!(facts, [field("billable-units", "1")]);
}

#[tokio::test]
async fn what_is_not_known_is_not_there() {
    let analyst = Analyst::guest("echo-recording").await;
    let analyzed = analyst.analyze(&[], Audio::of(b""), Report::kept()).await;
    let told = analyzed.json();
    for fact in [
        "media_type",
        "duration_ms",
        "size",
        "channels",
        "sample_rate",
        "label",
    ] {
        assert!(told[fact].is_null(), "{told}");
    }
    assert_eq!(told["audio"]["bytes"], 0);
    assert_eq!(told["audio"]["sha256"], body_hash(b""));
}

#[tokio::test]
async fn many_at_once_get_each_its_own() {
    let analyst = Arc::new(Analyst::guest("echo-recording").await);
    let mut calls = JoinSet::new();
    for number in 0..12_u8 {
        let analyst = Arc::clone(&analyst);
        let audio = vec![number; 200_000 + usize::from(number)];
        calls.spawn(async move {
            let label = number.to_string();
            let (from, to) = (Audio::of(&audio), Report::kept());
            let told = analyst.analyze(&[("label", &label)], from, to).await.json();
            assert_eq!(told["label"], label);
            assert_eq!(told["audio"]["bytes"], audio.len());
            assert_eq!(told["audio"]["sha256"], body_hash(&audio));
        });
    }
    calls.join_all().await;
}
