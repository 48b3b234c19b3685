//! Which parameter carries what, what reaches the provider, and what an address is.

use insta::assert_snapshot;
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, add_on_sid, request_sid};
use serde_json::{Value, json};

fn echo(toml: &str) -> (TestHost, String) {
    let sid = add_on_sid('a');
    (TestHost::with("echo", &sid, toml).start(), sid)
}

async fn results(request: Signed) -> Value {
    let answer: Answer = request.send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    answer.json()["results"].clone()
}

#[tokio::test]
async fn by_default_the_names_of_the_reference_and_of_the_templates_carry_the_address() {
    let (host, sid) = echo("");
    for name in ["phone", "Phone", "primary_address"] {
        for request in [
            host.twilio()
                .get(&format!("/lookups?{name}=%2B12125550123")),
            host.twilio().form("/lookups", &[(name, NUMBER)]),
            host.twilio()
                .json("/lookups", &json!({ name: NUMBER }).to_string()),
        ] {
            let seen = results(request.add_on(&sid)).await;
            assert_eq!(seen["address"]["e164"], NUMBER, "{name}");
        }
    }
}

#[tokio::test]
async fn a_publishers_own_names_replace_them() {
    let (host, sid) = echo("fields = { phone = [\"e164\", \"nr\"] }");
    let seen = results(host.twilio().get("/lookups?nr=%2B12125550123").add_on(&sid)).await;
    assert_eq!(seen["address"]["e164"], NUMBER);
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "address_missing");
}

#[tokio::test]
async fn query_and_body_are_read_together() {
    let (host, sid) = echo("grants = { fields = [\"*\"] }");
    let request = host.twilio().form(
        "/lookups?a=1&phone=%2B12125550123",
        &[("b", "2"), ("a", "3")],
    );
    let seen = results(request.add_on(&sid)).await;
    assert_eq!(seen["fields"], json!([["a", "1"], ["b", "2"], ["a", "3"]]));
}

#[tokio::test]
async fn a_header_can_carry_a_field_and_check_says_that_it_is_not_signed() {
    let toml = r#"fields = { phone = { header = "X-Number" }, extra = { region = { header = "X-Region" } } }
grants = { fields = ["region"] }"#;
    let (host, sid) = echo(toml);
    let request = host.twilio().get("/lookups").add_on(&sid);
    let request = request.header("x-number", NUMBER).header("x-region", "eu");
    let seen = results(request).await;
    assert_eq!(seen["address"]["e164"], NUMBER);
    assert_eq!(seen["fields"], json!([["region", "eu"]]));
    let log = host.log();
    assert!(
        log.contains("x-number") && log.contains("covers no header"),
        "{log}"
    );
}

#[tokio::test]
async fn only_what_is_granted_reaches_the_provider() {
    let sent = [
        ("phone", NUMBER),
        ("secondary_address", "sip:alice@example.com"),
        ("body", "hello"),
        ("extra", "1"),
        ("secret_extra", "2"),
    ];
    for (grants, other, body, fields) in [
        ("[]", false, false, json!([])),
        (r#"["other"]"#, true, false, json!([])),
        (r#"["body"]"#, false, true, json!([])),
        (r#"["extra"]"#, false, false, json!([["extra", "1"]])),
        (
            r#"["*"]"#,
            false,
            false,
            json!([["extra", "1"], ["secret_extra", "2"]]),
        ),
        (
            r#"["body", "other", "*"]"#,
            true,
            true,
            json!([["extra", "1"], ["secret_extra", "2"]]),
        ),
    ] {
        let (host, sid) = echo(&format!("grants = {{ fields = {grants} }}"));
        let seen = results(host.twilio().form("/incoming-sms", &sent).add_on(&sid)).await;
        assert_eq!(!seen["secondary_address"].is_null(), other, "{grants}");
        assert_eq!(seen["body"] == "hello", body, "{grants}");
        assert_eq!(seen["fields"], fields, "{grants}");
        host.keep_secret("hello");
    }
}

#[tokio::test]
async fn a_provider_sees_the_kinds_of_addresses_that_it_accepts() {
    let all = r#"accepts = ["e164", "short-code", "alphanumeric", "sip", "channel", "withheld", "other"]"#;
    let (host, sid) = echo(all);
    let (strict, _) = echo("");
    for (sent, kind, e164) in [
        ("+12125550123", "e164", json!("+12125550123")),
        (" 12125550123", "e164", json!("+12125550123")),
        ("12345", "short-code", Value::Null),
        ("ACME", "alphanumeric", Value::Null),
        ("sip:alice@example.com", "sip", Value::Null),
        ("whatsapp:+12125550123", "channel", json!("+12125550123")),
        ("+266696687", "withheld", Value::Null),
        ("anonymous", "withheld", Value::Null),
        ("no number at all!", "other", Value::Null),
    ] {
        let seen = results(host.twilio().lookup(&sid, sent)).await;
        assert_eq!(seen["address"]["kind"], kind, "{sent}");
        assert_eq!(seen["address"]["e164"], e164, "{sent}");
        let answer = strict.twilio().lookup(&sid, sent).send().await;
        let refused = answer.error_code() == "address_not_accepted";
        assert_eq!(refused, kind != "e164", "{sent}");
    }
}

#[tokio::test]
async fn an_address_that_is_not_accepted_is_a_clean_no_result() {
    let sid = add_on_sid('a');
    let host = TestHost::with("trap", &sid, "").start();
    let request = host
        .twilio()
        .lookup(&sid, "12345")
        .request_sid(&request_sid(1));
    assert_snapshot!(request.send().await.shown(), @r#"
    200 OK
    {"phone_number":"12345","results":{},"error_code":"address_not_accepted","message":"the add-on has no results for this kind of address","request_sid":"XR00000000000000000000000000000001","retryable":false}
    "#);
}

#[tokio::test]
async fn a_plus_that_was_sent_unescaped_is_a_plus() {
    let (host, sid) = echo("");
    let seen = results(
        host.twilio()
            .get("/lookups?phone=+12125550123")
            .add_on(&sid),
    )
    .await;
    assert_eq!(
        seen["address"],
        json!({"kind": "e164", "e164": NUMBER, "raw": NUMBER})
    );
}

#[tokio::test]
async fn a_default_region_reads_national_numbers() {
    let (host, sid) = echo("default_region = \"GB\"");
    let seen = results(host.twilio().lookup(&sid, "020 7946 0123")).await;
    assert_eq!(seen["address"]["e164"], "+442079460123");
    assert_eq!(seen["address"]["raw"], "020 7946 0123");
}

#[tokio::test]
async fn a_verified_request_that_is_no_call_is_told_so_with_200() {
    let (host, sid) = echo("serves = [\"lookups\"]");
    let twilio = host.twilio();
    let long = format!("/lookups?phone={}", "1".repeat(400));
    for (request, code) in [
        (twilio.get("/lookups").add_on(&sid), "address_missing"),
        (
            twilio.get("/lookups?phone=").add_on(&sid),
            "address_malformed",
        ),
        (twilio.get(&long).add_on(&sid), "address_malformed"),
        (
            twilio.get("/lookups?phone=%2B1&phone=%2B2").add_on(&sid),
            "parameter_ambiguous",
        ),
        (
            twilio
                .get("/incoming-sms?phone=%2B12125550123")
                .add_on(&sid),
            "integration_point_not_served",
        ),
        (twilio.get("/lookups?phone=%2B12125550123"), "addon_missing"),
        (
            twilio.get("/lookups?phone=%2B12125550123").add_on("XB1"),
            "addon_malformed",
        ),
        (twilio.lookup(&add_on_sid('9'), NUMBER), "addon_unknown"),
        (
            twilio.json("/lookups", "[1]").add_on(&sid),
            "body_malformed",
        ),
        (twilio.json("/lookups", "{").add_on(&sid), "body_malformed"),
        (
            twilio
                .json("/lookups", "<phone/>")
                .add_on(&sid)
                .header("content-type", "text/xml"),
            "content_type_unsupported",
        ),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, 200, "{code}");
        assert_eq!(answer.error_code(), code, "{}", answer.text());
        assert_eq!(answer.json()["results"], json!({}), "{code}");
        assert_eq!(answer.json()["retryable"], false, "{code}");
    }
}

#[tokio::test]
async fn identifiers_besides_the_add_on_that_are_malformed_count_as_absent() {
    let (host, sid) = echo("");
    let request = host.twilio().lookup(&sid, NUMBER).request_sid("not a sid");
    let seen = results(request.header("x-twilio-addoninstallsid", "XB1")).await;
    assert!(seen["sids"]["request"].is_null() && seen["sids"]["add_on_install"].is_null());
}
