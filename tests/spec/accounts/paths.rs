//! Add-ons that are reached under paths of their own.

use jackfield_tests::{
    ACCOUNT, NUMBER, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, TestHost, Twilio, add_on_sid, guest,
};
use serde_json::Value;

use super::{two_accounts, two_add_ons};

/// Status, and the error's code or else the integration point that was served.
async fn outcome(twilio: &Twilio, path: &str, add_on: char) -> (u16, String) {
    let target = format!("{path}?phone=%2B12125550123");
    let request = twilio.get(&target).add_on(&add_on_sid(add_on));
    let answer = request.send().await;
    let body = answer.json();
    let told = match &body["error_code"] {
        Value::Null => {
            assert_eq!(body["results"]["address"]["e164"], NUMBER, "{body}");
            assert_eq!(body["results"]["sids"]["add_on"], add_on_sid(add_on));
            &body["results"]["integration_point"]
        }
        code => code,
    };
    (
        answer.status.as_u16(),
        told.as_str().unwrap_or_default().to_owned(),
    )
}

async fn assert_outcomes(twilio: &Twilio, expected: &[(&str, char, u16, &str)]) {
    for (path, add_on, status, told) in expected {
        let outcome = outcome(twilio, path, *add_on).await;
        assert_eq!(outcome, (*status, (*told).to_owned()), "{path} of {add_on}");
    }
}

/// One account, with an add-on `a` that has paths of its own, and a plain one, `b`.
fn beside_a_plain_one(toml: &str) -> TestHost {
    TestHost::builder()
        .add_on("a", &add_on_sid('a'), &guest("echo"), toml)
        .add_on("b", &add_on_sid('b'), &guest("echo"), "")
        .start()
}

#[tokio::test]
async fn an_add_on_with_one_path_is_served_there_and_nowhere_else() {
    let host = beside_a_plain_one("serves = [\"lookups\"]\npath = \"/api/v2/cnam\"");
    assert_outcomes(
        &host.twilio(),
        &[
            ("/api/v2/cnam", 'a', 200, "lookups"),
            ("/api/v2/cnam", 'b', 403, "path_mismatch"),
            ("/api/v2/cnam", 'c', 200, "addon_unknown"),
            ("/lookups", 'a', 403, "path_mismatch"),
            ("/lookups", 'b', 200, "lookups"),
            ("/incoming-sms", 'a', 200, "integration_point_not_served"),
            ("/incoming-sms", 'b', 200, "incoming-sms"),
            ("/api/v2", 'a', 404, "path_unknown"),
            ("/api/v2/cnam/", 'a', 404, "path_unknown"),
            ("/api/v2/CNAM", 'a', 404, "path_unknown"),
            ("/api/v2/%63nam", 'a', 404, "path_unknown"),
            ("/api//v2/cnam", 'a', 404, "path_unknown"),
        ],
    )
    .await;
}

#[tokio::test]
async fn an_add_on_may_have_a_path_for_each_integration_point() {
    let host = beside_a_plain_one("path = { lookups = \"/x\", incoming-sms = \"/y\" }");
    assert_outcomes(
        &host.twilio(),
        &[
            ("/x", 'a', 200, "lookups"),
            ("/y", 'a', 200, "incoming-sms"),
            ("/x", 'b', 403, "path_mismatch"),
            ("/y", 'b', 403, "path_mismatch"),
            ("/lookups", 'a', 403, "path_mismatch"),
            ("/incoming-sms", 'a', 403, "path_mismatch"),
            (
                "/incoming-voice-call",
                'a',
                200,
                "integration_point_not_served",
            ),
            ("/incoming-voice-call", 'b', 200, "incoming-voice-call"),
            ("/z", 'a', 404, "path_unknown"),
        ],
    )
    .await;
}

#[tokio::test]
async fn two_accounts_may_share_a_path_and_stay_apart() {
    let own = "serves = [\"lookups\"]\npath = \"/api/v2/cnam\"";
    let host = two_add_ons(own, own);
    let (a, b) = (
        host.twilio_as(ACCOUNT, TOKEN),
        host.twilio_as(OTHER_ACCOUNT, OTHER_TOKEN),
    );
    assert_outcomes(
        &a,
        &[
            ("/api/v2/cnam", 'a', 200, "lookups"),
            ("/api/v2/cnam", 'b', 403, "signature_invalid"),
        ],
    )
    .await;
    assert_outcomes(
        &b,
        &[
            ("/api/v2/cnam", 'a', 403, "signature_invalid"),
            ("/api/v2/cnam", 'b', 200, "lookups"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_path_cannot_stand_for_two_integration_points() {
    let add_on = |toml: &str| format!("account = \"{ACCOUNT}\"\n{toml}\npath = \"/own\"");
    let (status, said) = two_accounts()
        .add_on(
            "a",
            &add_on_sid('a'),
            &guest("echo"),
            &add_on("serves = [\"lookups\"]"),
        )
        .add_on(
            "b",
            &add_on_sid('b'),
            &guest("echo"),
            &add_on("serves = [\"incoming-sms\"]"),
        )
        .fail();
    assert_eq!(status, Some(2), "{said}");
    assert!(
        said.contains("one path stands for one integration point"),
        "{said}"
    );
}

#[tokio::test]
async fn the_signature_covers_the_path_of_an_add_ons_own() {
    let own = "path = { lookups = \"/x\", incoming-sms = \"/y\" }";
    let host = beside_a_plain_one(own);
    let request = host
        .twilio()
        .get("/x?phone=%2B12125550123")
        .add_on(&add_on_sid('a'));
    let answer = request
        .sealed()
        .target("/y?phone=%2B12125550123")
        .send()
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.error_code()),
        (403, "signature_invalid".into())
    );
}
