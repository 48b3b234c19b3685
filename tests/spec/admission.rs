//! Who gets a turn, who waits for one, and who is told at once that there is none.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, Twilio, add_on_sid, guest};
use tokio::task::JoinSet;

/// Numbers for the guest `moody`: it answers, traps, and never returns.
const GOOD: &str = "+12125550123";
const BAD: &str = "+12125550120";
const ENDLESS: &str = "+12125550129";

/// A call that never returns keeps its slot for so long.
const LONG: &str = "timeout = \"4s\"\ncpu = \"4s\"\n";

fn install(digit: char) -> String {
    format!("XD{}", digit.to_string().repeat(32))
}

/// The call of a customer, told apart by a digit.
fn call_of(twilio: &Twilio, customer: char, number: &str) -> Signed {
    let call = twilio.lookup(&add_on_sid('a'), number);
    call.header("x-twilio-addoninstallsid", &install(customer))
}

/// Many calls of one customer at once.
fn calls_of(twilio: &Twilio, customer: char, number: &str, count: usize) -> JoinSet<Answer> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        calls.spawn(call_of(twilio, customer, number).send());
    }
    calls
}

async fn first(calls: &mut JoinSet<Answer>) -> Answer {
    calls.join_next().await.unwrap().unwrap()
}

fn moody(toml: &str) -> jackfield_tests::TestHostBuilder {
    TestHost::with("moody", &add_on_sid('a'), toml)
}

#[tokio::test]
async fn where_the_queue_is_full_too_the_answer_comes_at_once() {
    let host = moody(&format!("{LONG}concurrency = 1\nqueue = 0")).start();
    let started = Instant::now();
    let mut calls = calls_of(&host.twilio(), '1', ENDLESS, 2);
    assert_snapshot!(first(&mut calls).await.shown(), @r#"
    200 OK
    {"phone_number":"+12125550129","results":{},"error_code":"overloaded","message":"the add-on is at its limit of calls, and so is its queue","request_sid":null,"retryable":true}
    "#);
    assert!(started.elapsed() < Duration::from_secs(2));
    let late = first(&mut calls).await;
    assert_ne!(late.error_code(), "overloaded");
}

#[tokio::test]
async fn a_call_waits_for_its_turn_for_half_of_the_timeout() {
    let toml = "timeout = \"2s\"\ncpu = \"2s\"\nconcurrency = 1\nqueue = 1";
    let host = moody(toml).start();
    let started = Instant::now();
    let mut calls = calls_of(&host.twilio(), '1', ENDLESS, 2);
    assert_snapshot!(first(&mut calls).await.shown(), @r#"
    200 OK
    {"phone_number":"+12125550129","results":{},"error_code":"overloaded","message":"the add-on is at its limit of calls, and none ended in time","request_sid":null,"retryable":true}
    "#);
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(1), "{waited:?}");
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[tokio::test]
async fn a_call_that_waits_is_served_when_another_ends() {
    let toml = "timeout = \"4s\"\ncpu = \"200ms\"\nconcurrency = 1\nqueue = 8";
    let host = moody(toml).start();
    let twilio = host.twilio();
    let mut calls = calls_of(&twilio, '1', ENDLESS, 1);
    calls.spawn(call_of(&twilio, '2', GOOD).send());
    for answer in calls.join_all().await {
        assert_ne!(answer.error_code(), "overloaded", "{}", answer.text());
    }
}

/// Of eight slots, two are guaranteed to each add-on and four are shared.
#[tokio::test]
async fn an_add_on_that_takes_all_it_can_get_leaves_another_its_part() {
    let quiet = add_on_sid('b');
    let host = moody(&format!("{LONG}queue = 0"))
        .server("concurrency = 8")
        .add_on("echo", &quiet, &guest("echo"), "queue = 0")
        .start();
    let twilio = host.twilio();
    let mut flood = calls_of(&twilio, '1', ENDLESS, 7);
    assert_eq!(first(&mut flood).await.error_code(), "overloaded");
    let started = Instant::now();
    for _ in 0..10 {
        let calls = [(); 2].map(|()| twilio.lookup(&quiet, NUMBER).send());
        for answer in calls.map(tokio::spawn) {
            let answer = answer.await.unwrap();
            assert!(answer.error_code().is_null(), "{}", answer.text());
        }
    }
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(flood.len(), 6);
    assert!(flood.try_join_next().is_none(), "the flood is over already");
}

#[tokio::test]
async fn a_customer_that_floods_an_add_on_does_not_shut_another_out() {
    let host = moody(&format!("{LONG}concurrency = 4\nqueue = 0")).start();
    let twilio = host.twilio();
    let answer = call_of(&twilio, '2', GOOD).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let mut flood = calls_of(&twilio, '1', ENDLESS, 4);
    assert_eq!(first(&mut flood).await.error_code(), "overloaded");
    for _ in 0..3 {
        let flooding = call_of(&twilio, '1', GOOD).send().await;
        assert_eq!(flooding.error_code(), "overloaded");
        let other = call_of(&twilio, '2', GOOD).send().await;
        assert!(other.error_code().is_null(), "{}", other.text());
    }
    assert!(flood.try_join_next().is_none(), "the flood is over already");
}

#[tokio::test]
async fn the_only_customer_of_an_add_on_may_use_all_of_it() {
    let host = moody(&format!("{LONG}concurrency = 4\nqueue = 0")).start();
    let mut flood = calls_of(&host.twilio(), '1', ENDLESS, 5);
    assert_eq!(first(&mut flood).await.error_code(), "overloaded");
    while let Some(answer) = flood.join_next().await {
        assert_ne!(answer.unwrap().error_code(), "overloaded");
    }
}

#[tokio::test]
async fn a_place_in_a_full_queue_goes_to_a_customer_who_has_fewer_there() {
    let host = moody(&format!("{LONG}concurrency = 1\nqueue = 2")).start();
    let twilio = host.twilio();
    let started = Instant::now();
    let mut flood = calls_of(&twilio, '1', ENDLESS, 4);
    let full = first(&mut flood).await;
    assert!(full.text().contains("so is its queue"), "{}", full.text());
    let mut other = calls_of(&twilio, '2', GOOD, 1);
    assert_snapshot!(first(&mut flood).await.shown(), @r#"
    200 OK
    {"phone_number":"+12125550129","results":{},"error_code":"overloaded","message":"the add-on is at its limit of calls, and another customer's goes first","request_sid":null,"retryable":true}
    "#);
    assert!(started.elapsed() < Duration::from_secs(2));
    assert!(other.try_join_next().is_none(), "it waits");
}

#[tokio::test]
async fn an_operator_may_ask_twilio_to_come_again() {
    let toml = "concurrency = 1\nqueue = 0\noverload = \"retry\"\nfallback = { score = 0 }";
    let host = moody(&format!("{LONG}{toml}")).start();
    let mut calls = calls_of(&host.twilio(), '1', ENDLESS, 2);
    let answer = first(&mut calls).await;
    assert_snapshot!(answer.shown(), @r#"
    503 Service Unavailable
    {"error_code":"overloaded","message":"the add-on is at its limit of calls, and so is its queue"}
    "#);
    assert_eq!(answer.headers["retry-after"], "1");
    let late = first(&mut calls).await;
    assert_eq!(late.json()["results"]["score"], 0, "{}", late.text());
}

#[tokio::test]
async fn a_fallback_answers_for_an_overload() {
    let toml = "concurrency = 1\nqueue = 0\nfallback = { score = 0 }";
    let host = moody(&format!("{LONG}{toml}")).start();
    let started = Instant::now();
    let mut calls = calls_of(&host.twilio(), '1', ENDLESS, 2);
    let answer = first(&mut calls).await;
    assert_eq!(answer.json()["results"]["score"], 0, "{}", answer.text());
    assert!(started.elapsed() < Duration::from_secs(2));
}

const THREE: &str = "breaker = { failures = 3, pause = \"1s\" }\n";

async fn fail_thrice(twilio: &Twilio) {
    for _ in 0..3 {
        let answer = call_of(twilio, '1', BAD).send().await;
        assert_eq!(answer.error_code(), "provider_failed");
    }
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_alone_until_it_answers_again() {
    let neighbour = add_on_sid('b');
    let host = moody(THREE)
        .add_on("echo", &neighbour, &guest("echo"), THREE)
        .start();
    let twilio = host.twilio();
    fail_thrice(&twilio).await;
    assert_snapshot!(call_of(&twilio, '2', GOOD).send().await.shown(), @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"suspended","message":"suspended after 3 failures in a row, the last: the provider failed","request_sid":null,"retryable":true}
    "#);
    let answer = twilio.lookup(&neighbour, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());

    let opened = Instant::now();
    loop {
        let answer = call_of(&twilio, '2', GOOD).send().await;
        if answer.error_code().is_null() {
            break;
        }
        assert_eq!(answer.error_code(), "suspended");
        assert!(opened.elapsed() < Duration::from_secs(10));
    }
    let answer = call_of(&twilio, '1', BAD).send().await;
    assert_eq!(answer.error_code(), "provider_failed");
    let log = host.log();
    assert_eq!(
        log.matches(" WARN suspended add_on=\"moody\"").count(),
        1,
        "{log}"
    );
    assert_eq!(
        log.matches(" INFO resumed add_on=\"moody\"").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("suspended add_on=\"echo\""), "{log}");
}

#[tokio::test]
async fn a_suspended_add_on_answers_with_its_fallback() {
    let host =
        moody("breaker = { failures = 1, pause = \"1h\" }\nfallback = { score = 0 }").start();
    let twilio = host.twilio();
    for number in [BAD, GOOD, GOOD] {
        let answer = call_of(&twilio, '1', number).send().await;
        assert_eq!(answer.json()["results"]["score"], 0, "{}", answer.text());
    }
    assert!(host.log().contains("code=\"suspended\""), "{}", host.log());
}

#[tokio::test]
async fn calls_that_wait_while_the_breaker_opens_are_not_let_through() {
    let toml = "timeout = \"4s\"\ncpu = \"200ms\"\nconcurrency = 1\nqueue = 8\n";
    let host = moody(&format!("{toml}breaker.failures = 1")).start();
    let mut calls = calls_of(&host.twilio(), '1', ENDLESS, 3);
    assert_eq!(first(&mut calls).await.error_code(), "out_of_cpu");
    for answer in calls.join_all().await {
        assert_eq!(answer.error_code(), "suspended", "{}", answer.text());
    }
}

#[tokio::test]
async fn a_breaker_of_no_failures_never_opens() {
    let host = moody("breaker.failures = 0").start();
    for _ in 0..20 {
        let answer = call_of(&host.twilio(), '1', BAD).send().await;
        assert_eq!(answer.error_code(), "provider_failed");
    }
}

#[tokio::test]
async fn a_provider_that_refuses_does_not_fail() {
    let sid = add_on_sid('a');
    let host = TestHost::with("refuse", &sid, "breaker.failures = 1").start();
    let twilio = host.twilio();
    let said = twilio.lookup(&sid, NUMBER).send().await;
    for _ in 0..3 {
        let answer = twilio.lookup(&sid, NUMBER).send().await;
        assert_eq!(answer.error_code(), said.error_code());
        assert_ne!(answer.error_code(), "suspended");
    }
}
