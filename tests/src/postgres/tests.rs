use std::fs;
use std::net::TcpStream;

use super::*;

/// The server's process.
fn process(postgres: &Postgres) -> String {
    let file = fs::read_to_string(postgres.data().join("postmaster.pid")).unwrap();
    file.lines().next().unwrap().to_owned()
}

fn runs(process: &str) -> bool {
    Path::new("/proc").join(process).exists()
}

#[test]
fn what_was_written_outlives_a_stop_and_a_crash() {
    let mut postgres = Postgres::start();
    let (one, other) = (postgres.database(), postgres.database());
    assert_ne!(one, other);
    postgres.query(
        &one,
        "create table kept (number int); insert into kept values (1), (2)",
    );
    postgres.stop();
    assert!(TcpStream::connect(("127.0.0.1", postgres.port)).is_err());
    postgres.start_again();
    postgres.query(&one, "insert into kept values (3)");
    postgres.kill();
    postgres.start_again();
    assert_eq!(
        postgres.query(&one, "select number from kept order by 1"),
        "1\n2\n3"
    );
    assert!(postgres.log().contains("redo done"), "{}", postgres.log());
}

#[test]
fn commits_are_durable() {
    let postgres = Postgres::start();
    let url = postgres.database();
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(
            postgres.query(&url, &format!("show {setting}")),
            "on",
            "{setting}"
        );
    }
}

#[test]
fn nothing_is_left_of_it_also_where_a_test_panics() {
    let postgres = Postgres::start();
    let (directory, process) = (postgres.directory.clone(), process(&postgres));
    assert!(runs(&process) && directory.exists());
    let panicked = std::thread::spawn(move || {
        let _postgres = postgres;
        std::panic::resume_unwind(Box::new("a claim that does not hold"));
    });
    assert!(panicked.join().is_err());
    assert!(!runs(&process) && !directory.exists());
}

#[test]
fn a_stopped_server_leaves_nothing_either() {
    let mut postgres = Postgres::start();
    postgres.stop();
    let directory = postgres.directory.clone();
    drop(postgres);
    assert!(!directory.exists());
}
