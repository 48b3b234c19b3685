//! The next version's tables, under a host of this one: changes expand before they
//! contract, so that both serve side by side, and an older host may come back.

use std::process::Command;

use jackfield_tests::crash::Book;
use jackfield_tests::python;

use crate::rig::{Posts, Rig};
use crate::rows::Store;
use crate::run;

/// What a next version may do: columns, indexes, tables, and its own step on record.
const EXPANSION: &str = "
    ALTER TABLE jackfield_jobs ADD COLUMN region TEXT;
    ALTER TABLE jackfield_jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX jackfield_jobs_priority ON jackfield_jobs (priority, due_at);
    CREATE TABLE jackfield_job_notes (job TEXT NOT NULL, note TEXT NOT NULL);
    INSERT INTO jackfield_migrations (version, description, success, checksum, execution_time)
    VALUES (9999, 'the next version', true, ";

/// Runs the statements of a file.
const WRITER: &str = "import sqlite3, sys\n\
                      sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])";

/// Posts recordings, does something meanwhile, and waits until all is done.
async fn during(rig: &mut Rig, fault: &str, change: impl AsyncFnOnce(&mut Rig)) {
    let (mut book, mut posts) = (Book::default(), Posts::new());
    for number in rig.numbers(40) {
        book.send(number);
        rig.post(&mut posts, number);
    }
    change(rig).await;
    Rig::note(&mut posts, &mut book).await;
    rig.repeat(&mut book).await;
    assert_eq!(book.accepted().len(), 40);
    rig.settle(fault, &book).await;
}

#[test]
fn hosts_serve_on_while_and_after_the_next_version_expands_the_tables() {
    run(async {
        let mut rig = Rig::pair();
        let fault = "the next version's migration";
        during(&mut rig, fault, async |rig| {
            let Store::Postgres(server, url) = &rig.store else {
                panic!("the proof is about a database");
            };
            let expansion = format!("BEGIN; {EXPANSION} '\\x00', 0); COMMIT;");
            tokio::task::block_in_place(|| server.query(url, &expansion));
        })
        .await;
        // And one that starts beside it, older than the tables.
        let fault = "an older host started after it";
        during(&mut rig, fault, async |rig| {
            tokio::task::block_in_place(|| rig.hosts[0].restart("TERM"));
        })
        .await;
        rig.is_swept().await;
        println!("{}", rig.table);
    });
}

#[test]
fn an_older_host_takes_a_file_that_the_next_version_has_expanded() {
    run(async {
        let mut rig = Rig::single(|builder| builder);
        during(&mut rig, "nothing", async |_| {}).await;
        let host = &mut rig.hosts[0];
        let file = host.path().join(".jackfield/jobs/jobs.db");
        tokio::task::block_in_place(|| {
            host.killer().kill();
            host.wait();
            let mut writer = Command::new(python());
            writer.args(["-c", WRITER]).arg(file);
            let written = writer
                .arg(format!("{EXPANSION} x'00', 0);"))
                .output()
                .unwrap();
            assert!(written.status.success(), "{written:?}");
            host.revive();
        });
        during(&mut rig, "the next version's migration", async |_| {}).await;
        rig.is_swept().await;
        println!("{}", rig.table);
    });
}
