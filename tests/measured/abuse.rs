//! What abuse of the listener costs an honest client, and what it leaves behind.
//!
//! The abusers share machine and processors with the host, so that the honest client is
//! measured three times, as [`jackfield_tests::neighbour`] has it: alone, beside a thread
//! that burns a processor, and beside the abuse, which is paced so that it is the host that
//! is tried and not the machine.

#![expect(
    clippy::disallowed_methods,
    reason = "an abuser keeps a pace, and what comes back is looked for again and again"
)]

mod crowd;
mod deeds;
mod floods;
mod frames;
mod scene;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use jackfield_tests::neighbour::{Comparison, SLICE, beside};
use jackfield_tests::{
    Authority, Footprint, Line, NUMBER, Signed, TestHost, TestHostBuilder, add_on_sid, scale,
    take_all_descriptors,
};

use self::scene::{Abuse, Scene, Siege};
use crate::alone;

/// The honest client's 99th percentile beside abuse, as a multiple of that without.
const MOST: f64 = 3.0;
/// Rounds that are compared first, and where these say no.
const ROUNDS: [usize; 4] = [1, 3, 5, 9];
/// The calls before anything is measured.
const WARM_UP: usize = 300;
/// What memory may do between two looks.
const SLACK: u64 = 8 * 1024 * 1024;
/// Descriptors that come and go: the log, a client's connection that is closing.
const DESCRIPTORS: usize = 4;
/// How long what was taken may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);
/// Has the allocator give back at once what is not used any more, so that what memory is
/// taken is memory that is held.
const ALLOCATOR: (&str, &str) = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0");
/// Without a line for each request, which would hide all others.
const LOG: &str = "info,jackfield::handle=error";
/// The name that the certificate is for.
const NAME: &str = "addons.example.com";
/// Descriptors that this process needs besides a crowd's.
const OURS: usize = 500;

/// How many connections a crowd is.
fn crowd() -> usize {
    let (wanted, granted) = (scale(500, 10_000), take_all_descriptors());
    let crowd = wanted.min(granted.saturating_sub(OURS));
    if crowd < wanted {
        println!("only {crowd} of {wanted} connections: {granted} descriptors are granted");
    }
    crowd
}

/// A host to be, that has room for more than a crowd, and does not end those who wait for
/// the others to come.
fn builder() -> TestHostBuilder {
    TestHost::with("echo", &add_on_sid('a'), "")
        .server("connections = 12000\nheader_timeout = \"2m\"")
        .env(ALLOCATOR.0, ALLOCATOR.1)
        .env("JACKFIELD_LOG", LOG)
}

/// The same, which speaks TLS and HTTP/2.
fn secure_host(authority: &Authority) -> TestHost {
    let builder = builder().server(
        "tls = { certificates = [{ chain = \"it.pem\", key = \"it.key\" }], http2 = true }",
    );
    let _ = authority.issue(builder.path(), "it", &[NAME]);
    builder.start()
}

fn honest(host: &TestHost) -> Signed {
    host.twilio().lookup(&add_on_sid('a'), NUMBER)
}

#[test]
fn an_honest_client_is_answered_as_ever_whatever_others_do_to_the_listener() {
    let _alone = alone();
    let host = builder().start();
    let line = Line::open(honest(&host)).unwrap();
    measure(&host, line, &Scene::plain(&host, crowd()), deeds::PLAIN);
}

#[test]
fn an_honest_client_is_answered_as_ever_whatever_others_do_with_tls_and_http_2() {
    let _alone = alone();
    let authority = Authority::new();
    let host = secure_host(&authority);
    let scene = Scene::secured(&host, crowd(), &authority);
    let stream = scene.secure().unwrap();
    measure(
        &host,
        Line::over(stream, honest(&host)),
        &scene,
        deeds::SECURE,
    );
}

/// Measures each abuse, and looks at what all of them have left behind.
fn measure<S: Read + Write>(host: &TestHost, mut line: Line<S>, scene: &Scene, abuses: &[Abuse]) {
    for _ in 0..WARM_UP {
        line.call().unwrap();
    }
    for abuse in abuses {
        Siege::begin(scene, *abuse).end();
    }
    let before = Footprint::of(host.process());
    println!(
        "{:34}{:>10}{:>10}{:>10}{:>8}{:>9}",
        "p99 beside", "nobody", "a thread", "abuse", "times", "deeds"
    );
    let mut slow = Vec::new();
    for abuse in abuses {
        let found = judge(&mut line, scene, *abuse);
        let row = row(abuse, &found);
        println!("{row}");
        if times(&found) > MOST {
            slow.push(row);
        }
    }
    assert!(slow.is_empty(), "slowed down:\n{}", slow.join("\n"));
    let after = given_back(host, before);
    println!("before {before:?}\nafter  {after:?}");
}

fn judge<S: Read + Write>(line: &mut Line<S>, scene: &Scene, abuse: Abuse) -> Comparison {
    let compare = |line: &mut Line<S>, rounds| {
        beside(line, rounds, 1, || Siege::begin(scene, abuse), Siege::end)
    };
    let mut last = compare(line, ROUNDS[0]);
    for rounds in &ROUNDS[1..] {
        if times(&last) <= MOST {
            break;
        }
        last = compare(line, *rounds);
    }
    last
}

/// The 99th percentile beside abuse, as a multiple of that of the same host on a machine
/// that is as busy.
fn times(found: &Comparison) -> f64 {
    let ordinary = found.quiet.p99.max(found.busy.p99).max(SLICE);
    found.besieged.p99.as_secs_f64() / ordinary.as_secs_f64()
}

fn row(abuse: &Abuse, found: &Comparison) -> String {
    let p99 = [found.quiet, found.busy, found.besieged].map(|latency| latency.p99);
    format!(
        "{:34}{:>10.1?}{:>10.1?}{:>10.1?}{:>8.2}{:>9}",
        abuse.name,
        p99[0],
        p99[1],
        p99[2],
        times(found),
        found.attacks
    )
}

/// Waits until the host holds no more than before.
fn given_back(host: &TestHost, before: Footprint) -> Footprint {
    once(host, |after| {
        after.descriptors <= before.descriptors + DESCRIPTORS
            && after.resident <= before.resident + SLACK
    })
}

/// What the host holds once that is as it should be.
fn once(host: &TestHost, is_so: impl Fn(&Footprint) -> bool) -> Footprint {
    let started = Instant::now();
    loop {
        let held = Footprint::of(host.process());
        if is_so(&held) {
            return held;
        }
        assert!(started.elapsed() < PATIENCE, "{held:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
