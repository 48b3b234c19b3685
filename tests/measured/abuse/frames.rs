//! What frames of HTTP/2 cost the host that ask for nothing, beside as many bytes of requests.
//!
//! Nothing bounds how many settings and pings a client sends that reads what it is answered.
//! They need no bound of their own as long as whoever wants to cost the host its time gets
//! more of it by asking, which nobody can be kept from who was not heard yet.

use std::fs;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use jackfield_tests::{Authority, Secure, TestHost, http2, scale};
use rustix::param::clock_ticks_per_second;

use super::scene::Scene;
use super::secure_host;
use crate::alone;

/// How many frames are sent before their answers are read: as many requests as a connection
/// may have at once.
const BATCH: u32 = 32;

#[test]
fn frames_that_ask_for_nothing_cost_less_than_as_many_bytes_of_requests() {
    let _alone = alone();
    let authority = Authority::new();
    let host = secure_host(&authority);
    let scene = Scene::secured(&host, 0, &authority);
    let [settings, pings, requests] = [
        cost("settings", &host, &scene, |_| http2::settings()),
        cost("pings", &host, &scene, |_| http2::ping()),
        cost("requests", &host, &scene, |number| {
            http2::request(2 * number + 1)
        }),
    ];
    assert!(settings.max(pings) < requests);
}

/// What frames of a kind cost the host that are sent over one connection for a while, in
/// nanoseconds of its processor time for each byte.
fn cost(name: &str, host: &TestHost, scene: &Scene, frame: impl Fn(u32) -> Vec<u8>) -> f64 {
    let mut line = Line::open(scene);
    let (before, began) = (processor_time(host), Instant::now());
    let (mut frames, mut bytes) = (0, 0);
    while began.elapsed() < Duration::from_millis(scale(500, 10_000) as u64) {
        let batch: Vec<u8> = (frames..frames + BATCH).flat_map(&frame).collect();
        frames += BATCH;
        bytes += batch.len();
        line.ask(&batch);
    }
    let took = (processor_time(host) - before).as_secs_f64();
    let (each, byte) = (took * 1e6 / f64::from(frames), took * 1e9 / bytes as f64);
    println!("{name:10}{each:>8.2} us a frame, {byte:>8.1} ns a byte");
    byte
}

/// A connection, and what was read of it that is no whole frame yet.
struct Line {
    stream: Secure,
    said: Vec<u8>,
}

impl Line {
    fn open(scene: &Scene) -> Self {
        let stream = scene.http2().unwrap();
        let mut line = Self {
            stream,
            said: Vec::new(),
        };
        line.stream.write_all(&http2::greeting()).unwrap();
        line.until_answered(1);
        line
    }

    /// Sends a batch, and waits until all of it is answered.
    fn ask(&mut self, batch: &[u8]) {
        self.stream.write_all(batch).unwrap();
        self.stream.write_all(&http2::more_window()).unwrap();
        self.until_answered(BATCH as usize);
    }

    fn until_answered(&mut self, frames: usize) {
        let mut answered = 0;
        while answered < frames {
            let mut piece = [0; 16 * 1024];
            let length = self.stream.read(&mut piece).unwrap();
            assert_ne!(length, 0, "the host ends the connection");
            self.said.extend_from_slice(&piece[..length]);
            answered += http2::take_answers(&mut self.said);
        }
    }
}

/// The processor time that a host has had.
fn processor_time(host: &TestHost) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", host.process())).unwrap();
    // The name comes before, and may hold anything.
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let fields = rest.split(' ').skip(11).take(2);
    let ticks: u64 = fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_secs(ticks) / u32::try_from(clock_ticks_per_second()).unwrap()
}
