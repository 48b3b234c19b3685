//! What the store holds of each job, read past the host: as a kill has left it.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use jackfield_tests::{Postgres, TestHost, python};

/// Where jobs are kept.
pub(crate) enum Store {
    /// In a file of the host's own.
    Sqlite,
    /// In a database, by its URL.
    Postgres(Postgres, String),
}

/// What it holds of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) state: String,
    /// Whether some host has it.
    pub(crate) owned: bool,
    /// How often a host has taken it.
    pub(crate) claim: u64,
    pub(crate) runs: u64,
    /// The name of its result's file.
    pub(crate) result: Option<String>,
}

const ROWS: &str = "SELECT request, id, state, CASE WHEN owner IS NULL THEN 0 ELSE 1 END, \
                    claim, runs, COALESCE(result, '') FROM jackfield_jobs";

/// Prints the rows of a statement, their columns held apart as `psql` does it.
const READER: &str = "import sqlite3, sys\n\
                      for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):\n    \
                      print(*row, sep='|')";

impl Store {
    /// All jobs, by their requests. A file is read only while its host is dead.
    pub(crate) fn rows(&self, host: &TestHost) -> HashMap<String, Row> {
        let text = match self {
            Self::Sqlite => of_a_file(host),
            Self::Postgres(server, url) => server.query(url, ROWS),
        };
        text.lines().map(read).collect()
    }
}

/// What a file holds, of which a copy is opened: to open one changes it.
fn of_a_file(host: &TestHost) -> String {
    let directory = tempfile::tempdir().unwrap();
    let jobs = host.path().join(".jackfield/jobs");
    for name in ["jobs.db", "jobs.db-wal"] {
        if jobs.join(name).exists() {
            fs::copy(jobs.join(name), directory.path().join(name)).unwrap();
        }
    }
    let mut reader = Command::new(python());
    reader
        .args(["-c", READER])
        .arg(directory.path().join("jobs.db"));
    let output = reader.arg(ROWS).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn read(line: &str) -> (String, Row) {
    let columns: Vec<&str> = line.split('|').collect();
    let [request, id, state, owned, claim, runs, result] = columns[..] else {
        panic!("no row: {line}");
    };
    let row = Row {
        id: id.to_owned(),
        state: state.to_owned(),
        owned: owned == "1",
        claim: claim.parse().unwrap(),
        runs: runs.parse().unwrap(),
        result: Some(result.to_owned()).filter(|name| !name.is_empty()),
    };
    (request.to_owned(), row)
}
