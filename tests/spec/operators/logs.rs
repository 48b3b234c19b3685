//! Log lines for programs.

use std::io::{BufRead as _, BufReader};

use jackfield_tests::{NUMBER, TestHost, add_on_sid, request_sid};
use serde_json::Value;

use super::builder;

#[tokio::test]
async fn every_line_is_an_object_with_message_and_fields() {
    let host = builder("echo", "").arg("--log-format").arg("json").start();
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    lookup().request_sid(&request_sid(1)).send().await;
    lookup().unsigned().send().await;
    host.logs("\"not answered\"", 1).await;
    let log = host.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        let time: Result<jiff::Timestamp, _> = line["timestamp"].as_str().unwrap().parse();
        assert!(time.is_ok() && line["message"].is_string(), "{line}");
    }
    let of = |message: &str| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .unwrap()
    };
    let answered = of("answered");
    assert_eq!(answered["level"], "INFO");
    assert_eq!(answered["add_on"], "it");
    assert_eq!(answered["point"], "lookups");
    assert_eq!(answered["request"], request_sid(1));
    assert_eq!(
        (&answered["status"], &answered["code"]),
        (&200.into(), &"success".into())
    );
    assert!(answered["duration_ms"].as_f64().unwrap() > 0.0);
    let refused = of("not answered");
    assert_eq!(
        (&refused["level"], &refused["status"]),
        (&"WARN".into(), &403.into())
    );
}

#[tokio::test]
async fn the_environment_can_say_so_too() {
    let host = builder("echo", "")
        .env("JACKFIELD_LOG_FORMAT", "json")
        .start();
    let log = host.log();
    assert!(log.starts_with("{\"timestamp\":"), "{log}");
}

/// A host that has answered so many requests, one after the other.
async fn asked(times: u64) -> TestHost {
    let host = builder("echo", "").start();
    for number in 0..times {
        let lookup = host.twilio().lookup(&add_on_sid('a'), NUMBER);
        lookup.request_sid(&request_sid(number)).send().await;
    }
    host
}

/// The requests that were answered, in the order of their lines.
fn answered(log: &str) -> Vec<String> {
    let sid = |line: &str| Some(line.split_once("request=")?.1.get(..34)?.to_owned());
    let lines = log.lines().filter(|line| line.contains(" INFO answered "));
    lines.filter_map(sid).collect()
}

#[tokio::test]
async fn who_has_the_answer_of_a_command_finds_in_the_log_what_was_before() {
    let host = asked(100).await;
    let status = host.cli(&["status"]);
    let log = std::fs::read_to_string(host.path().join("log")).unwrap();
    assert!(status.status.success());
    assert!(
        answered(&log).into_iter().eq((0..100).map(request_sid)),
        "{log}"
    );
}

#[tokio::test]
async fn all_is_written_when_the_host_has_ended() {
    let mut host = asked(100).await;
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    let log = host.log();
    assert!(
        answered(&log).into_iter().eq((0..100).map(request_sid)),
        "{log}"
    );
}

/// Has standard error be a pipe that is open for reading and that nobody reads.
const UNREAD: &str = "mkfifo unread && exec \"$@\" 2<>unread";
/// Their lines are more than a pipe holds, 64 KiB.
const REQUESTS: u32 = 800;

#[tokio::test]
async fn a_log_that_nobody_reads_keeps_no_request_and_is_whole_once_somebody_does() {
    let under = ["sh", "-c", UNREAD, "sh"].map(str::to_owned).to_vec();
    let host = builder("echo", "").under(under).start();
    for number in 0..REQUESTS {
        let lookup = host.twilio().lookup(&add_on_sid('a'), NUMBER);
        let answer = lookup.request_sid(&request_sid(number.into())).send().await;
        assert_eq!(answer.status, 200);
    }
    let unread = std::fs::File::open(host.path().join("unread")).unwrap();
    let answered = BufReader::new(unread)
        .lines()
        .map(Result::unwrap)
        .filter(|line| line.contains("answered") && line.contains("status=200"));
    let requests: Vec<String> = answered.take(REQUESTS as usize).collect();
    for (number, line) in requests.iter().enumerate() {
        assert!(line.contains(&request_sid(number as u64)), "{line}");
    }
}
