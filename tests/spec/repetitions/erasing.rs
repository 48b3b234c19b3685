//! What is remembered of somebody who is erased: nothing.

use jackfield_tests::{NUMBER, Signed, TestHost};

use super::{INSTALL, LOOKUP, answered, builder, call, counted, pair, said, same, slow};

const OTHER_NUMBER: &str = "+12125550199";
const SOMEBODY: &str = "XD11111111111111111111111111111111";
const SOMEBODY_ELSE: &str = "XD22222222222222222222222222222222";

/// A request about each of two numbers, by each of two customers.
fn everybodys(host: &TestHost) -> [Signed; 4] {
    host.keep_secret(OTHER_NUMBER);
    let other = "/lookups?phone=%2B12125550199";
    let of = |request, target, install| {
        let call = call(host, request).target(target);
        call.header(INSTALL, install)
    };
    [
        of(1, LOOKUP, SOMEBODY),
        of(2, LOOKUP, SOMEBODY_ELSE),
        of(3, other, SOMEBODY),
        of(4, other, SOMEBODY_ELSE),
    ]
}

async fn answers(host: &TestHost) -> Vec<String> {
    let mut answers = Vec::new();
    for request in everybodys(host) {
        answers.push(said(request).await);
    }
    answers
}

/// Erases somebody, and returns what is said of it.
fn erase(host: &TestHost, whom: [&str; 2]) -> String {
    let output = host.cli(&["erase", whom[0], whom[1]]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes sure that these requests run again once somebody is erased, and no others.
async fn assert_erased(toml: &str, whom: [&str; 2], gone: &[usize]) {
    let host = builder(toml).start();
    let before = answers(&host).await;
    let told = format!("erased 0 job(s) and {} answer(s)\n", gone.len());
    assert_eq!(erase(&host, whom), told);
    assert_eq!(counted(&host, "entries"), (4 - gone.len()) as u64);
    let after = answers(&host).await;
    for (place, (before, after)) in before.iter().zip(&after).enumerate() {
        assert_eq!(before != after, gone.contains(&place), "{place}");
    }
}

#[tokio::test]
async fn nothing_is_told_again_of_a_number_that_is_erased() {
    assert_erased("", ["--phone", NUMBER], &[0, 1]).await;
}

#[tokio::test]
async fn nothing_is_told_again_of_an_installation_that_is_erased() {
    assert_erased("", ["--install", SOMEBODY], &[0, 2]).await;
}

#[tokio::test]
async fn answers_that_need_not_name_their_number_go_with_any() {
    let toml = "envelope = \"verbatim\"";
    assert_erased(toml, ["--phone", NUMBER], &[0, 1, 2, 3]).await;
}

#[tokio::test]
async fn what_runs_while_somebody_is_erased_is_answered_and_not_remembered() {
    let host = builder("").start();
    let pair = pair(&host, || slow(&host, 1)).await;
    erase(&host, ["--phone", NUMBER]);
    let answer = same(pair).await;
    assert_eq!(counted(&host, "entries"), 0);
    assert_ne!(said(slow(&host, 1)).await, answered(&answer));
}
