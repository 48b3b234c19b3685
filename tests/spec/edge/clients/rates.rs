//! How much is taken from whom, and what whoever wants more is told.

use http::header::RETRY_AFTER;
use jackfield_tests::{Receiver, guest, request_sid};

use super::*;
use crate::operators::count_of;

fn with_rates(rates: &str, add_on: &str) -> TestHost {
    let builder = TestHost::with("echo", &add_on_sid('a'), add_on);
    started(builder.server(&format!("rates = {{ {rates} }}")))
}

fn install(digit: char) -> String {
    format!("XD{}", digit.to_string().repeat(32))
}

fn call_of(host: &TestHost, customer: char) -> Signed {
    lookup(host).header("x-twilio-addoninstallsid", &install(customer))
}

fn unsigned(host: &TestHost) -> Signed {
    lookup(host).unsigned()
}

fn held_off() -> (u16, Value) {
    (429, "too_many_requests".into())
}

fn exceeded() -> (u16, Value) {
    (200, "rate_exceeded".into())
}

/// Sends what proves nothing until its address is held off.
async fn wear_out(host: &TestHost, from: Ipv4Addr) {
    for _ in 0..20 {
        if send(host, from, unsigned(host)).await == held_off() {
            return;
        }
    }
    panic!("nobody is held off");
}

#[tokio::test]
async fn whoever_proves_nothing_too_often_is_held_off_by_its_address() {
    let host = with_rates("unverified = \"3/h\"", "");
    let missing = (403, "signature_missing".into());
    for _ in 0..3 {
        assert_eq!(send(&host, STRANGER, unsigned(&host)).await, missing);
    }
    wear_out(&host, STRANGER).await;
    let stream = connect(&host, STRANGER).await;
    let answer = unsigned(&host).send_over(stream).await;
    insta::assert_snapshot!(answer.shown(), @r#"
    429 Too Many Requests
    {"error_code":"too_many_requests","message":"too many requests from this address proved nothing"}
    "#);
    let wait: u64 = answer.headers[RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=1_200).contains(&wait), "{wait}");
    // Nothing else is even looked at, and nobody else is held off.
    let nowhere = host.twilio().get("/nowhere");
    assert_eq!(send(&host, STRANGER, nowhere).await, held_off());
    assert_eq!(send(&host, STRANGER, lookup(&host)).await, held_off());
    assert_eq!(send(&host, PROXY, unsigned(&host)).await, missing);
    assert_eq!(send(&host, PROXY, lookup(&host)).await, good());
}

#[tokio::test]
async fn what_is_no_request_at_all_counts_as_well_but_not_against_a_proxy() {
    let rules = "trusted_proxies = [\"127.0.0.2\"]\nforwarded = \"forwarded\"";
    let builder = TestHost::with("echo", &add_on_sid('a'), "").server(rules);
    let builder = builder.server("rates = { unverified = \"3/h\" }");
    let host = started(builder.toml("[operators]\nlisten = \"127.0.0.1:0\"\n"));
    let shouted = async |from, said: &[u8], answered: &[u8]| {
        let mut stream = connect(&host, from).await;
        stream.write_all(said).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(answered), "{answer:?}");
    };
    let other = Ipv4Addr::new(127, 0, 0, 4);
    let noise = b"\x16\x03\x01 what is that\r\n\r\n";
    // As long as the host reads, and no byte more: what is not read ends a connection hard.
    let mut endless = b"GET / HTTP/1.1\r\na: ".to_vec();
    endless.resize(64 * 1024, b'a');
    for _ in 0..20 {
        for from in [STRANGER, PROXY] {
            shouted(from, noise, b"HTTP/1.1 400").await;
        }
        shouted(other, &endless, b"HTTP/1.1 431").await;
    }
    // It is noted when the connection is over, a moment after its answer.
    let noted = async || count_of(&host, "jackfield_addresses_held_off").await == 2;
    host.until("both addresses are held off", noted).await;
    for from in [STRANGER, other] {
        assert_eq!(send(&host, from, lookup(&host)).await, held_off());
    }
    let missing = (403, "signature_missing".into());
    assert_eq!(send(&host, PROXY, unsigned(&host)).await, missing);
}

#[tokio::test]
async fn where_twilio_asks_from_nobody_else_can_have_it_held_off() {
    let host = with_rates("unverified = \"1/h\"", "");
    assert_eq!(send(&host, STRANGER, lookup(&host)).await, good());
    for _ in 0..20 {
        let answer = send(&host, STRANGER, unsigned(&host)).await;
        assert_eq!(answer, (403, "signature_missing".into()));
        assert_eq!(send(&host, STRANGER, lookup(&host)).await, good());
    }
}

#[tokio::test]
async fn what_is_verified_and_refused_all_the_same_holds_nobody_off() {
    let host = with_rates("unverified = \"1/h\"", "path = { lookups = \"/own\" }");
    for _ in 0..5 {
        let answer = send(&host, STRANGER, lookup(&host)).await;
        assert_eq!(answer, (403, "path_mismatch".into()));
    }
}

#[tokio::test]
async fn an_account_that_has_had_its_requests_is_told_in_twilio_s_terms() {
    let host = with_rates("account = \"3/h\"", "");
    for _ in 0..3 {
        assert_eq!(send(&host, STRANGER, lookup(&host)).await, good());
    }
    let answer = lookup(&host).send().await;
    insta::assert_snapshot!(answer.shown(), @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"rate_exceeded","message":"the account has had all requests that it may have in this time","request_sid":null,"retryable":true}
    "#);
    assert!(!answer.headers.contains_key(RETRY_AFTER));
    // It is the account's, wherever it asks from.
    assert_eq!(send(&host, PROXY, lookup(&host)).await, exceeded());
    // What proves nothing uses up nothing of it, and is told nothing of it.
    let forged = lookup(&host).signature_of("AAAA");
    let forged = send(&host, PROXY, forged).await;
    assert_eq!(forged, (403, "signature_invalid".into()));
}

#[tokio::test]
async fn where_the_operator_wants_it_twilio_is_told_when_to_come_again() {
    let host = with_rates("account = \"1/h\"", "overload = \"retry\"");
    assert_eq!(send(&host, STRANGER, lookup(&host)).await, good());
    let answer = lookup(&host).send().await;
    assert_eq!(told(&answer), (503, "rate_exceeded".into()));
    let wait: u64 = answer.headers[RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_recording_that_is_too_many_has_to_come_again() {
    let receiver = Receiver::start();
    let host = TestHost::recorder("echo-recording", &add_on_sid('a'), &receiver, "");
    let host = started(host.server("rates = { account = \"1/h\" }"));
    let recording = |number| {
        let recording = host.twilio().recording(&add_on_sid('a')).callback("");
        recording.request_sid(&request_sid(number))
    };
    assert_eq!(recording(1).send().await.status, 202);
    let answer = recording(2).send().await;
    assert_eq!(told(&answer), (503, "rate_exceeded".into()));
    assert!(answer.headers.contains_key(RETRY_AFTER));
    assert_eq!(host.at_rest().await.len(), 1);
}

#[tokio::test]
async fn a_customer_has_its_requests_and_others_have_theirs() {
    let host = with_rates("install = \"2/h\"", "");
    for customer in ['1', '2'] {
        for _ in 0..2 {
            assert_eq!(told(&call_of(&host, customer).send().await), good());
        }
        assert_eq!(told(&call_of(&host, customer).send().await), exceeded());
    }
    // Without an installation, there is none to count for.
    for _ in 0..5 {
        assert_eq!(told(&lookup(&host).send().await), good());
    }
}

#[tokio::test]
async fn two_accounts_have_a_rate_each() {
    let other = jackfield_tests::OTHER_ACCOUNT;
    let host = TestHost::builder()
        .server("rates = { account = \"1/h\" }")
        .accounts(&format!(
            "[accounts.{}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}]\n\
             [accounts.{other}]\nauth_tokens = [{{ env = \"OTHER\" }}]",
            jackfield_tests::ACCOUNT
        ))
        .env("OTHER", jackfield_tests::OTHER_TOKEN)
        .add_on(
            "one",
            &add_on_sid('a'),
            &guest("echo"),
            &format!("account = \"{}\"", jackfield_tests::ACCOUNT),
        )
        .add_on(
            "other",
            &add_on_sid('b'),
            &guest("echo"),
            &format!("account = \"{other}\""),
        );
    let host = started(host);
    let others = host.twilio_as(other, jackfield_tests::OTHER_TOKEN);
    for expected in [good(), exceeded()] {
        assert_eq!(told(&lookup(&host).send().await), expected);
        let request = others.lookup(&add_on_sid('b'), NUMBER);
        assert_eq!(told(&request.send().await), expected);
    }
}

#[tokio::test]
async fn a_rate_that_changes_counts_anew_and_any_other_change_does_not() {
    let host = with_rates("account = \"1/h\"", "");
    assert_eq!(told(&lookup(&host).send().await), good());
    assert_eq!(told(&lookup(&host).send().await), exceeded());
    host.configure(|config| config.replace("[server]", "[server]\nbody_timeout = \"4s\""));
    assert!(host.cli(&["reload"]).status.success());
    assert_eq!(told(&lookup(&host).send().await), exceeded());
    host.configure(|config| config.replace("1/h", "2/h"));
    assert!(host.cli(&["reload"]).status.success());
    for expected in [good(), good(), exceeded()] {
        assert_eq!(told(&lookup(&host).send().await), expected);
    }
}
