//! Which requests are believed, and what the others are told: 403, and nothing more.

mod keys;
mod urls;

use http::Method;
use insta::assert_snapshot;
use jackfield_tests::{NUMBER, Signed, TestHost, add_on_sid, body_hash};
use serde_json::Value;

const LOOKUP: &str = "/lookups?phone=%2B12125550123";

fn echo() -> (TestHost, String) {
    let sid = add_on_sid('a');
    (TestHost::with("echo", &sid, "").start(), sid)
}

/// The answer to a request about the echo add-on, as status and body.
async fn shown(request: Signed) -> String {
    request.add_on(&add_on_sid('a')).send().await.shown()
}

async fn assert_answered(request: Signed) {
    let answer = request.add_on(&add_on_sid('a')).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.error_code(), Value::Null);
    assert_eq!(answer.json()["results"]["address"]["e164"], NUMBER);
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused() {
    let (host, _) = echo();
    assert_snapshot!(shown(host.twilio().get(LOOKUP).unsigned()).await, @r#"
    403 Forbidden
    {"error_code":"signature_missing","message":"the header X-Twilio-Signature is missing, empty or repeated"}
    "#);
}

#[tokio::test]
async fn an_empty_signature_is_none() {
    let (host, _) = echo();
    let request = host.twilio().get(LOOKUP).unsigned();
    let empty = request.header("x-twilio-signature", "");
    assert_snapshot!(shown(empty).await, @r#"
    403 Forbidden
    {"error_code":"signature_missing","message":"the header X-Twilio-Signature is missing, empty or repeated"}
    "#);
}

#[tokio::test]
async fn of_two_signatures_none_counts_even_where_both_are_right() {
    let (host, _) = echo();
    let right = host.twilio().get(LOOKUP).signature();
    for [first, second] in [[right.as_str(), "x"], ["x", &right], [&right, &right]] {
        let answer = shown(request_with_signatures(&host, first, second)).await;
        assert!(answer.contains("signature_missing"), "{answer}");
    }
    assert_answered(host.twilio().get(LOOKUP).signature_of(&right)).await;
}

fn request_with_signatures(host: &TestHost, first: &str, second: &str) -> Signed {
    host.twilio()
        .get(LOOKUP)
        .unsigned()
        .header("x-twilio-signature", first)
        .another_header("x-twilio-signature", second)
}

#[tokio::test]
async fn a_signature_counts_letter_by_letter() {
    let (host, _) = echo();
    let right = host.twilio().get(LOOKUP).signature();
    let unpadded = right.trim_end_matches('=');
    let doubled = format!("{right}{right}");
    let quoted = format!("\"{right}\"");
    let listed = format!("{right}, {right}");
    let url_safe = right.replace('+', "-").replace('/', "_");
    let mut wrong = vec![unpadded, &doubled, &quoted, &listed];
    wrong.extend((url_safe != right).then_some(url_safe.as_str()));
    for signature in wrong {
        let answer = shown(host.twilio().get(LOOKUP).signature_of(signature)).await;
        assert_eq!(answer, INVALID, "{signature}");
    }
}

const INVALID: &str = "403 Forbidden\n\
    {\"error_code\":\"signature_invalid\",\"message\":\"the signature does not match the request\"}";

#[tokio::test]
async fn a_json_body_needs_its_hash_in_the_signed_url() {
    let (host, _) = echo();
    let json = || {
        host.twilio()
            .json("/lookups", r#"{"phone":"+12125550123"}"#)
    };
    assert_answered(json()).await;
    assert_snapshot!(shown(json().target("/lookups")).await, @r#"
    403 Forbidden
    {"error_code":"body_not_signed","message":"the body is not covered by the signature: bodySHA256 is missing"}
    "#);
    assert_snapshot!(shown(json().body(r#"{"phone":"+12125550124"}"#)).await, @r#"
    403 Forbidden
    {"error_code":"body_mismatch","message":"the body does not match its signed hash"}
    "#);
}

#[tokio::test]
async fn the_hash_of_a_body_is_written_in_lower_case() {
    let (host, _) = echo();
    let body = r#"{"phone":"+12125550123"}"#;
    let hash = body_hash(body.as_bytes());
    for (written, code) in [
        (hash.clone(), Value::Null),
        (hash.to_ascii_uppercase(), "body_mismatch".into()),
        (hash[..63].to_owned(), "body_mismatch".into()),
        (String::new(), "body_mismatch".into()),
        (body_hash(b"another"), "body_mismatch".into()),
    ] {
        let target = format!("/lookups?bodySHA256={written}");
        let request = host.twilio().json("/lookups", body).target(&target);
        let answer = request.add_on(&add_on_sid('a')).send().await;
        assert_eq!(answer.error_code(), code, "{written}");
        assert_eq!(answer.status == 200, code.is_null(), "{written}");
    }
}

#[tokio::test]
async fn a_hash_that_comes_twice_must_be_right_twice() {
    let (host, _) = echo();
    let body = r#"{"phone":"+12125550123"}"#;
    let (right, wrong) = (body_hash(body.as_bytes()), body_hash(b"another"));
    let twice = |first: &str, second: &str| {
        let target = format!("/lookups?bodySHA256={first}&bodySHA256={second}");
        host.twilio().json("/lookups", body).target(&target)
    };
    assert_answered(twice(&right, &right)).await;
    for request in [twice(&right, &wrong), twice(&wrong, &right)] {
        let answer = shown(request).await;
        assert!(answer.contains("body_mismatch"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_was_signed_and_then_taken_away_is_missed() {
    let (host, _) = echo();
    let target = format!("{LOOKUP}&more=1");
    let stripped = host.twilio().json(&target, r#"{"body":"hello"}"#).body("");
    assert_snapshot!(shown(stripped).await, @r#"
    403 Forbidden
    {"error_code":"body_mismatch","message":"the body does not match its signed hash"}
    "#);
    // The hash of nothing covers nothing.
    assert_answered(host.twilio().json(&target, "")).await;
}

#[tokio::test]
async fn a_body_of_another_type_is_refused_unless_it_is_covered() {
    let (host, _) = echo();
    let body = "--part\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n1\r\n--part--";
    let mut answers = Vec::new();
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=part",
        "application/xml",
        "nonsense",
    ] {
        let covered = host.twilio().json(LOOKUP, body);
        let uncovered = host.twilio().json(LOOKUP, body).target(LOOKUP);
        answers.push([
            shown(uncovered.header("content-type", content_type)).await,
            shown(covered.header("content-type", content_type)).await,
        ]);
    }
    answers.dedup();
    let [[uncovered, covered]] = answers.as_slice() else {
        panic!("every type is answered alike, not {answers:#?}");
    };
    assert_snapshot!(uncovered, @r#"
    403 Forbidden
    {"error_code":"body_not_signed","message":"the body is not covered by the signature: bodySHA256 is missing"}
    "#);
    assert_snapshot!(covered, @r#"
    200 OK
    {"phone_number":null,"results":{},"error_code":"content_type_unsupported","message":"the body's content type is neither a form nor JSON","request_sid":null,"retryable":false}
    "#);
}

#[tokio::test]
async fn a_body_without_a_type_or_with_two_is_covered_by_its_hash_alone() {
    let (host, _) = echo();
    let form = || {
        let parameters = [("phone", NUMBER)];
        host.twilio().form("/lookups", &parameters)
    };
    assert_answered(form()).await;
    let bare = || {
        let body = "phone=%2B12125550123";
        host.twilio().request(Method::POST, "/lookups").body(body)
    };
    let twice = bare()
        .header("content-type", "application/x-www-form-urlencoded")
        .another_header("content-type", "application/x-www-form-urlencoded");
    for request in [bare(), twice] {
        let answer = shown(request).await;
        assert!(answer.contains("body_not_signed"), "{answer}");
    }
    // The parameters of a form were signed, and so it cannot pass as something else.
    assert_eq!(
        shown(form().sealed().without("content-type")).await,
        INVALID
    );
}

#[tokio::test]
async fn a_body_that_comes_with_a_get_is_signed_like_any_other() {
    let (host, _) = echo();
    let get = |body: &[(&str, &str)]| host.twilio().form(LOOKUP, body).method(Method::GET);
    assert_answered(get(&[("more", "1")])).await;
    let smuggled = get(&[]).sealed().body("more=1");
    assert_eq!(shown(smuggled).await, INVALID);
}

#[tokio::test]
async fn more_than_500_parameters_are_not_looked_at() {
    let (host, _) = echo();
    let many = |count: usize| "&a=1".repeat(count - 1);
    assert_answered(host.twilio().get(&format!("{LOOKUP}{}", many(500)))).await;
    let query = host.twilio().get(&format!("{LOOKUP}{}", many(501)));
    assert_snapshot!(shown(query).await, @r#"
    400 Bad Request
    {"error_code":"too_many_parameters","message":"more than 500 parameters"}
    "#);

    let form = |count: usize| {
        let mut parameters = vec![("a", "1"); count - 1];
        parameters.push(("phone", NUMBER));
        host.twilio().form("/lookups", &parameters)
    };
    assert_answered(form(500)).await;
    let flooded = shown(form(501)).await;
    assert!(flooded.starts_with("400 Bad Request\n"), "{flooded}");
    // It is not looked at, and so it need not be signed.
    assert_eq!(shown(form(501).unsigned()).await, flooded);
}
