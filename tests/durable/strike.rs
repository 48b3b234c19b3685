//! Kills a host at a moment that is aimed at, under load.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jackfield_tests::crash::{Book, Phase, Signs, path};
use jackfield_tests::{Killer, Reply, request_sid};
use rustix::fs::inotify;
use tokio::sync::{Notify, oneshot};

use crate::rig::{Posts, Rig};
use crate::rows::Row;

/// How many recordings are under way when it happens.
const BATCH: u64 = 8;
/// Longer than it takes until the moment is there.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was seen right after a kill.
pub(crate) struct Struck {
    /// Which host it was.
    pub(crate) host: usize,
    pub(crate) book: Book,
    pub(crate) rows: HashMap<String, Row>,
    numbers: Vec<u64>,
    /// Those that were posted to the host that was killed, and not answered.
    unheard: BTreeSet<u64>,
    /// The names of the spool's files.
    files: Vec<String>,
    /// Those of which the receiver had seen a delivery's head.
    called: BTreeSet<u64>,
}

impl Rig {
    /// Posts recordings, and kills a host in a phase, or near it.
    pub(crate) async fn strike(&mut self, aim: Phase) -> Struck {
        let (mut book, mut posts) = (Book::default(), Posts::new());
        let numbers = self.numbers(BATCH);
        let host = self.random.usize(..self.hosts.len());
        let killer = self.hosts[host].killer();
        let (&victim, others) = numbers.split_last().unwrap();
        numbers.iter().for_each(|number| book.send(*number));
        others.iter().for_each(|it| self.post(&mut posts, *it));
        match aim {
            Phase::Accepting => self.in_accepting(host, victim, &killer, &mut book).await,
            Phase::Running => {
                let answer = self.recording(host, victim).send().await;
                book.note(victim, &answer);
                self.moment(30_000).await;
                killer.kill();
            }
            Phase::Result => {
                let result = first_result(&self.spool());
                self.post_to(&mut posts, host, victim);
                within(result).await.unwrap();
                self.moment(4_000).await;
                killer.kill();
            }
            Phase::CallingBack => {
                let struck = self.arm(&numbers, &killer);
                self.post_to(&mut posts, host, victim);
                within(struck.notified()).await;
            }
        }
        tokio::task::block_in_place(|| self.hosts[host].wait());
        let rows = self.store.rows(&self.hosts[host]);
        let files = names(&self.spool());
        let called = self.called(&numbers);
        Self::note(&mut posts, &mut book).await;
        let unheard = book.unanswered().into_iter().collect();
        Struck {
            host,
            book,
            rows,
            numbers,
            unheard,
            files,
            called,
        }
    }

    /// Kills it in the middle of a request, or between the request and its answer.
    async fn in_accepting(&mut self, host: usize, number: u64, killer: &Killer, book: &mut Book) {
        let mut upload = self.recording(host, number).open().await.unwrap();
        let length = upload.length();
        let place = match self.random.bool() {
            true => length,
            false => self.random.u64(..length),
        };
        upload.send_to(place).await.unwrap();
        self.moment(6_000).await;
        killer.kill();
        if let Ok(answer) = upload.answer().await {
            book.note(number, &answer);
        }
    }

    /// Has the receiver kill it: when a delivery begins, when it was answered, or between
    /// the two.
    fn arm(&mut self, numbers: &[u64], killer: &Killer) -> Arc<Notify> {
        let struck = Arc::new(Notify::new());
        for number in numbers {
            let (killer, told) = (killer.clone(), Arc::clone(&struck));
            let strike = move || {
                killer.kill();
                told.notify_one();
            };
            let reply = match self.random.u8(..3) {
                0 => Reply::status(200).at_head(strike),
                1 => Reply::status(200).then(strike),
                _ => {
                    let late = Duration::from_micros(self.random.u64(..3_000));
                    Reply::status(200).at_head(strike).late(late)
                }
            };
            self.receiver
                .on(&path(*number), [reply, Reply::status(200)]);
        }
        struck
    }

    /// Lets so many microseconds pass at most.
    async fn moment(&mut self, most: u64) {
        let moment = Duration::from_micros(self.random.u64(..most));
        tokio::time::sleep(moment).await;
    }

    fn called(&self, numbers: &[u64]) -> BTreeSet<u64> {
        let seen = self.receiver.seen();
        let paths: BTreeSet<&str> = seen.iter().map(|it| it.path()).collect();
        let numbers = numbers.iter().copied();
        numbers
            .filter(|number| paths.contains(path(*number).as_str()))
            .collect()
    }
}

impl Struck {
    /// The phases that jobs of the dead host were in. `now` are the rows after all was
    /// done: a job that another host had is not among them.
    pub(crate) fn phases(&self, now: Option<&HashMap<String, Row>>) -> BTreeSet<Phase> {
        let numbers = self.numbers.iter();
        numbers.filter_map(|it| self.phase(*it, now)).collect()
    }

    fn phase(&self, number: u64, now: Option<&HashMap<String, Row>>) -> Option<Phase> {
        let request = request_sid(number);
        let Some(row) = self.rows.get(&request) else {
            return self.unheard.contains(&number).then_some(Phase::Accepting);
        };
        let file = |name: &String| name.starts_with(&row.id) && name.ends_with(".result");
        let signs = Signs {
            accepted: !self.unheard.contains(&number),
            has_result: row.state == "resulted" || self.files.iter().any(file),
            called_back: self.called.contains(&number),
        };
        let open = row.state == "accepted" || row.state == "resulted";
        let lost = now.is_none_or(|now| was_lost(row, &now[&request]));
        (open && lost).then(|| Phase::of(signs))
    }

    /// Whether a result was durable when the host was killed.
    pub(crate) fn has_result(&self, request: &str) -> bool {
        let row = self.rows.get(request);
        row.is_some_and(|row| row.state == "resulted" || row.state == "done")
    }
}

/// Whether the host that had a job has lost it: others took it once more than they would
/// have otherwise, which is for its result alone.
fn was_lost(then: &Row, now: &Row) -> bool {
    let of_its_run = |row: &Row| {
        let name = row.result.as_deref().unwrap_or_default();
        name.split('.').nth(1).and_then(|it| it.parse().ok()) == Some(row.claim)
    };
    let ordinary = match then.state.as_str() {
        "accepted" => 1,
        _ => u64::from(of_its_run(then)),
    };
    then.owned && now.claim > then.claim + ordinary
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    // Another host may be removing one.
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.collect()
}

async fn within<T>(moment: impl Future<Output = T>) -> T {
    let moment = tokio::time::timeout(PATIENCE, moment);
    moment.await.expect("the moment comes")
}

/// Tells when the next result gets its name.
fn first_result(spool: &Path) -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    let events = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    let renamed = inotify::WatchFlags::MOVED_TO | inotify::WatchFlags::CREATE;
    inotify::add_watch(&events, spool, renamed).unwrap();
    std::thread::spawn(move || {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&events, &mut buffer);
        while let Ok(event) = events.next() {
            let name = event.file_name().map(|name| name.to_bytes());
            if name.is_some_and(|name| name.ends_with(b".result")) {
                let _ = tell.send(());
                return;
            }
        }
    });
    told
}
