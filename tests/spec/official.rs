//! Twilio's own packages sign, and the host believes; they sign, somebody changes
//! something, and the host refuses. And what the host signs, they believe.

mod call;
mod library;
mod random;
mod same;
mod spelling;
mod tamper;
mod the_call_command;

use std::collections::BTreeMap;

use jackfield_tests::{Answer, TOKEN, TestHost, Twilio, add_on_sid, scale, sign};
use serde_json::Value;

use call::{Call, Shape};
use library::Library;
use random::Random;
use same::Same;
use tamper::Tamper;

/// Public URLs as a host has them configured, each with the ways in which Twilio may
/// write them when it signs.
const PUBLIC_URLS: [(&str, [&str; 2]); 4] = [
    ("https://addons.example.com", ["", ":443"]),
    ("https://addons.example.com:443", ["", ":443"]),
    ("https://addons.example.com:8443", ["", ":8443"]),
    ("http://addons.example.com", ["", ":80"]),
];

/// How many requests of each class were made.
type Counts<Class> = BTreeMap<Class, usize>;

/// A host for each public URL, with a provider that shows everything it was sent.
struct Hosts(Vec<TestHost>);

impl Hosts {
    fn start() -> Self {
        let start = |(public_url, _): &(&str, _)| {
            let toml = "timeout = \"10s\"\ngrants = { fields = [\"body\", \"other\", \"*\"] }";
            TestHost::bare()
                .server(&format!("public_url = \"{public_url}\""))
                .add_on(
                    "echo",
                    &add_on_sid('a'),
                    &jackfield_tests::guest("echo"),
                    toml,
                )
                .start()
        };
        Self(PUBLIC_URLS.iter().map(start).collect())
    }

    /// The client that calls the `at`th host under a call's own base.
    fn twilio(&self, at: usize, call: &Call) -> Twilio {
        self.0[at % self.0.len()].twilio().at(&call.base)
    }
}

/// The base under which the `at`th call is made, which its host answers to.
fn base(random: &mut Random, at: usize) -> String {
    let (public_url, ports) = PUBLIC_URLS[at % PUBLIC_URLS.len()];
    let scheme = public_url.split(':').next().unwrap_or_default();
    format!("{scheme}://addons.example.com{}", random.of(&ports))
}

/// What a library signed: the whole call, and its signature.
fn signed(call: Call, answer: &Value) -> (Call, String) {
    let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
    (call.hashed(&text("url")), text("signature"))
}

/// What the echo provider says it was asked, in the terms of [`Call::seen`].
fn seen(answer: &Answer) -> Value {
    let mut results = answer.json()["results"].take();
    let mut fields = results["fields"].as_array().cloned().unwrap_or_default();
    fields.sort_by_key(|pair| {
        pair.as_array()
            .map(|pair| pair.iter().map(text).collect::<Vec<_>>())
    });
    serde_json::json!({
        "integration_point": results["integration_point"].take(),
        "address": results["address"]["raw"].take(),
        "secondary_address": results["secondary_address"]["raw"].take(),
        "body": results["body"].take(),
        "fields": fields,
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn assert_believed(call: &Call, answer: &Answer, what: &str) {
    assert_eq!(answer.status, 200, "{what}: {call:?}: {}", answer.text());
    assert_eq!(answer.error_code(), Value::Null, "{what}: {call:?}");
    assert_eq!(seen(answer), call.seen(), "{what}: {call:?}");
}

/// Nothing but the refusal is in the answer, so that no provider can have run.
fn assert_refused(call: &Call, answer: &Answer, tamper: Tamper) {
    let refusal = answer.json();
    let members: Vec<_> = refusal.as_object().expect("an object").keys().collect();
    assert_eq!(answer.status, 403, "{tamper:?}: {call:?}: {refusal}");
    assert_eq!(members, ["error_code", "message"], "{tamper:?}: {call:?}");
    assert_eq!(answer.error_code(), tamper.code(), "{tamper:?}: {call:?}");
}

async fn believes_what_is_signed_by(library: Library) -> Counts<Shape> {
    let mut random = Random::new(1);
    let calls: Vec<(Shape, Call)> = (0..scale(200, 2000))
        .map(|at| {
            let shape = Shape::ALL[at % Shape::ALL.len()];
            let base = base(&mut random, at);
            (shape, Call::random(&mut random, &base, shape))
        })
        .collect();
    let questions: Vec<_> = calls.iter().map(|(_, call)| call.question(TOKEN)).collect();
    let answers = library.ask(&questions);
    let hosts = Hosts::start();
    let mut counts = Counts::new();
    for (at, ((shape, call), answer)) in calls.into_iter().zip(&answers).enumerate() {
        let (call, signature) = signed(call, answer);
        let twilio = hosts.twilio(at, &call);
        let request = call.request(&twilio).add_on(&add_on_sid('a'));
        let answer = request.signature_of(&signature).send().await;
        assert_believed(&call, &answer, "as signed");
        *counts.entry(shape).or_default() += 1;
    }
    counts
}

async fn believes_the_same_in_another_form_signed_by(library: Library) -> Counts<Same> {
    let mut random = Random::new(2);
    let calls: Vec<(Same, Call)> = (0..scale(60, 600))
        .map(|at| {
            let same = Same::ALL[at % Same::ALL.len()];
            let base = base(&mut random, at);
            (same, Call::random(&mut random, &base, Shape::Form))
        })
        .collect();
    let questions: Vec<_> = calls.iter().map(|(_, call)| call.question(TOKEN)).collect();
    let answers = library.ask(&questions);
    let hosts = Hosts::start();
    let mut counts = Counts::new();
    for (at, ((same, call), answer)) in calls.into_iter().zip(&answers).enumerate() {
        let (call, signature) = signed(call, answer);
        let call = same.change(call);
        let twilio = hosts.twilio(at, &call);
        let request = same.request(&call, &twilio).add_on(&add_on_sid('a'));
        let answer = request.signature_of(&signature).send().await;
        assert_believed(&call, &answer, &format!("{same:?}"));
        *counts.entry(same).or_default() += 1;
    }
    counts
}

async fn refuses_what_is_changed_after_it_was_signed_by(library: Library) -> Counts<Tamper> {
    let mut random = Random::new(3);
    let calls: Vec<(Tamper, Call)> = (0..scale(200, 2000))
        .map(|at| {
            let tamper = Tamper::ALL[at % Tamper::ALL.len()];
            (tamper, tamperable(&mut random, at, tamper))
        })
        .collect();
    let questions: Vec<_> = calls
        .iter()
        .map(|(tamper, call)| tamper.question(call))
        .collect();
    let answers = library.ask(&questions);
    let hosts = Hosts::start();
    let mut counts = Counts::new();
    for (at, ((tamper, call), answer)) in calls.into_iter().zip(&answers).enumerate() {
        let (call, signature) = signed(call, answer);
        let twilio = hosts.twilio(at, &call);
        let request = tamper.request(&call, &signature, &twilio);
        let answer = request.add_on(&add_on_sid('a')).send().await;
        assert_refused(&call, &answer, tamper);
        let right = sign(TOKEN, &call.url(), call.form());
        let untouched = call.request(&twilio).add_on(&add_on_sid('a'));
        let answer = untouched.signature_of(&right).send().await;
        assert_believed(&call, &answer, "untouched");
        *counts.entry(tamper).or_default() += 1;
    }
    counts
}

/// A call that can be tampered with in this way.
fn tamperable(random: &mut Random, at: usize, tamper: Tamper) -> Call {
    loop {
        let shape = tamper.shape().unwrap_or(random.of(&Shape::ALL));
        let base = base(random, at);
        let call = Call::random(random, &base, shape);
        if tamper.applies(&call) {
            return call;
        }
    }
}

#[tokio::test]
async fn what_the_npm_package_signs_is_believed() {
    let counts = believes_what_is_signed_by(Library::Npm).await;
    println!("Npm, accepted: {counts:?}");
}

#[tokio::test]
async fn what_the_pypi_package_signs_is_believed() {
    let counts = believes_what_is_signed_by(Library::PyPi).await;
    println!("PyPi, accepted: {counts:?}");
}

#[tokio::test]
async fn what_the_npm_package_signs_is_believed_in_every_form_that_means_the_same() {
    let counts = believes_the_same_in_another_form_signed_by(Library::Npm).await;
    println!("Npm, accepted in another form: {counts:?}");
}

#[tokio::test]
async fn what_the_pypi_package_signs_is_believed_in_every_form_that_means_the_same() {
    let counts = believes_the_same_in_another_form_signed_by(Library::PyPi).await;
    println!("PyPi, accepted in another form: {counts:?}");
}

#[tokio::test]
async fn what_is_changed_after_the_npm_package_signed_it_is_refused() {
    let counts = refuses_what_is_changed_after_it_was_signed_by(Library::Npm).await;
    println!("Npm, refused: {counts:?}");
}

#[tokio::test]
async fn what_is_changed_after_the_pypi_package_signed_it_is_refused() {
    let counts = refuses_what_is_changed_after_it_was_signed_by(Library::PyPi).await;
    println!("PyPi, refused: {counts:?}");
}
