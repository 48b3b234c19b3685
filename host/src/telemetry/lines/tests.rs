use std::sync::Barrier;
use std::thread;

use super::*;

const LONG: Duration = Duration::from_secs(60);

/// Keeps what it is given. While it is closed, writing waits.
struct Reader {
    given: Mutex<String>,
    open: (Mutex<bool>, Condvar),
}

impl Reader {
    fn new(open: bool) -> Self {
        Self {
            given: Mutex::new(String::new()),
            open: (Mutex::new(open), Condvar::new()),
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
}

/// Lines to a reader, and the thread that writes them.
fn written(reader: &'static Reader) -> &'static Lines<&'static Reader> {
    let lines: &'static _ = Box::leak(Box::new(Lines::to(reader)));
    thread::spawn(|| {
        loop {
            lines.write_next();
        }
    });
    lines
}

fn reader(open: bool) -> &'static Reader {
    Box::leak(Box::new(Reader::new(open)))
}

#[test]
fn a_line_is_written_without_another_after_it() {
    let reader = reader(true);
    let lines = written(reader);
    for line in ["one\n", "two\n"] {
        lines.put(line.as_bytes());
        while !reader.given().ends_with(line) {
            thread::yield_now();
        }
    }
    assert_eq!(reader.given(), "one\ntwo\n");
}

#[test]
fn nobody_waits_for_a_slow_reader_and_nothing_is_lost_meanwhile() {
    let reader = reader(false);
    let lines = written(reader);
    lines.put(b"one\n");
    lines.put(b"two\n");
    assert_eq!(reader.given(), "");
    reader.open();
    lines.settle(LONG);
    assert_eq!((reader.given().as_str(), lines.lost()), ("one\ntwo\n", 0));
}

#[test]
fn what_comes_together_is_written_together() {
    let reader = Reader::new(true);
    let lines = Lines::to(&reader);
    lines.put(b"one\n");
    lines.put(b"two\n");
    assert_eq!(lines.write_next(), 0);
    assert_eq!(reader.given(), "one\ntwo\n");
    assert_eq!(lines.waiting().batches, 1);
}

#[test]
fn what_no_reader_takes_is_lost_in_whole_lines_and_told() {
    let reader = Reader::new(true);
    let lines = Lines::to(&reader);
    let line = format!("{}\n", "x".repeat(999));
    let kept = MOST_WAITING / line.len();
    for _ in 0..kept + 3 {
        lines.put(line.as_bytes());
    }
    assert_eq!(lines.lost(), 3);
    assert_eq!(lines.write_next(), 3);
    assert_eq!(reader.given(), line.repeat(kept));
    lines.put(b"after\n");
    assert_eq!((lines.write_next(), lines.lost()), (0, 3));
    assert!(reader.given().ends_with("x\nafter\n"));
}

#[test]
fn a_line_that_is_longer_than_all_that_may_wait_is_told_of_by_itself() {
    let reader = Reader::new(true);
    let lines = Lines::to(&reader);
    lines.put(&[b'x'; MOST_WAITING + 1]);
    assert_eq!((lines.write_next(), lines.lost()), (1, 1));
    assert_eq!(reader.given(), "");
}

#[test]
fn the_end_waits_for_what_is_on_its_way_but_not_for_ever() {
    let reader = reader(false);
    let lines = written(reader);
    lines.put(b"last\n");
    lines.settle(Duration::ZERO);
    assert_eq!(reader.given(), "");
    reader.open();
    lines.settle(LONG);
    assert_eq!(reader.given(), "last\n");
}

#[test]
fn who_waits_finds_what_was_put_down_before_whoever_else_goes_on() {
    const THREADS: usize = 4;
    let reader = reader(true);
    let lines = written(reader);
    thread::scope(|scope| {
        for who in 0..THREADS {
            scope.spawn(move || {
                for number in 0..500 {
                    let line = format!("{who} {number}\n");
                    lines.put(line.as_bytes());
                    lines.settle(LONG);
                    assert!(reader.given().contains(&line), "{line}");
                }
            });
        }
    });
}

#[test]
fn lines_of_many_threads_arrive_whole_each_once_and_in_their_order() {
    const THREADS: usize = 4;
    const EACH: usize = 2_000;
    let reader = reader(true);
    let lines = written(reader);
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for who in 0..THREADS {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                (0..EACH).for_each(|line| lines.put(format!("{who} {line}\n").as_bytes()));
            });
        }
    });
    lines.settle(LONG);
    let given = reader.given();
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
