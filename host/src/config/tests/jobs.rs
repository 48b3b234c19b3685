//! What is kept of recordings, as an operator writes it.

use std::time::Duration;

use super::bad::complaints;
use super::*;
use crate::config::{JobStore, JobsConfig};

const URL: &str = "postgres://jackfield:Sup3rS3cret@db.internal/jobs";
const SECONDS: fn(u64) -> Duration = Duration::from_secs;

fn with_jobs(keys: &str) -> String {
    format!("{SERVER}[jobs]\n{keys}\n")
}

/// A directory with a configuration and with files for all its secrets.
fn directory(text: &str) -> Directory {
    let key = "5a".repeat(32);
    Directory::of(&[
        ("addons.toml", text),
        ("secrets/database", URL),
        ("secrets/key", &key),
        ("secrets/next-key", "5a5a5a"),
    ])
}

#[track_caller]
fn good(directory: &Directory) -> JobsConfig {
    match directory.load() {
        Ok(config) => config.jobs,
        Err(errors) => panic!("{}", errors.render(false)),
    }
}

#[test]
fn recordings_are_kept_in_the_hosts_own_directory_if_nothing_is_said() {
    for text in [SERVER.to_owned(), with_jobs("")] {
        let directory = directory(&text);
        let own = directory.0.path().join(".jackfield/jobs");
        let expected = JobsConfig {
            store: JobStore::Sqlite(own.join("jobs.db")),
            spool: own.join("spool"),
            spool_limit: 10 << 30,
            audio_limit: 100 << 20,
            audio_timeout: SECONDS(60),
            uploads: 64,
            workers: 8,
            deadline: SECONDS(10 * 60),
            callback_timeout: SECONDS(60),
            lease: SECONDS(30),
            keep: SECONDS(24 * 60 * 60),
            keep_dead: SECONDS(30 * 24 * 60 * 60),
            seal: Vec::new(),
        };
        assert_eq!(good(&directory), expected);
    }
}

#[test]
fn every_key_of_jobs_is_the_operators() {
    let directory = directory(&with_jobs(
        r#"
        store = { postgres = { file = "secrets/database" } }
        spool = "recordings"
        spool_limit = "200GiB"
        audio_limit = "1MiB"
        audio_timeout = "2m"
        uploads = 3
        workers = 2
        deadline = "1h"
        callback_timeout = "500ms"
        lease = "10s"
        keep = "2h"
        keep_dead = "7d"
        seal = [{ file = "secrets/key" }]
        "#,
    ));
    let expected = JobsConfig {
        store: JobStore::Postgres(URL.into()),
        spool: directory.0.path().join("recordings"),
        spool_limit: 200 << 30,
        audio_limit: 1 << 20,
        audio_timeout: SECONDS(2 * 60),
        uploads: 3,
        workers: 2,
        deadline: SECONDS(60 * 60),
        callback_timeout: Duration::from_millis(500),
        lease: SECONDS(10),
        keep: SECONDS(2 * 60 * 60),
        keep_dead: SECONDS(7 * 24 * 60 * 60),
        seal: vec!["5a".repeat(32).into()],
    };
    assert_eq!(good(&directory), expected);
}

#[test]
fn what_is_kept_moves_with_the_hosts_own_directory() {
    let directory = directory(&format!("{SERVER}state_dir = \"state\"\n"));
    let jobs = good(&directory);
    let own = directory.0.path().join("state/jobs");
    assert_eq!(jobs.spool, own.join("spool"));
    assert_eq!(jobs.store, JobStore::Sqlite(own.join("jobs.db")));
}

#[test]
fn neither_the_databases_url_nor_a_key_is_ever_shown() {
    let jobs = good(&directory(&with_jobs(
        "store = { postgres = { file = \"secrets/database\" } }\nseal = [{ file = \"secrets/key\" }]",
    )));
    let shown = format!("{jobs:?}");
    assert!(
        !shown.contains("Sup3r") && !shown.contains("5a5a"),
        "{shown}"
    );
}

#[test]
fn the_next_key_is_a_change() {
    let directory = directory(&with_jobs("seal = [{ file = \"secrets/key\" }]"));
    let before = directory.load().unwrap();
    fs::write(directory.0.path().join("secrets/key"), "5b".repeat(32)).unwrap();
    let after = directory.load().unwrap();
    assert_ne!(before.inputs, after.inputs);
    assert_ne!(before.jobs, after.jobs);
}

#[test]
fn the_order_of_keys_counts_for_the_first_one_seals() {
    let seal = |first: &str, second: &str| {
        let files = [first, second].map(|name| format!("{{ file = \"secrets/{name}\" }}"));
        let directory = directory(&with_jobs(&format!("seal = [{}]", files.join(", "))));
        fs::write(directory.0.path().join("secrets/next-key"), "5b".repeat(32)).unwrap();
        good(&directory)
    };
    let jobs = seal("key", "next-key");
    assert_eq!(jobs.seal.len(), 2);
    assert!(
        jobs != JobsConfig {
            seal: seal("next-key", "key").seal,
            ..jobs.clone()
        }
    );
}

#[test]
fn each_limit_holds_at_both_of_its_ends() {
    for (key, good, bad) in [
        ("spool_limit", ["1MiB", "100TiB"], ["1023KiB", "101TiB"]),
        ("audio_limit", ["1KiB", "1GiB"], ["1023B", "1025MiB"]),
        ("audio_timeout", ["1s", "1h"], ["999ms", "61m"]),
        ("deadline", ["1s", "1d"], ["999ms", "25h"]),
        ("callback_timeout", ["100ms", "1h"], ["99ms", "61m"]),
        ("lease", ["1s", "10m"], ["999ms", "11m"]),
        ("keep", ["1s", "30d"], ["999ms", "31d"]),
        ("keep_dead", ["1s", "366d"], ["999ms", "367d"]),
    ] {
        let load = |value: &str| load(&with_jobs(&format!("{key} = \"{value}\"")));
        for value in good {
            assert!(load(value).is_ok(), "{key} = {value}");
        }
        for value in bad {
            let errors = load(value).expect_err(key);
            let error = errors.iter().next().unwrap();
            assert_eq!(error.key(), format!("jobs.{key}"));
            assert!(error.problem().contains(value), "{error}");
        }
    }
}

#[test]
fn limits_that_are_none() {
    insta::assert_snapshot!(complaints([
        ("a size of everything", with_jobs("spool_limit = \"all\"")),
        ("audio without a limit", with_jobs("audio_limit = \"0B\"")),
        ("nobody who works", with_jobs("workers = 0")),
        ("a text for a number", with_jobs("uploads = \"64\"")),
        ("a number for a duration", with_jobs("keep = 24")),
        ("no unit", with_jobs("lease = \"30\"")),
        ("too long", with_jobs("keep_dead = \"2years\"")),
        ("no such key", with_jobs("keep_alive = \"1h\"")),
    ]));
}

fn said_of(cases: &[(&str, &str)]) -> String {
    let said = cases.iter().map(|(name, keys)| {
        let said = directory(&with_jobs(keys)).complaint();
        assert!(!said.contains("Sup3r"), "{said}");
        format!("#### {name}\n\n{said}\n")
    });
    said.collect::<Vec<_>>().join("\n")
}

#[test]
fn stores_that_are_none() {
    insta::assert_snapshot!(said_of(&[
        ("another word", "store = \"sqlit\""),
        (
            "a URL in the open",
            "store = \"postgres://u:Sup3rS3cret@h/d\""
        ),
        (
            "a URL in the open, as a table",
            "store = { postgres = \"postgres://u:Sup3rS3cret@h/d\" }"
        ),
        (
            "another database",
            "store = { mysql = { file = \"secrets/database\" } }"
        ),
        (
            "no such variable",
            "store = { postgres = { env = \"JOBS_DATABASE\" } }"
        ),
        (
            "a secret that is no URL",
            "store = { postgres = { file = \"secrets/key\" } }"
        ),
        ("a switch", "store = true"),
    ]));
}

#[test]
fn keys_that_seal_nothing() {
    insta::assert_snapshot!(said_of(&[
        ("a key in the open", "seal = [\"Sup3rS3cret\"]"),
        ("no list", "seal = { file = \"secrets/key\" }"),
        ("no such file", "seal = [{ file = \"secrets/none\" }]"),
        (
            "one that is too short, behind a good one",
            "seal = [{ file = \"secrets/key\" }, { file = \"secrets/next-key\" }]"
        ),
        (
            "a secret that is no key",
            "seal = [{ file = \"secrets/database\" }]"
        ),
        (
            "a variable that is no key",
            "seal = [{ env = \"AUTH_TOKEN\" }]"
        ),
    ]));
}

#[test]
fn an_included_file_keeps_nothing_elsewhere() {
    let first = format!("include = [\"more.toml\"]\n{SERVER}");
    let more = "[jobs]\nspool = \"elsewhere\"\n";
    let directory = Directory::of(&[("addons.toml", &first), ("more.toml", more)]);
    insta::assert_snapshot!(directory.complaint());
}
