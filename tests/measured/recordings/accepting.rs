//! What it costs to say nothing before it is on the disk.

use std::time::{Duration, Instant};

use jackfield_tests::wav::Wav;
use jackfield_tests::{NUMBER, Receiver, TestHost, add_on_sid, guest, request_sid, scale};
use tokio::task::JoinSet;

use crate::alone;

/// How many clients ask at once.
const CLIENTS: [u64; 3] = [1, 8, 64];

/// What so many clients got in a time.
struct Rate {
    each_second: f64,
    median: Duration,
    p99: Duration,
}

/// A host that accepts recordings that nobody wants a result of, and answers lookups.
fn host() -> TestHost {
    let receiver = Receiver::start();
    TestHost::recorder("toil", &add_on_sid('a'), &receiver, "")
        .add_on("echo", &add_on_sid('b'), &guest("echo"), "")
        .start()
}

/// Has clients ask one after the other, each for its own, on connections of their own.
async fn measure<F>(clients: u64, ask: impl Fn(u64) -> F) -> Rate
where
    F: Future<Output = ()> + Send + 'static,
{
    let each = scale(60, 600) as u64 * 8 / clients.max(8);
    let started = Instant::now();
    let mut all = JoinSet::new();
    for client in 0..clients {
        let asked: Vec<_> = (0..each).map(|count| ask(client * each + count)).collect();
        all.spawn(async move {
            let mut took = Vec::new();
            for ask in asked {
                let started = Instant::now();
                ask.await;
                took.push(started.elapsed());
            }
            took
        });
    }
    let mut took = all.join_all().await.concat();
    let elapsed = started.elapsed();
    took.sort_unstable();
    Rate {
        each_second: took.len() as f64 / elapsed.as_secs_f64(),
        median: took[took.len() / 2],
        p99: took[took.len() * 99 / 100],
    }
}

fn show(what: &str, clients: u64, rate: &Rate) {
    let Rate {
        each_second,
        median,
        p99,
    } = rate;
    println!("{what}, {clients} at once: {each_second:.0}/s, median {median:.1?}, p99 {p99:.1?}");
}

#[test]
fn clients_that_come_at_once_share_the_disks_time() {
    let _alone = alone();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let host = host();
        let wav = Wav::tone(500);
        let mut numbers = 0;
        let mut accepted = Vec::new();
        for clients in CLIENTS {
            let first = numbers;
            numbers += 1_000_000;
            let rate = measure(clients, |number| {
                let sent = host.twilio().recording(&add_on_sid('a'));
                let sent = sent.audio(&wav).callback("");
                let sent = sent.request_sid(&request_sid(first + number));
                async move { assert_eq!(sent.send().await.status, 202) }
            });
            let rate = rate.await;
            show("202, after the disk", clients, &rate);
            accepted.push(rate.each_second);
            host.at_rest().await;
            bare(&host, clients).await;
        }
        assert!(accepted[2] > accepted[0], "{accepted:?}");
    });
}

/// The bare synchronous path: a signature is checked, and a provider answers at once.
async fn bare(host: &TestHost, clients: u64) {
    let rate = measure(clients, |_| {
        let asked = host.twilio().lookup(&add_on_sid('b'), NUMBER);
        async move { assert_eq!(asked.send().await.status, 200) }
    });
    show("a lookup's answer", clients, &rate.await);
}
