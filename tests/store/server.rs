//! What only makes sense with a server: that it can be away, that several hosts come to it
//! at once, and what lies in its files.

use std::fs;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use jackfield_tests::Postgres;

use super::api::*;
use super::{SERVER, settings};

fn job(task: &str) -> NewJob {
    let digits = "0".repeat(32);
    NewJob {
        id: JobId::fresh().unwrap(),
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        install: None,
        request: None,
        fingerprint: Fingerprint([0; 32]),
        deadline: None,
        duration: None,
        task: task.as_bytes().to_vec(),
        audio: false,
    }
}

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(&settings(url.to_owned())).await
}

#[tokio::test]
async fn hosts_that_start_at_once_share_new_tables() {
    let url = SERVER.database();
    let opened = join_all((0..4).map(|_| open(&url))).await;
    let stores: Vec<_> = opened.into_iter().map(Result::unwrap).collect();
    for store in &stores {
        store.accept(job("task")).await.unwrap();
    }
    assert_eq!(stores[0].walk(None, 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn while_the_server_is_away_errors_pass_and_then_work_goes_on() {
    let mut server = Postgres::start();
    let url = server.database();
    let [here, there] = [open(&url).await.unwrap(), open(&url).await.unwrap()];
    let first = job("task");
    assert_eq!(here.accept(first.clone()).await.unwrap(), Accepted::New);
    for crash in [false, true] {
        if crash {
            server.kill();
        } else {
            server.stop();
        }
        let away = here.accept(job("task")).await.unwrap_err();
        assert!(away.is_passing(), "{away:?}");
        let away = there.next_due().await.unwrap_err();
        assert!(away.is_passing(), "{away:?}");
        server.start_again();
        // What was confirmed is there, and given again is no other.
        assert_eq!(here.accept(first.clone()).await.unwrap(), Accepted::New);
        // Who listened before listens again.
        let mut changes = there.changes();
        let new = job("task");
        assert_eq!(here.accept(new.clone()).await.unwrap(), Accepted::New);
        let owner = Owner::fresh().unwrap();
        let pick = Pick::others(State::Accepted, &[]);
        let heard = async {
            loop {
                let claimed = there.claim(&owner, LEASE, &pick, 10).await.unwrap();
                if claimed.iter().any(|job| job.id() == new.id) {
                    return claimed;
                }
                changes.changed().await;
            }
        };
        let claimed = tokio::time::timeout(Duration::from_secs(60), heard).await;
        for job in claimed.unwrap() {
            there.give_back(&job.lease).await.unwrap();
        }
    }
}

const LEASE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_database_that_is_set_not_to_wait_for_its_disk_waits_all_the_same() {
    let url = SERVER.database();
    let name = url.rsplit('/').next().unwrap();
    // Whoever writes notes down what its connection is set to.
    for statement in [
        &format!("alter database {name} set synchronous_commit = off"),
        "create table noted (setting text)",
        "create function note() returns trigger language plpgsql as $$ begin
            insert into noted values (current_setting('synchronous_commit'));
            return new; end $$",
    ] {
        SERVER.query(&url, statement);
    }
    let store = open(&url).await.unwrap();
    SERVER.query(
        &url,
        "create trigger note before insert on jackfield_jobs for each row execute function note()",
    );
    join_all((0..20).map(|_| store.accept(job("task")))).await;
    store.accept(job("task")).await.unwrap();
    assert_eq!(SERVER.query(&url, "show synchronous_commit"), "off");
    let noted = SERVER.query(&url, "select distinct setting from noted");
    assert_eq!(noted, "on");
}

/// Whether any file below a directory holds a text.
fn holds(directory: &Path, text: &str) -> bool {
    fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, text);
        }
        // A file may be gone by now.
        let bytes = fs::read(path).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    })
}

#[tokio::test]
async fn of_what_is_erased_nothing_is_left_in_the_tables() {
    let server = Postgres::start();
    let url = server.database();
    let store = open(&url).await.unwrap();
    let jobs = ["erased", "kept"].map(|word| job(&format!("marked-{word}-0192f0c1d2e3")));
    for job in &jobs {
        store.accept(job.clone()).await.unwrap();
    }
    let tables = server.directory().join("data/base");
    server.query(&url, "checkpoint");
    for word in ["erased", "kept"] {
        assert!(holds(&tables, &format!("marked-{word}-0192f0c1d2e3")));
    }
    store.erase_jobs(&[jobs[0].id]).await.unwrap();
    store.scrub().await.unwrap();
    server.query(&url, "checkpoint");
    assert!(!holds(&tables, "marked-erased-0192f0c1d2e3"));
    assert!(holds(&tables, "marked-kept-0192f0c1d2e3"));
    assert_eq!(store.walk(None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_without_its_url() {
    let url = SERVER.database();
    let (before, name) = url.rsplit_once('/').unwrap();
    for (url, passes) in [
        (format!("{before}/no_such_{name}"), false),
        ("postgres://user:secret@127.0.0.1:1/secret".to_owned(), true),
        ("mysql://user:secret@127.0.0.1/secret".to_owned(), false),
        ("postgres://user:secret@[/secret".to_owned(), false),
    ] {
        let error = open(&url).await.err().unwrap();
        assert_eq!(error.is_passing(), passes, "{error:?}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("secret") && !told.contains(name), "{told}");
    }
}
