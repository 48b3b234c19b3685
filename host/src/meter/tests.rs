use super::*;

fn ended(outcome: &str, took: Duration) -> Ended {
    Ended {
        point: Some(IntegrationPoint::Lookups),
        outcome: Outcome::named(outcome),
        verified: true,
        counts_against: false,
        degraded: false,
        unheard: false,
        took,
    }
}

fn seen(meter: &Meter) -> Seen {
    let mut all = meter.seen();
    let (point, seen) = all.next().unwrap();
    assert_eq!(point, Some(IntegrationPoint::Lookups));
    assert!(all.next().is_none());
    seen
}

#[test]
fn what_many_threads_count_is_counted_once() {
    let meter = Meter::default();
    let took = Duration::from_millis(1);
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| (0..1_000).for_each(|_| meter.count(&ended("success", took))));
        }
    });
    let seen = seen(&meter);
    assert_eq!(seen.outcomes[0], 40_000);
    assert_eq!(seen.outcomes.iter().sum::<u64>(), 40_000);
    assert_eq!(seen.took.count(), 40_000);
    assert!((seen.took.sum - 40.0).abs() < 1e-6, "{}", seen.took.sum);
}

#[test]
fn a_time_belongs_to_the_first_bound_that_it_does_not_exceed() {
    for (nanoseconds, place) in [
        (0, 0),
        (100_000, 0),
        (100_001, 1),
        (15_000_000_000, 16),
        (15_000_000_001, 17),
        (u64::MAX, 17),
    ] {
        let meter = Meter::default();
        meter.count(&ended("success", Duration::from_nanos(nanoseconds)));
        let counts = seen(&meter).took.counts;
        let counted = counts.iter().position(|(_, count)| *count == 1);
        assert_eq!(counted, Some(place), "{nanoseconds}");
    }
}

#[test]
fn what_counts_against_the_publisher_is_told_apart_by_who_asked() {
    let meter = Meter::default();
    for (outcome, verified, counts_against) in [
        ("success", true, false),
        ("signature_invalid", false, true),
        ("stale_request", true, true),
        ("stale_request", true, true),
    ] {
        meter.count(&Ended {
            verified,
            counts_against,
            ..ended(outcome, Duration::ZERO)
        });
    }
    let seen = seen(&meter);
    let count = |who: usize, of: &str| seen.against[who][Outcome::named(of).place()];
    assert_eq!(count(0, "signature_invalid"), 1);
    assert_eq!(count(1, "stale_request"), 2);
    assert_eq!(seen.against.as_flattened().iter().sum::<u64>(), 3);
}

#[test]
fn guests_are_counted_by_what_they_use() {
    let meter = Meter::default();
    meter.count_guest(Usage {
        processor: Duration::from_micros(30),
        memory: 1 << 20,
    });
    let (processor, memory) = meter.guests();
    assert_eq!((processor.count(), processor.counts[1].1), (1, 1));
    assert_eq!((memory.sum, memory.counts[2].1), (1_048_576.0, 1));
    assert!((processor.sum - 30e-6).abs() < 1e-12);
}

#[test]
fn clocks_differ_on_either_side() {
    let clocks = Clocks::default();
    clocks.note(jiff::SignedDuration::from_millis(1_500));
    clocks.note(jiff::SignedDuration::from_millis(-300));
    let (ahead, behind) = (clocks.seen(Way::Ahead), clocks.seen(Way::Behind));
    assert_eq!((ahead.count(), ahead.sum), (1, 1.5));
    assert_eq!(behind.count(), 1);
    assert!((behind.sum - 0.3).abs() < 1e-9);
}

#[test]
fn points_are_counted_where_they_are_told() {
    for (at, point) in Meter::POINTS.into_iter().enumerate() {
        assert_eq!(place(point), at);
    }
}
