//! The limits of a call.

use std::time::{Duration, Instant};

use jackfield_tests::analyst::{Analyst, Audio, Report};

/// What a busy machine may add to a call's time.
const LATE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_report_is_as_long_as_it_may_be_and_not_a_byte_longer() {
    let limit = 300_000;
    let analyst = Analyst::guest("big-report").await;
    let analyst = analyst.limited(|limits| limits.reply = limit);
    for (length, word) in [(limit, "good"), (limit + 1, "unfit")] {
        for shape in ["text", "numbers", "rows"] {
            let fields = [("bytes", length.to_string()), ("shape", shape.to_owned())];
            let fields = fields
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            let report = Report::kept();
            let analyzed = analyst.analyze(&fields, Audio::of(b""), report).await;
            assert_eq!(analyzed.word(), word, "{shape} {:?}", analyzed.ended);
            assert!(analyzed.report.len() <= limit, "{}", analyzed.report.len());
            if word == "good" {
                assert_eq!(analyzed.report.len(), limit);
                assert!(analyzed.json().is_object());
            }
        }
    }
}

#[tokio::test]
async fn a_recording_that_is_larger_than_the_memory_is_read_and_not_kept() {
    let analyst = Analyst::guest("mischief-recording").await;
    let analyst = analyst.limited(|limits| {
        limits.memory = 4 << 20;
        limits.cpu = Duration::from_secs(30);
    });
    for (act, word) in [("read-as-much-as-there-is", "good"), ("hoard", "memory")] {
        let fields = [("act", act)];
        let analyzed = analyst
            .analyze(&fields, Audio::long(32 << 20), Report::kept())
            .await;
        assert_eq!(analyzed.word(), word, "{act} {:?}", analyzed.ended);
    }
}

#[tokio::test]
async fn a_recording_or_a_report_that_does_not_go_on_ends_with_the_calls_time() {
    let time = Duration::from_millis(200);
    let echo = Analyst::guest("echo-recording").await.patient(time);
    let audio = Audio::of(b"hello").then_nothing();
    let analyzed = echo.analyze(&[], audio, Report::kept()).await;
    assert_eq!((analyzed.word(), analyzed.is_ended), ("timeout", false));
    assert!(
        analyzed.took >= time && analyzed.took < time + LATE,
        "{:?}",
        analyzed.took
    );

    let big = Analyst::guest("big-report").await.patient(time);
    let big = big.limited(|limits| limits.reply = 1 << 20);
    let (fields, report) = ([("bytes", "1000000")], Report::stuck_after(200_000));
    let analyzed = big.analyze(&fields, Audio::of(b""), report).await;
    assert_eq!((analyzed.word(), analyzed.is_ended), ("timeout", false));
    assert!(
        analyzed.took >= time && analyzed.took < time + LATE,
        "{:?}",
        analyzed.took
    );
}

#[tokio::test]
async fn waiting_for_a_recording_costs_no_processor_time() {
    let analyst = Analyst::guest("echo-recording").await;
    let analyst = analyst.limited(|limits| limits.cpu = Duration::from_millis(100));
    let audio = Audio::hesitant(10, Duration::from_millis(50));
    let analyzed = analyst.analyze(&[], audio, Report::kept()).await;
    assert_eq!(analyzed.json()["audio"]["bytes"], 10);
    assert!(
        analyzed.took >= Duration::from_millis(500),
        "{:?}",
        analyzed.took
    );
}

#[tokio::test]
async fn reading_costs_processor_time_however_little_is_read() {
    let analyst = Analyst::guest("mischief-recording").await;
    let cpu = Duration::from_millis(200);
    let analyst = analyst.limited(|limits| limits.cpu = cpu);
    let started = Instant::now();
    let (fields, audio) = ([("act", "read-byte-by-byte")], Audio::long(1 << 40));
    let analyzed = analyst.analyze(&fields, audio, Report::kept()).await;
    assert_eq!(analyzed.word(), "cpu", "{:?}", analyzed.ended);
    assert!(started.elapsed() >= cpu, "{:?}", started.elapsed());
}
