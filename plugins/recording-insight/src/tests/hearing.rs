//! What is told of whole recordings, as the host gets it.

use jackfield_sdk::{Recording, RefusalKind, analyze};
use serde_json::{Value, json};

use super::File;
use super::sounds::{both, key, noise, silence, sine, then, vowel};
use crate::RecordingInsight;

const SECOND: usize = 8_000;

/// What is told of a file.
fn told(file: &[u8]) -> Value {
    let analyzed = analyze::<RecordingInsight>(&Recording::wav(0), file).unwrap();
    serde_json::from_str(&analyzed.json).unwrap()
}

/// The segments of a channel, without what is the same in all.
fn segments(told: &Value, channel: u16) -> Vec<(String, u64, u64)> {
    let all = told["segments"].as_array().unwrap().iter();
    let its = all.filter(|it| it["channel"] == channel);
    its.map(|it| {
        let name = it["digit"].as_str().or(it["sound"].as_str());
        let time = |name: &str| it[name].as_u64().unwrap();
        (name.unwrap().to_owned(), time("from_ms"), time("to_ms"))
    })
    .collect()
}

fn segment(name: &str, from: u64, to: u64) -> (String, u64, u64) {
    (name.to_owned(), from, to)
}

fn talk(samples: usize) -> Vec<f32> {
    vowel(samples, 8_000, 130.0, -20.0)
}

#[test]
fn a_conversation_is_told_by_its_channels() {
    let caller = then(&[
        silence(SECOND),
        talk(2 * SECOND),
        silence(3 * SECOND),
        talk(SECOND),
        silence(SECOND),
    ]);
    let agent = then(&[silence(3 * SECOND), talk(SECOND), silence(4 * SECOND)]);
    let told = told(&File::mu_law(8_000, &[&caller, &agent]).bytes());
    assert_eq!(told["duration_ms"], 8_000);
    assert_eq!(
        told["format"],
        json!({"encoding": "mu-law", "channels": 2, "sample_rate": 8_000})
    );
    assert_eq!(told["segments_complete"], true);
    assert_eq!(
        segments(&told, 1),
        [
            segment("silence", 0, 1_000),
            segment("speech", 1_000, 3_000),
            segment("silence", 3_000, 6_000),
            segment("speech", 6_000, 7_000),
            segment("silence", 7_000, 8_000),
        ]
    );
    assert_eq!(
        segments(&told, 2),
        [
            segment("silence", 0, 3_000),
            segment("speech", 3_000, 4_000),
            segment("silence", 4_000, 8_000),
        ]
    );
    let [caller, agent] = [&told["channels"][0], &told["channels"][1]];
    assert_eq!(
        (&caller["channel"], &agent["channel"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(
        (&caller["talk_ratio"], &agent["talk_ratio"]),
        (&json!(0.375), &json!(0.125))
    );
    assert_eq!(
        (&caller["share_of_talk"], &agent["share_of_talk"]),
        (&json!(0.75), &json!(0.25))
    );
    assert_eq!(
        (&caller["speech_ms"], &caller["silence_ms"]),
        (&json!(3_000), &json!(5_000))
    );
    assert_eq!(caller["longest_silence_ms"], 3_000);
    assert_eq!(caller["speech_segments"], 2);
}

#[test]
fn talk_is_heard_in_a_noisy_line_as_well() {
    let line = then(&[silence(2 * SECOND), talk(2 * SECOND), silence(2 * SECOND)]);
    let noisy = both(&line, &noise(line.len(), -48.0, 5));
    let told = told(&File::pcm16(8_000, &[&noisy]).bytes());
    let [first, talk, last] = &segments(&told, 1)[..] else {
        panic!("{told}");
    };
    assert_eq!(
        (&first.0[..], &talk.0[..], &last.0[..]),
        ("silence", "speech", "silence")
    );
    assert!(
        talk.1.abs_diff(2_000) <= 40 && talk.2.abs_diff(4_000) <= 40,
        "{talk:?}"
    );
}

#[test]
fn keys_are_told_and_are_no_talk() {
    let pin = "4711#".chars();
    let pin = pin.map(|it| then(&[key(960, 8_000, it, -16.0), silence(1_440)]));
    let pin = pin.collect::<Vec<_>>().concat();
    let line = then(&[talk(SECOND), silence(SECOND), pin, talk(SECOND)]);
    for file in [
        File::pcm8(8_000, &[&line]),
        File::pcm16(8_000, &[&line]),
        File::mu_law(8_000, &[&line]),
    ] {
        let told = told(&file.bytes());
        let channel = &told["channels"][0];
        assert_eq!(channel["digits"], "4711#");
        assert_eq!(channel["digits_left_out"], 0);
        let speech = channel["speech_ms"].as_u64().unwrap();
        assert!(speech.abs_diff(2_000) <= 20, "{told}");
        let segments = segments(&told, 1).into_iter();
        let digits: Vec<_> = segments.filter(|it| it.0.len() == 1).collect();
        assert_eq!(digits.len(), 5, "{told}");
        for ((_, from, to), expected) in digits.into_iter().zip((2_000..).step_by(300)) {
            assert!(from.abs_diff(expected) <= 20, "{from} {expected}");
            assert!(to.abs_diff(expected + 120) <= 20, "{to} {expected}");
        }
    }
}

#[test]
fn levels_are_those_of_the_sound() {
    // A sine wave of full size is 3.01 dB below a square wave, and by ITU-R BS.1770 as
    // loud as that says.
    let full = sine(5 * 48_000, 48_000, 997.0, -3.02);
    let half = sine(5 * 48_000, 48_000, 997.0, -23.0);
    let told = told(&File::pcm16(48_000, &[&full, &half]).bytes());
    let [full, half] = [&told["channels"][0], &told["channels"][1]];
    assert_eq!(
        (&full["rms_dbfs"], &half["rms_dbfs"]),
        (&json!(-3.0), &json!(-23.0))
    );
    assert_eq!(
        (&full["peak_dbfs"], &half["peak_dbfs"]),
        (&json!(0.0), &json!(-20.0))
    );
    assert_eq!(
        (&full["loudness_lufs"], &half["loudness_lufs"]),
        (&json!(-3.0), &json!(-23.0))
    );
}

#[test]
fn silence_has_no_level_and_nobody_a_share_of_no_talk() {
    let told = told(&File::pcm16(8_000, &[&silence(SECOND)]).bytes());
    assert_eq!(segments(&told, 1), [segment("silence", 0, 1_000)]);
    assert_eq!(
        told["channels"][0],
        json!({
            "channel": 1, "loudness_lufs": null, "rms_dbfs": null, "peak_dbfs": null,
            "speech_ms": 0, "silence_ms": 1_000, "longest_silence_ms": 1_000,
            "speech_segments": 0, "talk_ratio": 0.0, "share_of_talk": null,
            "digits": "", "digits_left_out": 0,
        })
    );
}

#[test]
fn one_sample_is_a_recording() {
    let told = told(&File::pcm16(8_000, &[&[0.5]]).bytes());
    assert_eq!(told["duration_ms"], 0);
    assert_eq!(told["channels"][0]["peak_dbfs"], -6.0);
}

#[test]
fn a_minute_that_has_begun_is_billed() {
    for (seconds, units) in [(1, "1"), (60, "1"), (61, "2")] {
        let file = File::pcm8(4_000, &[&silence(seconds * 4_000)]).bytes();
        let analyzed = analyze::<RecordingInsight>(&Recording::wav(0), &file).unwrap();
        let facts = [("billable-units".to_owned(), units.to_owned())];
        assert_eq!(analyzed.reported.facts(), facts);
    }
}

#[test]
fn what_cannot_be_heard_is_refused_with_a_reason() {
    let whole = File::pcm16(8_000, &[&talk(SECOND)]);
    let bytes = whole.bytes();
    let unlike = |alter: fn(&mut File)| {
        let mut file = whole.clone();
        alter(&mut file);
        file.bytes()
    };
    for (file, code, message) in [
        (vec![], "audio_missing", "the recording is empty"),
        (
            b"<html>no</html>".to_vec(),
            "audio_not_wav",
            "the recording is not a WAV file",
        ),
        (
            bytes[..9_000].to_vec(),
            "audio_truncated",
            "the WAV file ends before what its header announces",
        ),
        (
            unlike(|it| it.said = Some(0)),
            "audio_empty",
            "the WAV file has no audio",
        ),
        (
            unlike(|it| it.between = vec![(*b"LIST", vec![0; 2 << 20])]),
            "audio_header_too_long",
            "the WAV file's audio does not begin within 1048576 bytes",
        ),
        (
            unlike(|it| it.width = 3),
            "audio_malformed",
            "the WAV file says that a sample of all channels has 3 bytes, and it has 2",
        ),
        (
            unlike(|it| it.tag = 0x55),
            "audio_unsupported",
            "the WAV file's format is 85 with 16 bits: expected PCM with 8 or 16, or mu-law",
        ),
    ] {
        let refusal = analyze::<RecordingInsight>(&Recording::wav(0), &file).unwrap_err();
        assert_eq!((&refusal.code[..], &refusal.message[..]), (code, message));
        assert!(matches!(refusal.kind, RefusalKind::CallerError));
    }
}

#[test]
fn the_readme_tells_the_truth() {
    let tone = |frequency| sine(SECOND, 8_000, frequency, -15.26);
    let caller = then(&[tone(220.0), tone(220.0), silence(SECOND)]);
    let agent = then(&[silence(2 * SECOND), both(&tone(770.0), &tone(1_336.0))]);
    let readme = include_str!("../../README.md");
    let example = readme.split("```json").nth(1).unwrap();
    let example: Value = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
    assert_eq!(
        told(&File::pcm16(8_000, &[&caller, &agent]).bytes()),
        example
    );
}
