//! Taking up what has changed, while requests are served. Each test changes files as an
//! operator or a deployment does, and looks at who answers.

mod candidates;
mod configuration;
mod left_alone;
mod running;
mod secrets;
mod taken_up;
mod trial;

use jackfield_tests::versions::{number_in, version};
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, TestHostBuilder, add_on_sid};

/// What every add-on here is allowed. Nothing opens a breaker, which would hide who
/// answers.
const TERMS: &str = "grants = { fields = [\"nonce\", \"wait\"] }\nbreaker = { failures = 0 }";

/// A host with one add-on, `it`, which version 1 serves.
fn first_version() -> TestHostBuilder {
    TestHost::builder().add_on_of("it", &sid(), &version(1), TERMS)
}

/// The add-on `it`.
fn sid() -> String {
    add_on_sid('a')
}

/// A call of an add-on.
fn call(host: &TestHost, sid: &str) -> Signed {
    host.twilio().lookup(sid, NUMBER)
}

/// A call of `it` that takes so many milliseconds.
fn slow_call(host: &TestHost, milliseconds: u32) -> Signed {
    let wait = milliseconds.to_string();
    let form = [("phone", NUMBER), ("wait", &wait)];
    host.keep_secret(NUMBER);
    host.twilio().form("/lookups", &form).add_on(&sid())
}

/// The number of the version that gave an answer.
fn version_of(answer: &Answer) -> Option<u32> {
    number_in(answer.json()["results"]["version"].as_str()?)
}

/// The number of the version that answers for `it` at the moment.
async fn serving(host: &TestHost) -> Option<u32> {
    version_of(&call(host, &sid()).send().await)
}

/// Waits until `it` is served by a version. No call on the way there goes unanswered.
async fn until_served_by(host: &TestHost, number: u32) {
    let seen = async || {
        let serving = serving(host).await;
        assert!(serving.is_some(), "no answer:\n{}", host.log());
        serving == Some(number)
    };
    let what = format!("version {number} serves");
    host.until(&what, seen).await;
}

/// Waits until an add-on's answer has this `error_code`, or none.
async fn until_told(host: &TestHost, sid: &str, code: Option<&str>) {
    let seen = async || call(host, sid).send().await.error_code().as_str() == code;
    host.until(&format!("it answers {code:?}"), seen).await;
}

/// How many lines of a log hold all of these texts.
fn lines(log: &str, texts: &[&str]) -> usize {
    log.lines()
        .filter(|line| texts.iter().all(|text| line.contains(text)))
        .count()
}
