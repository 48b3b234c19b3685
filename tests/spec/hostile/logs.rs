//! What hostile guests write: it is bounded, on lines of its own, and tells nothing of
//! the request.

use insta::assert_snapshot;
use jackfield_tests::TestHost;
use jackfield_tests::hostile::{CPU, MESSAGE, TIMEOUT, attack, attacks, besieged};

/// The log of a host whose guest attacked it so many times.
async fn log_of(name: &str, times: usize) -> String {
    let attack = attack(name);
    let host: TestHost = besieged(&[attack], TIMEOUT, CPU).start();
    host.keep_secret(MESSAGE);
    for _ in 0..times {
        let _ = attack.request(&host.twilio()).send().await;
    }
    host.log()
}

/// The guest's lines, without the time.
fn said(log: &str) -> String {
    let lines = log
        .lines()
        .filter_map(|line| line.split_once(" INFO wrote "));
    lines.map(|(_, rest)| rest).collect::<Vec<_>>().join("\n")
}

/// Whether a line begins as the host's own do: with a moment and a level.
fn is_the_hosts(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let moment = words.next().unwrap_or_default();
    let level = words.next().unwrap_or_default();
    moment.len() == 27
        && moment.ends_with('Z')
        && !line.starts_with("2026-01-31")
        && ["ERROR", "WARN", "INFO"].contains(&level)
}

#[tokio::test]
async fn a_guests_lines_are_logged_each_on_its_own() {
    assert_snapshot!(said(&log_of("few-lines", 1).await), @r#"
    add_on="meddler" line="the first line"
    add_on="meddler" line="the second line"
    add_on="meddler" line="and a third without an end"
    "#);
}

#[tokio::test]
async fn a_forged_line_stays_inside_the_guests_own() {
    assert_snapshot!(said(&log_of("forged-lines", 1).await), @r#"
    add_on="meddler" line="…T00:00:…Z  INFO answered add_on=\"echo\" status=200 …=1"
    add_on="meddler" line="one\r…T00:00:00Z ERROR …=2"
    add_on="meddler" line="\u{1b}[2K\u{1b}[1G\u{1b}[31mERROR\u{1b}[0m …=3"
    add_on="meddler" line="\u{8}\u{8}\u{8}\u{8}back \u{7f} …=4"
    add_on="meddler" line="\u{202e}right to left\u{2028}…=5\u{85}…=6\0"
    add_on="meddler" line="{\"level\":\"ERROR\",\"…\":\"7\"}\" …=\"8"
    add_on="meddler" line="+…"
    add_on="meddler" line="…=9"
    "#);
}

#[tokio::test]
async fn what_is_no_text_is_logged_as_text() {
    assert_snapshot!(said(&log_of("no-utf8-lines", 1).await), @r#"
    add_on="meddler" line="before ������� after"
    add_on="meddler" line="📞"
    "#);
}

#[tokio::test]
async fn numbers_and_messages_are_masked_in_every_spelling() {
    assert_snapshot!(said(&log_of("tell-all", 1).await), @r#"
    add_on="meddler" line="number +…"
    add_on="meddler" line="raw Address { kind: \"e164\", e164: Some(\"+…\"), raw: \"+…\" }"
    add_on="meddler" line="body … … … …, … …"
    add_on="meddler" line="debug \"… … … …, … …\""
    add_on="meddler" line="+…"
    "#);
}

#[tokio::test]
async fn a_panic_that_tells_all_is_masked_as_well() {
    assert_snapshot!(said(&log_of("panic-aloud", 1).await), @r#"
    add_on="meddler" line="panicked at meddler/src/lines.rs:73:5:"
    add_on="meddler" line="+… wrote Some(\"… … … …, … …\")"
    "#);
}

#[tokio::test]
async fn one_call_writes_so_many_lines_and_no_more() {
    let log = log_of("flood-of-lines", 1).await;
    let said = said(&log);
    assert_eq!(said.lines().count(), 16 + 1, "{log}");
    assert!(said.contains("more than is logged"), "{log}");
}

#[tokio::test]
async fn one_line_is_so_long_and_no_longer() {
    let log = log_of("endless-line", 1).await;
    let longest = log.lines().map(str::len).max();
    assert!(
        longest.is_some_and(|longest| longest < 4 * 1024 + 200),
        "{log}"
    );
}

#[tokio::test]
async fn one_add_on_writes_so_many_lines_a_second_and_no_more() {
    let log = log_of("flood-of-lines", 20).await;
    let lines = log.lines().filter(|line| line.contains(" line=")).count();
    // 20 calls of at least 25 ms could say 320 lines; a second's worth is 100, and
    // another tenth of that comes back in every tenth of a second.
    assert!((16..=250).contains(&lines), "{lines} lines:\n{log}");
}

/// The longest line: 4 KiB of a guest's, some of them escaped, and what the host adds.
const LONGEST_LINE: usize = 10 * 1024;

#[tokio::test]
async fn no_attack_adds_a_line_or_a_control_character_to_the_log() {
    let attacks = attacks();
    let host = besieged(&attacks, TIMEOUT, CPU).start();
    host.keep_secret(MESSAGE);
    for attack in &attacks {
        let _ = attack.request(&host.twilio()).send().await;
    }
    for line in host.log().lines() {
        assert!(is_the_hosts(line), "{line:?}");
        assert!(line.len() <= LONGEST_LINE, "{line:?}");
        let odd = |c: char| c.is_control() || "\u{202e}\u{2028}\u{2029}".contains(c);
        assert!(!line.contains(odd), "{line:?}");
    }
}
