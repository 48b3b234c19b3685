//! A hundred megabytes in, and a hundred out: piece by piece.

use std::time::Duration;

use jackfield_tests::analyst::{Analyst, Audio, Report};

/// The most that passes at once, in bytes.
const PIECE: usize = 64 * 1024;
const LENGTH: u64 = 100_000_000;

#[tokio::test]
async fn a_hundred_megabytes_pass_either_way_in_two_of_memory() {
    let analyst = Analyst::guest("big-report").await;
    let analyst = analyst.limited(|limits| {
        limits.memory = 2 << 20;
        limits.reply = 100_000_000;
        limits.cpu = Duration::from_secs(50);
    });
    for shape in ["text", "numbers", "rows"] {
        let report = Report::beginning(64);
        let arrived = report.shared();
        let fields = [("mb", "100"), ("shape", shape)];
        let analyzed = analyst.analyze(&fields, Audio::long(LENGTH), report).await;
        println!("{shape:8} {:.2?}", analyzed.took);
        assert!(analyzed.is_ended, "{:?}", analyzed.ended);
        assert_eq!(arrived.length(), LENGTH);
        assert!(arrived.largest() <= PIECE, "{}", arrived.largest());
        let begin = String::from_utf8(analyzed.report).unwrap();
        assert!(begin.starts_with(r#"{"read":100000000,"it":"#), "{begin}");
    }
}
