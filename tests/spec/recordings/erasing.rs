//! Erasing somebody: nothing is left of him in any file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use jackfield_tests::recording::{Recording, Shape};
use jackfield_tests::wav::Wav;
use jackfield_tests::{Gate, NUMBER, Postgres, Receiver, Reply, TestHost, request_sid};

use super::{CALLBACK, accepted, builder, recording};

const INSTALL: &str = "XD0123456789abcdef0123456789abcdef";
const OTHER_INSTALL: &str = "XDfedcba9876543210fedcba9876543210";
const OTHER_NUMBER: &str = "+12125550199";
/// 32 bytes.
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The provider is told of the number, and reports it.
const GRANTS: &str = "grants = { fields = [\"caller\"] }";

/// A recording of whom the number and the installation are, in its very audio.
fn of(host: &TestHost, receiver: &Receiver, number: &str, install: &str) -> Recording {
    let audio = [Wav::tone(100).bytes(), number.as_bytes().to_vec()].concat();
    let sent = recording(host, receiver).bytes(audio).install(install);
    sent.field("caller", number).field("Duration", "150")
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let entries = entries.map(|entry| entry.unwrap());
    entries
        .flat_map(|entry| match entry.file_type().unwrap() {
            kind if kind.is_dir() => files(&entry.path()),
            kind if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}

/// The files of a host's that hold a text.
fn holding(host: &TestHost, text: &str) -> Vec<PathBuf> {
    let mut files = files(&host.path().join(".jackfield"));
    files.push(host.path().join("log"));
    files.retain(|file| {
        let bytes = fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|it| it == text.as_bytes())
    });
    files
}

/// Fills every store: a dead letter, one that waits for its audio, and one that is done,
/// of each of two people.
async fn filled(host: &TestHost, receiver: &Receiver, gate: &Gate) {
    receiver.on("/dead", [Reply::status(500)]);
    receiver.on("/audio", [Reply::status(200).behind(gate)]);
    let people = [(NUMBER, INSTALL), (OTHER_NUMBER, OTHER_INSTALL)];
    for (place, (number, install)) in people.into_iter().enumerate() {
        let place = 10 * place as u64;
        let sent = |count| {
            let sent = of(host, receiver, number, install);
            sent.request_sid(&request_sid(place + count))
        };
        accepted(sent(1)).await;
        accepted(sent(2).callback(&receiver.url("/dead"))).await;
        let waiting = sent(3).shape(Shape::Form).at(&receiver.url("/audio"));
        accepted(waiting.field("Duration", "600000")).await;
    }
    receiver.answered(CALLBACK, 2).await;
    let filled = async || {
        let jobs = host.jobs().await;
        let count = |state: &str| jobs.iter().filter(|job| job.state == state).count();
        (count("done"), count("dead"), count("accepted")) == (2, 2, 2)
    };
    host.until("every store is filled", filled).await;
}

fn erase(host: &TestHost, whom: [&str; 2]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = host.cli(&["erase", whom[0], whom[1]]);
    let said = [stdout, stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(status.success(), "{said}");
    said
}

/// Who is left, by installation.
async fn left(host: &TestHost, gate: &Gate) -> usize {
    let left = host.jobs().await.len();
    gate.open();
    host.at_rest().await;
    left
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_number_in_any_file() {
    let (receiver, gate) = (Receiver::start(), Gate::shut());
    let host = builder("echo-recording", &receiver, GRANTS).start();
    host.keep_secret(NUMBER);
    filled(&host, &receiver, &gate).await;
    // It is what a file holds in plain text, in the first place.
    let digits = &NUMBER[1..];
    assert!(!holding(&host, digits).is_empty());
    erase(&host, ["--phone", NUMBER]);
    assert_eq!(holding(&host, digits), [] as [PathBuf; 0]);
    // Whoever is not meant is all there.
    assert!(!holding(&host, &OTHER_NUMBER[1..]).is_empty());
    let jobs = host.jobs().await;
    let others: Vec<_> = [11, 12, 13].map(request_sid).into_iter().collect();
    let requests: Vec<_> = jobs.iter().filter_map(|job| job.request.clone()).collect();
    assert!(others.iter().all(|it| requests.contains(it)), "{jobs:?}");
    // Of what is done nothing was said but by whom it was asked for.
    assert_eq!(left(&host, &gate).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_an_installation_in_any_file() {
    let (receiver, gate) = (Receiver::start(), Gate::shut());
    let host = builder("echo-recording", &receiver, GRANTS).start();
    filled(&host, &receiver, &gate).await;
    assert!(!holding(&host, INSTALL).is_empty());
    erase(&host, ["--install", INSTALL]);
    assert_eq!(holding(&host, INSTALL), [] as [PathBuf; 0]);
    assert_eq!(holding(&host, &NUMBER[1..]), [] as [PathBuf; 0]);
    assert!(!holding(&host, OTHER_INSTALL).is_empty());
    assert_eq!(left(&host, &gate).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_is_erased_as_well_and_no_file_ever_held_it() {
    let (receiver, gate) = (Receiver::start(), Gate::shut());
    let host = builder("echo-recording", &receiver, GRANTS)
        .jobs("seal = [{ env = \"SEAL\" }]")
        .env("SEAL", KEY)
        .start();
    host.keep_secret(KEY);
    filled(&host, &receiver, &gate).await;
    for text in [&NUMBER[1..], &OTHER_NUMBER[1..], "RIFF", "/audio", "/dead"] {
        assert_eq!(holding(&host, text), [] as [PathBuf; 0], "{text}");
    }
    let finished = || {
        let files = host.spooled();
        files.iter().filter(|name| !name.ends_with(".tmp")).count()
    };
    let before = finished();
    erase(&host, ["--phone", NUMBER]);
    // The dead letter's result.
    assert_eq!(finished(), before - 1);
    erase(&host, ["--install", OTHER_INSTALL]);
    host.cleared().await;
    assert_eq!(left(&host, &gate).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_exchanged_while_jobs_sealed_by_the_old_one_are_there() {
    let receiver = Receiver::start();
    let mut host = builder("echo-recording", &receiver, "")
        .jobs("seal = [{ env = \"SEAL\" }]")
        .env("SEAL", KEY)
        .env("NEXT", &KEY.replace('0', "f"))
        .start();
    receiver.on(CALLBACK, [Reply::status(500)]);
    accepted(recording(&host, &receiver).field("Duration", "150")).await;
    let dead = host.at_rest().await.remove(0);
    host.configure(|toml| {
        toml.replace(
            "[{ env = \"SEAL\" }]",
            "[{ env = \"NEXT\" }, { env = \"SEAL\" }]",
        )
    });
    host.restart("TERM");
    receiver.on(CALLBACK, [Reply::status(200)]);
    host.job("retry", &dead.id).await.unwrap();
    assert_eq!(host.at_rest().await[0].state, "done");
    let sent = recording(&host, &receiver).request_sid(&request_sid(2));
    accepted(sent).await;
    assert_eq!(host.at_rest().await[1].state, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_in_postgresql_either() {
    let (receiver, gate, postgres) = (Receiver::start(), Gate::shut(), Postgres::start());
    let url = postgres.database();
    let host = builder("echo-recording", &receiver, GRANTS)
        .jobs("store = { postgres = { env = \"DATABASE\" } }")
        .env("DATABASE", &url)
        .start();
    filled(&host, &receiver, &gate).await;
    let of_rows = |text: &str| {
        // A task is bytes, of which PostgreSQL shows the escapes.
        let sql = format!(
            "select count(*) from jackfield_jobs as job \
             where encode(task, 'escape') like '%{text}%' or job::text like '%{text}%'"
        );
        postgres.query(&url, &sql).parse::<u32>().unwrap()
    };
    let digits = &NUMBER[1..];
    assert_eq!(of_rows(digits), 2);
    erase(&host, ["--phone", NUMBER]);
    assert_eq!(of_rows(digits), 0);
    assert_eq!(of_rows(&OTHER_NUMBER[1..]), 2);
    assert_eq!(holding(&host, digits), [] as [PathBuf; 0]);
    // Nor in the table's own file, where what is removed stays until it is written over.
    postgres.query(&url, "checkpoint");
    let file = postgres.query(&url, "select pg_relation_filepath('jackfield_jobs')");
    let file = fs::read(postgres.directory().join("data").join(file)).unwrap();
    assert!(!file.windows(digits.len()).any(|it| it == digits.as_bytes()));
    erase(&host, ["--install", OTHER_INSTALL]);
    assert_eq!(of_rows(OTHER_INSTALL), 0);
    assert_eq!(left(&host, &gate).await, 1);
}
