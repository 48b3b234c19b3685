use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::address::AddressKind;
use super::super::fields::{FieldGrants, FieldMap};
use super::super::headers::{
    ADD_ON_CONFIGURATION, ADD_ON_INSTALL, ADD_ON_VERSION, Claims, REQUEST,
};
use super::super::received::Received;
use super::super::received::tests::received;
use super::super::shape::Shape;
use super::super::signature::Verified;
use super::*;

/// An add-on that reads everything there is, an extra field from each kind of source too.
fn terms() -> Terms {
    let header = |name: &'static str| FieldSource::Header(name.parse().unwrap());
    let digits = "0".repeat(32);
    Terms {
        account: format!("AC{digits}").parse().unwrap(),
        add_on: format!("XB{digits}").parse().unwrap(),
        shapes: Shape::ALL.to_vec(),
        fields: FieldMap {
            extra: vec![
                (
                    "region".into(),
                    vec![header("x-region"), FieldSource::Parameter("area".into())],
                ),
                ("sent".into(), vec![header("x-date")]),
                ("attempt".into(), vec![header(IDEMPOTENCY_TOKEN)]),
            ],
            ..FieldMap::default()
        },
        grants: FieldGrants {
            body: true,
            other: true,
            all: true,
            named: Vec::new(),
        },
        accepts: AddressKind::ALL.to_vec(),
        default_region: "US".parse().ok(),
    }
}

fn freshness() -> FreshnessRule {
    FreshnessRule {
        date: vec![
            FieldSource::Parameter("InvocationDate".into()),
            FieldSource::Header("x-date".parse().unwrap()),
        ],
        ttl: vec![FieldSource::Parameter("TTL".into())],
        ttl_unit: Duration::from_secs(1),
        default_ttl: Duration::from_secs(1),
        clock_skew: Duration::ZERO,
        required: false,
    }
}

fn of(point: IntegrationPoint, request: Received) -> Fingerprint {
    let (terms, verified) = (terms(), Verified::unchecked(request).unwrap());
    let parameters = verified.parameters().unwrap();
    let claims = Claims::read(&verified.received().headers);
    let invocation = Invocation::parse(point, &verified, &parameters, &claims, &terms).unwrap();
    Fingerprint::of(&invocation, &terms, &freshness())
}

fn lookup(request: Received) -> Fingerprint {
    of(IntegrationPoint::Lookups, request)
}

fn with(headers: &[(&'static str, String)]) -> Received {
    let mut request = received(BASE, None, "");
    for (name, value) in headers {
        request.headers.insert(*name, value.parse().unwrap());
    }
    request
}

fn sid(prefix: &str, digit: char) -> String {
    format!("{prefix}{}", digit.to_string().repeat(32))
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const JSON: Option<&str> = Some("application/json");

const BASE: &str = "/lookups?phone=%2B15005550006&secondary_address=12345&body=hi&a=1&b=2&a=3\
                    &area=eu&InvocationDate=2026-01-31T00:00:00Z&TTL=60";

#[test]
fn what_a_repetition_may_change_changes_nothing() {
    let base = lookup(received(BASE, None, ""));
    let rest = "phone=%2B15005550006&secondary_address=12345&body=hi&a=1&b=2&a=3&area=eu";
    let json = r#"{"phone":"+15005550006","secondary_address":12345,"body":"hi","b":2,"area":"eu",
        "InvocationDate":1769817600,"none":null}"#;
    for (what, request) in [
        (
            "another date and time to live",
            received(
                &BASE.replace("2026-01-31", "2027-02-01").replace("60", "5m"),
                None,
                "",
            ),
        ),
        ("no date", received(&format!("/lookups?{rest}"), None, "")),
        (
            "another order of names",
            received(
                "/lookups?area=eu&b=2&a=1&TTL=1&a=3&body=hi&secondary_address=12345\
                 &phone=%2B15005550006",
                None,
                "",
            ),
        ),
        (
            "another writing",
            received(&BASE.replace("hi", "%68i").replace("%2B", "+"), None, ""),
        ),
        ("a form", received("/lookups", FORM, rest)),
        (
            "a form, with a hash in the form",
            received(
                "/lookups?bodySHA256=ab",
                FORM,
                &format!("{rest}&bodySHA256=cd"),
            ),
        ),
        (
            "query and form",
            received(
                "/lookups?a=1&a=3",
                FORM,
                &rest.replace("&a=1", "").replace("&a=3", ""),
            ),
        ),
        (
            "JSON",
            received("/lookups?bodySHA256=ef&a=1&a=3", JSON, json),
        ),
        (
            "another version of the add-on, another request",
            with(&[
                (ADD_ON_VERSION.as_str(), sid("XC", '1')),
                (REQUEST.as_str(), sid("XR", '2')),
            ]),
        ),
        (
            "a date in a header, an attempt of its own",
            with(&[
                ("x-date", "0".to_owned()),
                (IDEMPOTENCY_TOKEN, "0f0e0d0c".to_owned()),
            ]),
        ),
        (
            "a field in a header that was a parameter",
            with(&[("x-region", "eu".to_owned())]),
        ),
        (
            "what nobody reads",
            with(&[("user-agent", "TwilioProxy/1.1".to_owned())]),
        ),
    ] {
        assert_eq!(lookup(request), base, "{what}");
    }
}

#[test]
fn everything_else_is_told_apart() {
    let base = lookup(received(BASE, None, ""));
    let target = |from: &str, to: &str| {
        assert!(BASE.contains(from), "{from}");
        lookup(received(&BASE.replacen(from, to, 1), None, ""))
    };
    let header = |name: &'static str, value: String| lookup(with(&[(name, value)]));
    let base_elsewhere = received(BASE, None, "");
    for (what, other) in [
        (
            "the integration point",
            of(IntegrationPoint::IncomingSms, base_elsewhere),
        ),
        ("the number", target("0006", "0007")),
        ("how the number was written", target("%2B1500", "1500")),
        ("the other party", target("12345", "12346")),
        ("no other party", target("&secondary_address=12345", "")),
        ("the message", target("body=hi", "body=ho")),
        ("an empty message", target("body=hi", "body=")),
        ("no message", target("&body=hi", "")),
        ("a field", target("b=2", "b=3")),
        ("a field's name", target("b=2", "c=2")),
        ("one field less", target("&b=2", "")),
        ("one field more", target("&b=2", "&b=2&c=")),
        ("a field once more", target("&b=2", "&b=2&b=2")),
        (
            "the order within a name",
            target("a=1&b=2&a=3", "a=3&b=2&a=1"),
        ),
        ("an extra field", target("area=eu", "area=us")),
        (
            "an extra field in a header",
            header("x-region", "us".to_owned()),
        ),
        (
            "the installation",
            header(ADD_ON_INSTALL.as_str(), sid("XD", '1')),
        ),
        (
            "the configuration",
            header(ADD_ON_CONFIGURATION.as_str(), sid("XE", '1')),
        ),
        ("what looks like a date", target("TTL=60", "TTL2=60")),
    ] {
        assert!(other != base, "{what}");
    }
    let installs = ['1', '2'].map(|digit| header(ADD_ON_INSTALL.as_str(), sid("XD", digit)));
    assert!(installs[0] != installs[1]);
}

#[test]
fn a_fingerprint_stays_what_it_is_and_never_prints_itself() {
    let fingerprint = lookup(received("/lookups?phone=%2B15005550006", None, ""));
    let hex: String = fingerprint
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    insta::assert_snapshot!(hex, @"e592645bf2128eadc03be23e257b5880d2ceff30e0938284b20c108c4390c22a");
    assert_eq!(Fingerprint::from(*fingerprint.as_bytes()), fingerprint);
    assert_eq!(format!("{fingerprint:?}"), "Fingerprint([REDACTED])");
}

/// A few names and texts, so that some are alike.
fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    proptest::collection::vec(("[ab]{0,2}", "[abp]{0,3}"), 0..6)
}

fn fingerprint_of(fields: &[Parameter], parameters: &[Parameter]) -> Fingerprint {
    let builder = FingerprintBuilder::new(IntegrationPoint::Lookups);
    fields
        .iter()
        .fold(builder, |builder, (name, value)| {
            builder.field(name, value.as_bytes())
        })
        .parameters(parameters.iter())
        .finish()
}

fn sorted(parameters: &[Parameter]) -> Vec<Parameter> {
    let mut sorted = parameters.to_vec();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    sorted
}

fn encoded(parameters: &[Parameter]) -> String {
    form_urlencoded::Serializer::new("phone=1".to_owned())
        .extend_pairs(parameters)
        .finish()
}

proptest! {
    #[test]
    fn two_requests_have_one_fingerprint_only_if_they_say_the_same(
        fields in [parameters(), parameters()],
        named in [parameters(), parameters()],
    ) {
        let [one, other] = [0, 1].map(|n| fingerprint_of(&fields[n], &named[n]));
        let same = fields[0] == fields[1] && sorted(&named[0]) == sorted(&named[1]);
        prop_assert_eq!(one == other, same);
        // What is a field in one and a parameter in the other is not the same either.
        let swapped = fingerprint_of(&named[0], &fields[0]);
        let same = fields[0] == named[0] && sorted(&fields[0]) == sorted(&named[0]);
        prop_assert_eq!(swapped == one, same);
    }

    #[test]
    fn names_may_come_in_any_order_and_by_any_way(
        values in proptest::collection::btree_map("[c-z]{1,8}", ".{0,8}", 0..8),
        ranks in proptest::collection::vec(any::<u32>(), 8),
        repeated in ".{0,4}",
    ) {
        let plain: Vec<Parameter> = values.into_iter().collect();
        let mut shuffled: Vec<_> = plain.iter().cloned().zip(ranks).collect();
        shuffled.sort_by_key(|(_, rank)| *rank);
        let shuffled: Vec<Parameter> = shuffled.into_iter().map(|(pair, _)| pair).collect();
        let members: serde_json::Map<_, _> = shuffled
            .iter()
            .cloned()
            .chain([("phone".to_owned(), "1".to_owned())])
            .map(|(name, value)| (name, value.into()))
            .collect();
        let json = serde_json::Value::from(members).to_string();
        // A JSON object cannot repeat a name, so what is repeated is in the query.
        let twice = [("a".to_owned(), repeated), ("a".to_owned(), "last".to_owned())];
        let query = format!("/lookups?{}", encoded(&twice).replace("phone=1&", ""));
        let all: Vec<Parameter> = plain.iter().chain(&twice).cloned().collect();
        let get = lookup(received(&format!("/lookups?{}", encoded(&all)), None, ""));
        prop_assert_eq!(lookup(received(&query, FORM, &encoded(&shuffled))), get);
        prop_assert_eq!(lookup(received(&query, JSON, &json)), get);
    }

    #[test]
    fn any_change_of_a_value_shows(
        mut named in proptest::collection::vec(("[c-z]{1,3}", "[a-z]{1,4}"), 1..6),
        which in any::<Index>(),
        added in "[a-z]{1,3}",
    ) {
        let target = |named: &[Parameter]| format!("/lookups?{}", encoded(named));
        let before = lookup(received(&target(&named), None, ""));
        let which = which.index(named.len());
        named[which].1.push_str(&added);
        prop_assert!(lookup(received(&target(&named), None, "")) != before);
    }
}
