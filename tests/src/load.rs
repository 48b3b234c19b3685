//! A steady load: signed requests over kept connections, at a rate that does not depend on
//! how fast they are answered, each with a nonce that its answer has to bring back together
//! with the version that gave it.
//!
//! A request's latency runs from the moment at which it was due, so that a host that holds
//! everybody up for a moment is charged for all those that it held up. Every connection is
//! a plain thread, which costs the machine next to nothing beside the host.

#![expect(
    clippy::disallowed_methods,
    reason = "a client that keeps a pace waits for a moment, and for nothing else"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::versions::number_in;
use crate::{ACCOUNT, Line, NUMBER, PUBLIC_URL, TOKEN, TestHost, sign};

/// Who is asked, by how many, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The connections; each asks all add-ons in turn.
    pub lines: u32,
    /// The requests in a second, of all connections together.
    pub rate: u32,
}

/// The load, until it is stopped.
pub struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<Vec<Sample>>>,
}

struct Shared {
    add_ons: Vec<Target>,
    window: AtomicU32,
    asked: AtomicU64,
    stop: AtomicBool,
    wrong: Mutex<Vec<String>>,
}

/// An add-on that is asked, and its versions by their numbers.
struct Target {
    sid: String,
    meant: Mutex<BTreeSet<u32>>,
    newest: AtomicU32,
}

/// One answered request.
#[derive(Debug, Clone, Copy)]
struct Sample {
    window: u32,
    micros: u32,
}

/// What came of it.
pub struct Tally {
    /// The answered requests.
    pub answered: usize,
    /// Everything that was not as it should be.
    pub wrong: Vec<String>,
    /// The latencies of each window, in order.
    windows: Vec<Vec<u32>>,
}

impl Load {
    /// Asks add-ons of a host, each of which version 1 serves.
    ///
    /// # Panics
    /// Where the host accepts no connection.
    #[must_use]
    pub fn start(host: &TestHost, add_ons: &[String], plan: Plan) -> Self {
        let target = |sid: &String| Target {
            sid: sid.clone(),
            meant: Mutex::new(BTreeSet::from([1])),
            newest: AtomicU32::new(0),
        };
        let shared = Arc::new(Shared {
            add_ons: add_ons.iter().map(target).collect(),
            window: AtomicU32::new(0),
            asked: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            wrong: Mutex::default(),
        });
        let pace = Duration::from_secs(1) * plan.lines / plan.rate;
        let started = Instant::now();
        let threads = (0..plan.lines).map(|place| {
            let line = Line::open(host.twilio().lookup(&add_ons[0], NUMBER));
            let caller = Caller {
                line: line.expect("the host listens"),
                shared: Arc::clone(&shared),
                newest: vec![0; add_ons.len()],
                samples: Vec::new(),
            };
            let first = started + pace * place / plan.lines;
            std::thread::spawn(move || caller.run(first, pace))
        });
        Self {
            threads: threads.collect(),
            shared,
        }
    }

    /// Lets a version of an add-on answer from now on.
    pub fn mean(&self, add_on: usize, number: u32) {
        lock(&self.shared.add_ons[add_on].meant).insert(number);
    }

    /// The newest version of an add-on that has answered.
    #[must_use]
    pub fn newest(&self, add_on: usize) -> u32 {
        self.shared.add_ons[add_on].newest.load(Ordering::Relaxed)
    }

    /// Begins a window: requests that are due from now on belong to it.
    pub fn begin_window(&self) {
        self.shared.window.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends the load, and checks that every connection is still there.
    ///
    /// # Panics
    /// Where a connection's thread does.
    #[must_use]
    pub fn stop(self) -> Tally {
        self.shared.stop.store(true, Ordering::Relaxed);
        let count = self.shared.window.load(Ordering::Relaxed) + 1;
        let mut windows: Vec<Vec<u32>> = (0..count).map(|_| Vec::new()).collect();
        for thread in self.threads {
            for sample in thread.join().expect("a caller does not panic") {
                windows[sample.window as usize].push(sample.micros);
            }
        }
        windows.iter_mut().for_each(|window| window.sort_unstable());
        Tally {
            answered: windows.iter().map(Vec::len).sum(),
            wrong: std::mem::take(&mut lock(&self.shared.wrong)),
            windows,
        }
    }
}

impl Tally {
    /// The latency below which so many of a thousand are, in the windows of these numbers
    /// together.
    #[must_use]
    pub fn latency(&self, of_thousand: usize, windows: impl Fn(usize) -> bool) -> Duration {
        let chosen = self.windows.iter().enumerate();
        let chosen = chosen.filter(|(number, _)| windows(*number));
        let mut all: Vec<u32> = chosen.flat_map(|(_, window)| window.clone()).collect();
        all.sort_unstable();
        let place = (all.len() * of_thousand / 1_000).min(all.len().saturating_sub(1));
        Duration::from_micros(all.get(place).copied().unwrap_or(0).into())
    }
}

/// One connection.
struct Caller {
    line: Line,
    shared: Arc<Shared>,
    /// The newest version of each add-on that has answered here.
    newest: Vec<u32>,
    samples: Vec<Sample>,
}

impl Caller {
    fn run(mut self, first: Instant, pace: Duration) -> Vec<Sample> {
        let mut due = first;
        for turn in 0.. {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if self.shared.stop.load(Ordering::Relaxed) {
                break;
            }
            let window = self.shared.window.load(Ordering::Relaxed);
            if let Err(wrong) = self.ask(turn % self.newest.len()) {
                lock(&self.shared.wrong).push(wrong.clone());
                if wrong.starts_with("the connection") {
                    break;
                }
            }
            let micros = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
            self.samples.push(Sample { window, micros });
            due += pace;
        }
        self.samples
    }

    /// Asks an add-on once.
    fn ask(&mut self, add_on: usize) -> Result<(), String> {
        let shared = Arc::clone(&self.shared);
        let target = &shared.add_ons[add_on];
        let nonce = shared.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.line.call_with(&request(&target.sid, nonce));
        let answer = answer.map_err(|error| format!("the connection broke: {error}"))?;
        let number = check(&answer, nonce)?;
        if !lock(&target.meant).contains(&number) {
            return Err(format!("version {number} was never meant to serve"));
        }
        let before = std::mem::replace(&mut self.newest[add_on], number);
        target.newest.fetch_max(number, Ordering::Relaxed);
        match number < before {
            true => Err(format!("version {number} after {before} on one connection")),
            false => Ok(()),
        }
    }
}

/// A signed request, as it travels.
fn request(sid: &str, nonce: u64) -> Vec<u8> {
    let target = format!("/lookups?phone=%2B{}&nonce={nonce}", &NUMBER[1..]);
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{target}"), &[]);
    let host = &PUBLIC_URL["https://".len()..];
    format!(
        "GET {target} HTTP/1.1\r\nhost: {host}\r\nx-twilio-vendoraccountsid: {ACCOUNT}\r\n\
         x-twilio-addonsid: {sid}\r\nx-twilio-signature: {signature}\r\n\r\n"
    )
    .into_bytes()
}

/// The number of the version that gave an answer, which must bring the nonce back.
fn check(answer: &[u8], nonce: u64) -> Result<u32, String> {
    let shown = || String::from_utf8_lossy(answer).into_owned();
    let body: serde_json::Value = serde_json::from_slice(answer).map_err(|_| shown())?;
    let results = &body["results"];
    let echoed = results["nonce"].as_str() == Some(nonce.to_string().as_str());
    let number = results["version"].as_str().and_then(number_in);
    number
        .filter(|_| echoed && body["error_code"].is_null())
        .ok_or_else(shown)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
