//! What `[addons.NAME.smoke]` asks a provider, and what it cannot ask.

use super::bad::complaints;
use super::*;
use crate::config::Smoke;
use crate::expectation::Expectation;
use crate::protocol::address::AddressKind;
use crate::protocol::point::IntegrationPoint;

fn smoke(keys: &str) -> Smoke {
    let mut config = load(&with_add_on(keys)).unwrap_or_else(|errors| panic!("{errors}"));
    config.add_ons.remove(0).smoke.unwrap()
}

#[test]
fn a_number_is_enough() {
    let smoke = smoke("smoke = { phone = \"+12125550123\" }");
    assert_eq!(smoke.invocation.point, IntegrationPoint::Lookups);
    assert_eq!(smoke.invocation.address.e164(), Some("+12125550123"));
    assert_eq!(smoke.invocation.sids.add_on.to_string(), SID);
    assert!(smoke.invocation.sids.request.is_none());
    assert!(smoke.expectation == Expectation::anything());
}

#[test]
fn it_is_read_on_the_add_ons_own_terms() {
    let smoke = smoke(
        "serves = [\"incoming-sms\", \"lookups\"]\ndefault_region = \"US\"\n\
         accepts = [\"e164\"]\ngrants = { fields = [\"body\", \"other\"] }\n\
         [addons.caller-name.smoke]\nphone = \"(212) 555-0123\"\nother = \"12345\"\n\
         body = \"hello\"\nexpect = '{\"a\": null}'",
    );
    let invocation = smoke.invocation;
    assert_eq!(invocation.point, IntegrationPoint::IncomingSms);
    assert_eq!(invocation.address.e164(), Some("+12125550123"));
    assert_eq!(invocation.other.unwrap().kind(), AddressKind::ShortCode);
    assert_eq!(invocation.body.as_deref(), Some("hello"));
    let expected = serde_json::json!({ "a": null });
    assert!(smoke.expectation == Expectation::Object(expected));
}

#[test]
fn a_refusal_may_be_what_is_expected() {
    let smoke = smoke("smoke = { phone = \"+12125550123\", refusal = \"number_unknown\" }");
    assert!(smoke.expectation == Expectation::Refusal("number_unknown".to_owned()));
}

#[test]
fn smoke_requests_that_cannot_be_made() {
    let asking =
        |keys: &str| with_add_on(&format!("smoke = {{ phone = \"+12125550123\", {keys} }}"));
    let of = |phone: &str| with_add_on(&format!("smoke.phone = \"{phone}\""));
    insta::assert_snapshot!(complaints([
        ("no number", with_add_on("smoke = { via = \"lookups\" }")),
        ("an empty number", of("")),
        ("no number of any country", of("212 555 0123")),
        ("a kind that is not accepted", of("sip:a@example.com")),
        ("nowhere", asking("via = \"transcriptions\"")),
        (
            "a point that is not served",
            asking("via = \"incoming-sms\" }\nserves = [\"lookups\"]\nfallback = { a = 1")
        ),
        (
            "a message that it would not see",
            asking("body = \"hello\"")
        ),
        (
            "another party that it would not see",
            asking("other = \"+12125550124\"")
        ),
        (
            "a message that is too long",
            asking(&format!("body = \"{}\"", "x".repeat(65 * 1024))).replace(
                "[addons.caller-name]",
                "[addons.caller-name]\ngrants.fields = [\"body\"]"
            )
        ),
        ("an answer that is no object", asking("expect = [1]")),
        ("no code", asking("refusal = \"No Code\"")),
        (
            "an answer and a refusal",
            asking("expect = { a = 1 }, refusal = \"no_result\"")
        ),
        ("a key that nothing reads", asking("number = \"1\"")),
    ]));
}
