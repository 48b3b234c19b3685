//! Audio and results of 100 MB pass through a host that holds but a little of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use jackfield_tests::recording::{Recording, Shape};
use jackfield_tests::wav::Large;
use jackfield_tests::{Body, Footprint, Receiver, Reply, Seen, TestHost, add_on_sid};

use crate::alone;

/// A hundred megabytes, and the most that the host holds of memory for it.
const LARGE: u64 = 100_000_000;
const BOUND: u64 = 32 * 1024 * 1024;

/// Looks at a host's memory all the time.
struct Watch {
    peak: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watch {
    fn start(host: &TestHost) -> Self {
        let (peak, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (seen, end, process) = (Arc::clone(&peak), Arc::clone(&stop), host.process());
        let thread = std::thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                seen.fetch_max(Footprint::of(process).resident, Ordering::Relaxed);
                // Nobody else is to be kept from the machine.
                std::thread::yield_now();
            }
        });
        Self { peak, stop, thread }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.peak.load(Ordering::Relaxed)
    }
}

/// A host with two providers, and whoever it calls back.
fn host(jobs: &str) -> (TestHost, Receiver) {
    let receiver = Receiver::start();
    let grants = "grants = { fields = [\"mb\"] }\ncpu = \"5m\"\n";
    let host = TestHost::recorder("echo-recording", &add_on_sid('a'), &receiver, grants)
        .recorder("big-report", &add_on_sid('b'), grants)
        .jobs(&format!("audio_timeout = \"10m\"\n{jobs}"))
        .env("SEAL", &"5a".repeat(32));
    (host.start(), receiver)
}

fn recording(host: &TestHost, receiver: &Receiver, add_on: char) -> Recording {
    let recording = host.twilio().recording(&add_on_sid(add_on));
    let recording = recording.callback(&receiver.url("/callback"));
    recording.field("Duration", "600000").field("mb", "100")
}

/// Sends a recording to a host that has done something small before, and returns what was
/// called back, and how much more memory the host held than it does when it is idle.
fn passes(
    (host, receiver): &(TestHost, Receiver),
    name: &str,
    sent: impl FnOnce() -> Recording,
) -> Seen {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (seen, idle, peak) = runtime.block_on(async {
        let small = host.twilio().recording(&add_on_sid('a')).callback("");
        assert_eq!(small.send().await.status, 202);
        host.at_rest().await;
        let idle = Footprint::of(host.process()).resident;
        let watch = Watch::start(host);
        let answer = sent().send().await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let mut seen = receiver.answered("/callback", 1).await;
        host.at_rest().await;
        (seen.remove(0), idle, watch.end())
    });
    let more = peak.saturating_sub(idle);
    println!("{name}: {peak} bytes at most, {more} more than the idle host's {idle}");
    assert!(more <= BOUND, "{name}: {more} bytes more");
    assert!(host.spooled().is_empty());
    seen
}

#[test]
fn audio_of_100_mb_is_sent_or_fetched_in_a_bounded_memory() {
    let _alone = alone();
    let large = Large::new(7, LARGE);
    let whole = |seen: &Seen| {
        let told = seen.json()["results"]["audio"].clone();
        assert_eq!(told["bytes"], LARGE);
        assert_eq!(told["sha256"], large.hash());
    };
    for (name, jobs) in [("plain", ""), ("sealed", "seal = [{ env = \"SEAL\" }]")] {
        let it = host(jobs);
        let (host, receiver) = &it;
        let sent = || recording(host, receiver, 'a').large(large);
        whole(&passes(&it, &format!("audio sent, {name}"), sent));
    }
    let it = host("");
    let (host, receiver) = &it;
    let mut audio = Body::default();
    audio.make(large);
    receiver.on("/audio", [Reply::status(200).body(audio)]);
    let sent = || {
        let sent = recording(host, receiver, 'a').shape(Shape::Form);
        sent.at(&receiver.url("/audio"))
    };
    whole(&passes(&it, "audio fetched", sent));
}

#[test]
fn a_result_of_100_mb_is_called_back_in_a_bounded_memory() {
    let _alone = alone();
    for (name, jobs) in [("plain", ""), ("sealed", "seal = [{ env = \"SEAL\" }]")] {
        let it = host(jobs);
        let (host, receiver) = &it;
        let sent = || recording(host, receiver, 'b');
        let seen = passes(&it, &format!("a result, {name}"), sent);
        let body = seen.body.unwrap();
        assert!(body.whole);
        // The envelope comes on top.
        assert!(
            (LARGE..LARGE + 1_000).contains(&body.length),
            "{}",
            body.length
        );
    }
}
