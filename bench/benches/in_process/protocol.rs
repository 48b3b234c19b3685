//! What the host does for a Lookup around the call of its provider.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion};
use http::{HeaderMap, HeaderValue, Method};
use jackfield::config::{AddOnConfig, Config};
use jackfield::protocol::fingerprint::Fingerprint;
use jackfield::protocol::headers::Claims;
use jackfield::protocol::invocation::Invocation;
use jackfield::protocol::json::check_object;
use jackfield::protocol::parameters::decode;
use jackfield::protocol::point::IntegrationPoint;
use jackfield::protocol::received::Received;
use jackfield::protocol::reply::{Envelope, Subject};
use jackfield::protocol::signature::{Algorithm, SIGNATURE_HEADER, SignedText, Verified, verify};

use crate::setting::{self, NUMBER};

const QUERY: &str = "phone=%2B15005550006";
const REPLY: &str = r#"{"caller_name":"Marigold Test Line","caller_type":"business","source":"directory","updated":"2025-12-31"}"#;
/// How deep a reply may be nested.
const DEPTH: u8 = 64;

pub(crate) fn measure(criterion: &mut Criterion) {
    let config = setting::config();
    let add_on = setting::add_on(&config, "caller-name");
    reading(criterion, &config, &add_on);
    answering(criterion, &config, &add_on);
}

/// From what came to what the provider is told.
fn reading(criterion: &mut Criterion, config: &Config, add_on: &AddOnConfig) {
    let received = received(config);
    let verified = verified(config, received.clone());
    let mut group = criterion.benchmark_group("protocol");
    group.bench_function("signature", |bencher| {
        let check = |received| verified_or_not(config, received);
        bencher.iter_batched(|| received.clone(), check, BatchSize::SmallInput);
    });
    group.bench_function("parameters", |bencher| {
        bencher.iter(|| decode(black_box(QUERY.as_bytes())));
    });
    group.bench_function("invocation", |bencher| {
        bencher.iter(|| invocation(black_box(&verified), add_on));
    });
    group.finish();
}

/// From what the provider is told to what Twilio is.
fn answering(criterion: &mut Criterion, config: &Config, add_on: &AddOnConfig) {
    let verified = verified(config, received(config));
    let invocation = invocation(&verified, add_on);
    let subject = Subject {
        phone_number: Some(NUMBER.to_owned()),
        request: None,
    };
    let freshness = &config.server.freshness;
    let mut group = criterion.benchmark_group("protocol");
    group.bench_function("fingerprint", |bencher| {
        bencher.iter(|| Fingerprint::of(black_box(&invocation), &add_on.terms, freshness));
    });
    group.bench_function("reply", |bencher| {
        bencher.iter(|| check_object(black_box(REPLY), DEPTH));
    });
    group.bench_function("envelope", |bencher| {
        bencher.iter(|| Envelope::Reference.success(black_box(REPLY), &subject));
    });
    group.finish();
}

fn received(config: &Config) -> Received {
    let target = format!("/lookups?{QUERY}");
    let text = SignedText::at(&config.server.public_urls[0], &target);
    let key = &config.accounts[0].tokens[0];
    let signature = key.sign(Algorithm::HmacSha1, &text);
    let signature = HeaderValue::from_str(&signature).expect("base64 is plain text");
    Received {
        method: Method::GET,
        headers: HeaderMap::from_iter([(SIGNATURE_HEADER.clone(), signature)]),
        body: Bytes::new(),
        parts: None,
        target,
    }
}

fn verified_or_not(config: &Config, received: Received) -> bool {
    verify(received, &config.accounts, &config.server.public_urls, &[]).is_ok()
}

fn verified(config: &Config, received: Received) -> Verified {
    let verified = verify(received, &config.accounts, &config.server.public_urls, &[]);
    verified.expect("a good signature")
}

fn invocation(verified: &Verified, add_on: &AddOnConfig) -> Invocation {
    let parameters = verified.parameters().expect("a form");
    let claims = Claims::read(&verified.received().headers);
    let (point, terms) = (IntegrationPoint::Lookups, &add_on.terms);
    Invocation::parse(point, verified, &parameters, &claims, terms).expect("a call")
}
