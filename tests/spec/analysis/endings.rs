//! How a call ends, by what the provider does: with a report that is whole, or without one.

use std::time::Duration;

use insta::assert_snapshot;
use jackfield::sandbox::{CallError, RefusalKind};
use jackfield_tests::analyst::{Analyst, Analyzed, Audio, Report};

/// What comes of each act of `mischief-recording`.
const ACTS: &[(&str, &str)] = &[
    ("reads-nothing", "good"),
    ("byte-by-byte", "good"),
    ("cut-character", "good"),
    ("deepest-allowed", "good"),
    ("read-byte-by-byte", "good"),
    ("read-as-much-as-there-is", "good"),
    ("hoard", "good"),
    ("nothing", "unfit"),
    ("empty-pieces", "unfit"),
    ("plain-text", "unfit"),
    ("array", "unfit"),
    ("two-objects", "unfit"),
    ("object-then-text", "unfit"),
    ("unfinished", "unfit"),
    ("no-utf8", "unfit"),
    ("lone-surrogate", "unfit"),
    ("huge-exponent", "unfit"),
    ("deep", "unfit"),
    ("deep-without-end", "unfit"),
    ("text-without-end", "unfit"),
    ("number-without-end", "unfit"),
    ("spaces-without-end", "unfit"),
    ("too-large-a-piece", "trap"),
    ("far-too-large-a-piece", "trap"),
    ("many-facts", "reply"),
    ("huge-fact", "reply"),
    ("refuse-caller-error", "refused"),
    ("refuse-no-result", "refused"),
    ("refuse-retry", "refused"),
    ("refuse-late", "refused"),
    ("long-refusal", "reply"),
    ("loop", "cpu"),
    ("loop-after-reading", "cpu"),
    ("read-nothing-without-end", "cpu"),
    ("read-the-end-without-end", "cpu"),
    ("write-nothing-without-end", "cpu"),
    ("grow", "memory"),
    ("panic", "trap"),
    ("abort", "trap"),
    ("no such act", "trap"),
];

async fn mischief() -> Analyst {
    let analyst = Analyst::guest("mischief-recording").await;
    analyst.limited(|limits| {
        limits.cpu = Duration::from_millis(300);
        limits.memory = 8 << 20;
        limits.reply = 1 << 20;
    })
}

#[tokio::test]
async fn every_act_ends_its_own_call_and_no_other() {
    let analyst = mischief().await;
    let mut wrong = Vec::new();
    for (act, expected) in ACTS {
        let Analyzed { is_ended, .. } = &analyst.act(act).await;
        let analyzed = analyst.act(act).await;
        let word = analyzed.word();
        println!("{act:28} {:9.1?} {word}", analyzed.took);
        // Only what is whole is ended: whoever keeps it knows by that.
        let is_good = *expected == "good";
        if word != *expected || *is_ended != is_good || analyzed.is_ended != is_good {
            wrong.push(format!("{act}: {:?}", analyzed.ended));
        }
        if is_good {
            assert!(analyzed.json().is_object());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_report_arrives_to_the_letter() {
    let analyst = mischief().await;
    for (act, report) in [
        ("reads-nothing", r#"{"read":0}"#),
        ("byte-by-byte", r#"{"a":"\u00e9","b":[1,2]}"#),
        ("cut-character", r#"{"a":"é"}"#),
    ] {
        let analyzed = analyst.act(act).await;
        assert_eq!(String::from_utf8(analyzed.report).unwrap(), report);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_report_is_said_exactly() {
    let analyst = mischief().await;
    let mut said = String::new();
    for act in [
        "nothing",
        "array",
        "two-objects",
        "no-utf8",
        "deep",
        "spaces-without-end",
    ] {
        let error = analyst.act(act).await.ended.unwrap_err();
        said.push_str(&format!("{act}: {error}\n"));
    }
    assert_snapshot!(said, @r"
    nothing: the provider's reply is not a JSON object
    array: the provider's reply is not a JSON object
    two-objects: the provider's reply is not valid JSON, or nested more than 64 deep
    no-utf8: the provider's reply is not valid JSON, or nested more than 64 deep
    deep: the provider's reply is not valid JSON, or nested more than 64 deep
    spaces-without-end: the provider's reply is longer than 1048576 bytes
    ");
}

#[tokio::test]
async fn a_refusal_says_why_and_whether_to_try_again() {
    let analyst = mischief().await;
    for (act, kind, code) in [
        (
            "refuse-caller-error",
            RefusalKind::CallerError,
            "audio_unsupported",
        ),
        ("refuse-no-result", RefusalKind::NoResult, "nobody_speaks"),
        ("refuse-retry", RefusalKind::Retry, "busy"),
        ("refuse-late", RefusalKind::NoResult, "changed_its_mind"),
    ] {
        match analyst.act(act).await.ended {
            Err(CallError::Refused(refusal)) => {
                assert_eq!((refusal.kind, refusal.code.as_str()), (kind, code));
            }
            ended => panic!("{act}: {ended:?}"),
        }
    }
}

#[tokio::test]
async fn a_recording_that_cannot_be_read_on_is_not_the_providers_fault() {
    let analyst = Analyst::guest("echo-recording").await;
    for length in [0, 1, 100_000] {
        let audio = Audio::of(&vec![0; length]).then_broken();
        let analyzed = analyst.analyze(&[], audio, Report::kept()).await;
        assert_eq!((analyzed.word(), analyzed.is_ended), ("unread", false));
    }
    // A provider that does not read it has no trouble with it.
    let analyst = mischief().await;
    let audio = Audio::of(b"").then_broken();
    let fields = [("act", "reads-nothing")];
    let analyzed = analyst.analyze(&fields, audio, Report::kept()).await;
    assert_eq!(analyzed.word(), "good");
}

#[tokio::test]
async fn a_report_that_cannot_be_kept_is_not_the_providers_fault() {
    let analyst = Analyst::guest("big-report").await;
    let analyst = analyst.limited(|limits| limits.reply = 1 << 20);
    for room in [0, 99_999, 999_999] {
        let fields = [("bytes", "1000000")];
        let report = Report::full_after(room);
        let analyzed = analyst.analyze(&fields, Audio::of(b""), report).await;
        assert_eq!(
            (analyzed.word(), analyzed.is_ended),
            ("unkept", false),
            "{room}"
        );
    }
}
