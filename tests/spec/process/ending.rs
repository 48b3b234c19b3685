//! Signals: what was accepted is answered, within the time that is given for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jackfield_tests::{Begun, add_on_sid};

use super::builder;
use super::client::{Answered, Client, request};

#[tokio::test]
async fn a_second_signal_ends_the_host_at_once_with_a_status_of_its_own() {
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let mut host = builder().start();
        let mut running = Begun::open(&host, &add_on_sid('a'));
        host.signal("TERM");
        host.logs("told to end", 1).await;
        host.signal(signal);
        assert_eq!(host.wait(), Some(status));
        assert!(host.log().contains("told to end again"), "{}", host.log());
        let rest = running.rest().unwrap_or_default();
        assert!(!rest.contains("HTTP/1.1 200"), "{rest}");
    }
}

#[test]
fn what_still_runs_when_the_time_is_over_is_cut_off() {
    let mut host = builder().server("drain_timeout = \"200ms\"").start();
    let mut running = Begun::open(&host, &add_on_sid('a'));
    let started = Instant::now();
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    // Far from the 5 s that the body may take.
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(host.log().contains("were cut off"), "{}", host.log());
    let rest = running.rest().unwrap_or_default();
    assert!(!rest.contains("HTTP/1.1 200"), "{rest}");
}

#[tokio::test]
async fn what_runs_is_answered_and_told_that_the_connection_ends_with_it() {
    let mut host = builder().start();
    let running = Begun::open(&host, &add_on_sid('a'));
    host.signal("TERM");
    host.logs("told to end", 1).await;
    let answer = running.end().unwrap().to_ascii_lowercase();
    assert!(answer.contains("http/1.1 200 ok"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(host.wait(), Some(0));
}

#[test]
fn a_connection_that_is_kept_and_idle_is_closed_without_a_word() {
    let mut host = builder().start();
    let mut kept = Client::open(host.address()).unwrap();
    assert_eq!(kept.ask(&request(&host)).unwrap(), Answered::Kept);
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    assert!(kept.is_over());
}

#[test]
fn whoever_the_system_has_accepted_is_answered_after_the_signal() {
    const WAITING: usize = 64;
    let mut host = builder().start();
    let request = request(&host);
    // The host stands still, so all of these wait where it has not accepted them yet.
    host.signal("STOP");
    let waiting = || {
        let mut client = Client::open(host.address()).unwrap();
        client.send(&request).unwrap();
        client
    };
    let mut waiting: Vec<_> = (0..WAITING).map(|_| waiting()).collect();
    host.signal("TERM");
    host.signal("CONT");
    for client in &mut waiting {
        client.answer().unwrap();
        assert!(client.is_over());
    }
    assert_eq!(host.wait(), Some(0));
}

#[test]
fn a_host_that_is_told_to_end_under_load_fails_nobody_that_it_accepted() {
    const CLIENTS: usize = 4;
    const BEFORE: usize = 400;
    let mut host = builder().start();
    let (request, answered) = (request(&host), AtomicUsize::new(0));
    let until_closed = |mut client: Client| {
        loop {
            let last = client.ask(&request).unwrap();
            answered.fetch_add(1, Ordering::Relaxed);
            if last == Answered::Last {
                return client.is_over();
            }
        }
    };
    std::thread::scope(|scope| {
        let open = |_| Client::open(host.address()).unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(open).collect();
        let clients = clients.into_iter();
        let clients: Vec<_> = clients
            .map(|client| scope.spawn(|| until_closed(client)))
            .collect();
        let all_go_on = || clients.iter().all(|client| !client.is_finished());
        while answered.load(Ordering::Relaxed) < BEFORE && all_go_on() {
            std::thread::yield_now();
        }
        host.signal("TERM");
        for client in clients {
            assert!(client.join().unwrap());
        }
    });
    assert_eq!(host.wait(), Some(0));
    let answered = answered.into_inner();
    println!("{answered} answered on {CLIENTS} connections, none failed");
}
