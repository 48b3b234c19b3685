//! Hosts that something is done to, whoever they call back, and the book of what they
//! promised.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fastrand::Rng;
use jackfield_tests::crash::{Book, Row as Counts, Table, Wrong, path};
use jackfield_tests::recording::Recording;
use jackfield_tests::wav::Wav;
use jackfield_tests::{
    Answer, Postgres, Receiver, TestHost, TestHostBuilder, add_on_sid, request_sid,
};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::rows::Store;

/// What the hosts keep, and for how long: a dead host's jobs are taken over soon, and files
/// that nobody needs are looked for often.
const TERMS: &str = "lease = \"2s\"\nkeep_dead = \"10s\"\n";
/// Longer than everything takes that is waited for, a lease that has to end included.
const PATIENCE: Duration = Duration::from_secs(120);

/// Hosts, whoever they call back, and what they keep.
pub(crate) struct Rig {
    pub(crate) receiver: Receiver,
    pub(crate) hosts: Vec<TestHost>,
    pub(crate) store: Store,
    pub(crate) random: Rng,
    pub(crate) table: Table,
    /// What the hosts share, where there are several.
    shared: Option<TempDir>,
    next: u64,
}

/// What was posted, and what came of it.
pub(crate) type Posts = JoinSet<(u64, std::io::Result<Answer>)>;

impl Rig {
    /// One host, which keeps its jobs in a file.
    pub(crate) fn single(change: impl FnOnce(TestHostBuilder) -> TestHostBuilder) -> Self {
        let receiver = Receiver::start();
        let host = change(host(&receiver).jobs(TERMS)).start();
        Self::of(receiver, vec![host], Store::Sqlite, None)
    }

    /// Two hosts, which share a database and a spool.
    pub(crate) fn pair() -> Self {
        let (receiver, postgres) = (Receiver::start(), Postgres::start());
        let (url, shared) = (postgres.database(), tempfile::tempdir().unwrap());
        let terms = format!(
            "{TERMS}spool = \"{}/spool\"\nstore = {{ postgres = {{ env = \"DATABASE\" }} }}\n",
            shared.path().display()
        );
        let start = |_| {
            let host = host(&receiver).jobs(&terms);
            host.env("DATABASE", &url).start()
        };
        let hosts = [0, 1].map(start).into();
        let store = Store::Postgres(postgres, url.clone());
        Self::of(receiver, hosts, store, Some(shared))
    }

    fn of(receiver: Receiver, hosts: Vec<TestHost>, store: Store, shared: Option<TempDir>) -> Self {
        // A seed that is told makes the next run take the same moments.
        let random = Rng::new();
        println!("seed {}", random.get_seed());
        Self {
            receiver,
            hosts,
            store,
            random,
            table: Table::default(),
            shared,
            next: 0,
        }
    }

    /// The numbers of the next recordings.
    pub(crate) fn numbers(&mut self, count: u64) -> Vec<u64> {
        self.next += count;
        (self.next - count..self.next).collect()
    }

    /// A recording by its number, which is the same whenever it is posted.
    pub(crate) fn recording(&self, host: usize, number: u64) -> Recording {
        let recording = self.hosts[host].twilio().recording(&add_on_sid('a'));
        recording
            .audio(&Wav::tone(100))
            .request_sid(&request_sid(number))
            .callback(&self.receiver.url(&path(number)))
            // Ten times that is more than a proof takes.
            .field("Duration", "600000")
            .field("rounds", &(25 * (number % 5)).to_string())
    }

    /// Posts a recording to some host, a moment later.
    pub(crate) fn post(&mut self, posts: &mut Posts, number: u64) {
        let host = self.random.usize(..self.hosts.len());
        self.post_to(posts, host, number);
    }

    pub(crate) fn post_to(&mut self, posts: &mut Posts, host: usize, number: u64) {
        let recording = self.recording(host, number);
        let moment = Duration::from_micros(self.random.u64(..30_000));
        posts.spawn(async move {
            tokio::time::sleep(moment).await;
            (number, recording.try_send().await)
        });
    }

    /// Waits for all answers. What has none was not heard of.
    pub(crate) async fn note(posts: &mut Posts, book: &mut Book) {
        while let Some(post) = posts.join_next().await {
            let (number, answer) = post.unwrap();
            if let Ok(answer) = answer {
                book.note(number, &answer);
            }
        }
    }

    /// Posts again what was not answered, or with a 5xx, as Twilio does. Every host runs by
    /// now.
    pub(crate) async fn repeat(&self, book: &mut Book) {
        for number in [book.unanswered(), book.refused()].concat() {
            let answer = self.recording(0, number).send().await;
            assert_eq!(answer.status, 202, "{}", answer.text());
            book.note(number, &answer);
        }
    }

    /// Waits until nothing is left to be done, adds what came of it to a fault's row, and
    /// makes sure that it is what was promised.
    pub(crate) async fn settle(&mut self, fault: &str, book: &Book) {
        let nothing = BTreeSet::new();
        let what = "everything that was accepted is called back";
        self.receiver
            .wait_for_within(PATIENCE, what, |seen| book.is_settled(seen, &nothing))
            .await;
        let jobs = self.hosts[0].at_rest().await;
        let dead = jobs.iter().filter(|job| job.state == "dead");
        let dead: BTreeSet<String> = dead.filter_map(|job| job.request.clone()).collect();
        self.balance(fault, book, &dead);
    }

    /// The same, where there may be dead letters.
    pub(crate) fn balance(&mut self, fault: &str, book: &Book, dead: &BTreeSet<String>) {
        let (counts, wrongs) = book.balance(&self.receiver.seen(), dead);
        let counts = Counts {
            faults: 1,
            ..counts
        };
        self.table.add(fault, counts);
        let mut wrongs = wrongs.into_iter().filter(|it| !self.is_of_another_book(it));
        assert_eq!(wrongs.next(), None, "{fault}\n{}", self.table);
    }

    /// The receiver has seen what other books are about, too.
    fn is_of_another_book(&self, wrong: &Wrong) -> bool {
        let Wrong::Unknown(unknown) = wrong else {
            return false;
        };
        let number = unknown.strip_prefix("/jobs/").map(str::parse);
        matches!(number, Some(Ok(number @ 0..)) if number < self.next)
    }

    /// The spool that all hosts share.
    pub(crate) fn spool(&self) -> PathBuf {
        match &self.shared {
            Some(shared) => shared.path().join("spool"),
            None => self.hosts[0].spool(),
        }
    }

    /// Waits until no file is left of all that was done.
    pub(crate) async fn is_swept(&self) {
        let files = || fs::read_dir(self.spool()).unwrap().count();
        let patience = tokio::time::timeout(PATIENCE, async {
            while files() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let swept = patience.await;
        assert!(swept.is_ok(), "{} files are left over", files());
    }
}

fn host(receiver: &Receiver) -> TestHostBuilder {
    let grants = "grants = { fields = [\"rounds\"] }";
    TestHost::recorder("toil", &add_on_sid('a'), receiver, grants)
}
