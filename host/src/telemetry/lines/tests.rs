use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;

use super::*;

const LONG: Duration = Duration::from_secs(60);

/// Keeps what it is given. While it is closed, writing waits.
struct Reader {
    given: Mutex<String>,
    open: (Mutex<bool>, Condvar),
    says_so: AtomicBool,
}

impl Reader {
    const fn new(open: bool) -> Self {
        Self {
            given: Mutex::new(String::new()),
            open: (Mutex::new(open), Condvar::new()),
            says_so: AtomicBool::new(true),
        }
    }

    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }

    fn given(&self) -> String {
        self.given.lock().unwrap().clone()
    }
}

impl Destination for &Reader {
    fn write(&self, bytes: &[u8]) {
        let opened = self.open.0.lock().unwrap();
        drop(self.open.1.wait_while(opened, |open| !*open).unwrap());
        let text = std::str::from_utf8(bytes).unwrap();
        self.given.lock().unwrap().push_str(text);
    }

    fn would_wait(&self, _: usize) -> bool {
        self.says_so.load(Ordering::SeqCst) && !*self.open.0.lock().unwrap()
    }
}

#[test]
fn a_line_is_written_when_it_was_put_down() {
    let reader = Reader::new(true);
    let lines = Lines::to(&reader);
    for line in ["one\n", "two\n"] {
        lines.put(line.as_bytes());
        assert!(reader.given().ends_with(line));
    }
    assert_eq!(reader.given(), "one\ntwo\n");
}

#[test]
fn nobody_waits_for_a_slow_reader_and_nothing_is_lost_meanwhile() {
    let reader = Reader::new(false);
    let lines = Lines::to(&reader);
    thread::scope(|scope| {
        lines.put(b"one\n");
        let relieved = scope.spawn(|| lines.relieve());
        lines.put(b"two\n");
        assert_eq!(reader.given(), "");
        reader.open();
        assert_eq!(relieved.join().unwrap(), 0);
    });
    assert_eq!((reader.given().as_str(), lines.lost()), ("one\ntwo\n", 0));
}

#[test]
fn one_who_waits_for_a_reader_that_seemed_ready_keeps_nobody_else() {
    let reader = Reader::new(false);
    reader.says_so.store(false, Ordering::SeqCst);
    let lines = Lines::to(&reader);
    thread::scope(|scope| {
        let waits = scope.spawn(|| lines.put(b"one\n"));
        while lines.waiting().writer == Writer::Nobody {
            thread::yield_now();
        }
        lines.put(b"two\n");
        reader.open();
        waits.join().unwrap();
    });
    assert_eq!(reader.given(), "one\ntwo\n");
}

#[test]
fn what_no_reader_takes_is_lost_in_whole_lines_and_told() {
    let reader = Reader::new(false);
    let lines = Lines::to(&reader);
    let line = format!("{}\n", "x".repeat(999));
    let kept = MOST_WAITING / line.len();
    for _ in 0..kept + 3 {
        lines.put(line.as_bytes());
    }
    assert_eq!(lines.lost(), 3);
    reader.open();
    assert_eq!(lines.relieve(), 3);
    assert_eq!(reader.given(), line.repeat(kept));
    lines.put(b"after\n");
    assert_eq!((lines.lost(), lines.waiting().untold), (3, 0));
    assert!(reader.given().ends_with("x\nafter\n"));
}

#[test]
fn the_end_waits_for_what_is_on_its_way_but_not_for_ever() {
    let reader = Reader::new(false);
    let lines = Lines::to(&reader);
    lines.put(b"last\n");
    lines.settle(Duration::ZERO);
    assert_eq!(reader.given(), "");
    thread::scope(|scope| {
        scope.spawn(|| lines.relieve());
        reader.open();
        lines.settle(LONG);
        assert_eq!(reader.given(), "last\n");
    });
}

#[test]
fn lines_of_many_threads_arrive_whole_each_once_and_in_their_order() {
    static READER: Reader = Reader::new(true);
    static LINES: Lines<&Reader> = Lines::to(&READER);
    const THREADS: usize = 4;
    const EACH: usize = 2_000;
    let (sender, relieved) = mpsc::channel();
    thread::spawn(move || while sender.send(LINES.relieve()).is_ok() {});
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for who in 0..THREADS {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                (0..EACH).for_each(|line| LINES.put(format!("{who} {line}\n").as_bytes()));
            });
        }
    });
    LINES.settle(LONG);
    drop(relieved);
    let given = READER.given();
    for who in 0..THREADS {
        let prefix = format!("{who} ");
        let of: Vec<usize> = given
            .lines()
            .filter_map(|line| line.strip_prefix(&prefix)?.parse().ok())
            .collect();
        assert!(of.iter().copied().eq(0..EACH), "{who}");
    }
    assert_eq!(given.lines().count(), THREADS * EACH);
}
