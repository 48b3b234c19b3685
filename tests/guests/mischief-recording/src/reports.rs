//! Reports that no host should pass on as they are, and some that it should.

use jackfield_sdk::contract::analysis::jackfield::addon::recording_media::Report;

use crate::Facts;

const PIECE: usize = 64 * 1024;

/// Writes the report of that name, if it is one.
pub(crate) fn report(act: &str, report: &Report) -> Option<Facts> {
    match act {
        // None of the recording is read.
        "reads-nothing" => report.write(b"{\"read\":0}"),
        "byte-by-byte" => br#"{"a":"\u00e9","b":[1,2]}"#
            .chunks(1)
            .for_each(|byte| report.write(byte)),
        "cut-character" => cut_character(report),
        "nothing" => {}
        "empty-pieces" => (0..100).for_each(|_| report.write(b"")),
        "plain-text" => report.write(b"hello"),
        "array" => report.write(b"[{}]"),
        "two-objects" => report.write(b"{}{}"),
        "object-then-text" => {
            report.write(b"{}");
            report.write(b" and more");
        }
        "unfinished" => report.write(b"{\"a\":[1,2"),
        "no-utf8" => report.write(b"{\"a\":\"\xff\xfe\"}"),
        "lone-surrogate" => report.write(br#"{"a":"\ud800"}"#),
        "huge-exponent" => report.write(br#"{"a":1e999999999}"#),
        "deep" => report.write(format!("{{\"a\":{}", "[".repeat(64)).as_bytes()),
        "deepest-allowed" => {
            let nested = format!("{{\"a\":{}{}}}", "[".repeat(63), "]".repeat(63));
            report.write(nested.as_bytes());
        }
        "deep-without-end" => (0..).for_each(|_| report.write(b"{\"a\":")),
        "text-without-end" => without_end(report, b"{\"a\":\"", &[b'x'; PIECE]),
        "number-without-end" => without_end(report, b"{\"a\":1", &[b'0'; PIECE]),
        "spaces-without-end" => without_end(report, b"{}", &[b' '; PIECE]),
        "too-large-a-piece" => report.write(&vec![b' '; PIECE + 1]),
        "far-too-large-a-piece" => report.write(&vec![b' '; 64 * PIECE]),
        "many-facts" => return with(report, vec![(String::new(), String::new()); 100_000]),
        "huge-fact" => {
            let fact = "x".repeat(1024 * 1024);
            return with(report, vec![("data-as-of".to_owned(), fact)]);
        }
        _ => return None,
    }
    Some(Facts::new())
}

fn cut_character(report: &Report) {
    report.write(b"{\"a\":\"\xc3");
    report.write(b"\xa9\"}");
}

fn without_end(report: &Report, begin: &[u8], piece: &[u8]) {
    report.write(begin);
    loop {
        report.write(piece);
    }
}

fn with(report: &Report, facts: Facts) -> Option<Facts> {
    report.write(b"{}");
    Some(facts)
}
