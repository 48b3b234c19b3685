//! Hot reload under load: nothing is lost, whatever is done to the files.

mod deeds;
mod taking_up;

use std::time::{Duration, Instant};

use jackfield_tests::load::{Load, Plan, Tally};
use jackfield_tests::neighbour::SLICE;
use jackfield_tests::versions::TIGHT;
use jackfield_tests::{Footprint, TestHost, add_on_sid, scale};

use crate::alone;
use deeds::{Bench, Deed};

/// The load: more than this machine's host is asked by anybody.
const PLAN: Plan = Plan {
    lines: 8,
    rate: 2_000,
};
/// The hosts' logs, without a line for each request, which would hide all others.
const LOG: &str = "info,jackfield::handle=warn";
/// How long a quiet window lasts, before each reload.
const QUIET: Duration = Duration::from_millis(500);
/// The 99th percentile while something is taken up, as a multiple of that while nothing is.
const MOST: f64 = 1.5;
/// What memory may grow by between the first tenth of the reloads and the last. What a
/// reload leaves behind if anything leaks is a registry, a provider and its machine code:
/// a megabyte or more for each, so 180 of them double what the host holds. Allocators
/// that still find their size do less than this.
const GROWTH: f64 = 1.25;
/// The reloads before memory is looked at: by then allocators have found their size.
const WARM: usize = 100;
/// Has the allocator give back at once what bombs of a megabyte took, which it otherwise
/// keeps for the next one, in as many places as there are threads: so that what memory is
/// taken is memory that is held.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "131072"),
];
/// Descriptors that come and go: a watch, the log, a client's connection that is closing.
const DESCRIPTORS: usize = 4;
/// How often figures are measured before they count as bad: one moment of a busy machine
/// decides nothing. What is answered has to be right every time.
const TRIES: usize = 3;

/// What came of one run.
struct Run {
    count: usize,
    took: Duration,
    /// How long the load lasted in all.
    loaded: Duration,
    slowest: Duration,
    tally: Tally,
    /// What the host held after so many reloads, and after all of them.
    settled: usize,
    before: Footprint,
    after: Footprint,
}

#[test]
fn two_hundred_reloads_lose_no_request() {
    let _alone = alone();
    for left in (0..TRIES).rev() {
        let run = run(scale(12, 200));
        run.print();
        run.assert_right();
        if run.is_quick() {
            return;
        }
        assert!(left > 0, "slower than {MOST} times, {TRIES} times in a row");
    }
}

fn run(count: usize) -> Run {
    let (host, bench) = stage();
    let sids: Vec<String> = deeds::ADD_ONS
        .iter()
        .map(|it| add_on_sid(it.digit))
        .collect();
    let load = Load::start(&host, &sids, PLAN);
    let loaded = Instant::now();
    pause(2 * QUIET);
    for number in 0..scale(0, WARM) {
        bench.carry_out(&host, &load, Deed::of(number), count + number);
    }
    let settled = (count / 10).max(4);
    let (mut before, mut slowest) = (Footprint::of(host.process()), Duration::ZERO);
    let started = Instant::now();
    for number in 0..count {
        load.begin_window();
        pause(QUIET);
        load.begin_window();
        let begun = Instant::now();
        bench.carry_out(&host, &load, Deed::of(number), number);
        slowest = slowest.max(begun.elapsed());
        if number < settled {
            before = Footprint::of(host.process());
        }
    }
    load.begin_window();
    pause(QUIET);
    let run = Run {
        count,
        settled,
        slowest,
        before,
        after: Footprint::of(host.process()),
        took: started.elapsed(),
        loaded: loaded.elapsed(),
        tally: load.stop(),
    };
    bench.assert_told(&host);
    run
}

impl Run {
    /// A latency, in thousandths of all requests. Windows take turns: the first is the
    /// load's beginning, and counts for nothing.
    fn latency(&self, thousandth: usize, reloading: bool) -> Duration {
        let counts = |window| window > 0 && (window % 2 == 0) == reloading;
        self.tally.latency(thousandth, counts)
    }

    fn ratio(&self) -> f64 {
        let at = |reloading| self.latency(990, reloading).max(SLICE).as_secs_f64();
        at(true) / at(false)
    }

    fn growth(&self) -> f64 {
        self.after.resident as f64 / self.before.resident as f64
    }

    fn is_quick(&self) -> bool {
        self.ratio() <= MOST
    }

    fn print(&self) {
        let Self {
            count,
            took,
            loaded,
            slowest,
            tally,
            settled,
            before,
            after,
        } = self;
        let rate = tally.answered as f64 / loaded.as_secs_f64();
        let (answered, wrong) = (tally.answered, tally.wrong.len());
        println!("{count} reloads in {took:.1?}, {rate:.0}/s: {answered} answered, {wrong} wrong");
        let [p50, busy50, p99, busy99] = [(500, false), (500, true), (990, false), (990, true)]
            .map(|(thousandth, reloading)| self.latency(thousandth, reloading));
        println!(
            "p50 {p50:.2?}, {busy50:.2?} while reloading; p99 {p99:.2?}, {busy99:.2?} while \
             reloading, {:.2} times; slowest reload {slowest:.2?}",
            self.ratio()
        );
        let growth = self.growth();
        println!("after {settled} {before:?}, after {count} {after:?}: {growth:.2} times");
    }

    /// Whether every request was answered as it should be, and nothing was left behind.
    fn assert_right(&self) {
        let (wrong, some) = (self.tally.wrong.len(), self.tally.wrong.iter().take(10));
        assert!(wrong == 0, "{wrong}, as {:#?}", some.collect::<Vec<_>>());
        let (before, after) = (self.before, self.after);
        assert!(self.growth() <= GROWTH, "{before:?} {after:?}");
        assert!(
            after.descriptors <= before.descriptors + DESCRIPTORS,
            "{before:?} {after:?}"
        );
    }
}

fn stage() -> (TestHost, Bench) {
    let builder = TestHost::builder().server(TIGHT).env("JACKFIELD_LOG", LOG);
    let builder = ALLOCATOR
        .iter()
        .fold(builder, |it, (name, value)| it.env(name, value));
    let builder = deeds::ADD_ONS.iter().fold(builder, |builder, add_on| {
        builder.add_on_of(
            add_on.name,
            &add_on_sid(add_on.digit),
            &jackfield_tests::versions::version(1),
            deeds::TERMS,
        )
    });
    let bench = Bench::new(builder.path());
    (builder.start(), bench)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a window lasts for a while, and ends for nothing else"
)]
fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
