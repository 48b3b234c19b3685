//! What a publisher demands besides Twilio's signature.

use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid};

const KEY: &str = "k-5f2b9d";
const HEADER: &str = "h-77ac01";
const PASSWORD: &str = "p-e4d3c2";
/// `publisher:p-e4d3c2`
const BASIC: &str = "Basic cHVibGlzaGVyOnAtZTRkM2My";

/// A host whose add-on demands something, and shows all parameters that it gets.
fn host(demand: &str) -> TestHost {
    let toml = format!("require.{demand}\ngrants.fields = [\"*\"]");
    let host = TestHost::with("echo", &add_on_sid('a'), &toml)
        .env("API_KEY", KEY)
        .env("HEADER_KEY", HEADER)
        .env("PASSWORD", PASSWORD)
        .start();
    for secret in [KEY, HEADER, PASSWORD, "cHVibGlzaGVyOnAtZTRkM2My"] {
        host.keep_secret(secret);
    }
    host
}

#[tokio::test]
async fn a_key_in_the_query_is_checked_and_no_provider_sees_it() {
    let host = host("query.apikey = { env = \"API_KEY\" }");
    let ask = async |query: &str| {
        let target = format!("/lookups?phone=%2B12125550123&plan=a{query}");
        host.twilio()
            .get(&target)
            .add_on(&add_on_sid('a'))
            .send()
            .await
    };
    let good = ask(&format!("&apikey={KEY}")).await;
    assert_eq!(good.status, 200);
    assert_snapshot!(good.json()["results"]["fields"], @r#"[["plan","a"]]"#);
    assert!(!good.text().contains(KEY), "{}", good.text());

    assert_snapshot!(ask("").await.shown(), @r#"
    403 Forbidden
    {"error_code":"forbidden","message":"an API key is missing or wrong"}
    "#);
    for query in [
        "&apikey=".to_owned(),
        format!("&apikey={KEY}0"),
        format!("&apikey={KEY}&apikey=0"),
    ] {
        let answer = ask(&query).await;
        assert_eq!(answer.status, 403, "{query}");
        assert_eq!(answer.error_code(), "forbidden", "{query}");
    }
}

#[tokio::test]
async fn a_key_may_travel_in_a_form_as_well() {
    let host = host("query.apikey = { env = \"API_KEY\" }");
    let form = [("phone", NUMBER), ("apikey", KEY), ("plan", "a")];
    let answer = host
        .twilio()
        .form("/lookups", &form)
        .add_on(&add_on_sid('a'))
        .send()
        .await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains(KEY), "{}", answer.text());
}

#[tokio::test]
async fn a_key_in_a_header_is_checked() {
    let host = host("headers.x-api-key = { env = \"HEADER_KEY\" }");
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    assert_eq!(
        lookup().header("x-api-key", HEADER).send().await.status,
        200
    );
    assert_eq!(
        lookup().header("x-api-key", "h-other").send().await.status,
        403
    );
    assert_eq!(lookup().send().await.status, 403);
    let twice = lookup()
        .header("x-api-key", HEADER)
        .another_header("x-api-key", HEADER);
    assert_eq!(twice.send().await.status, 403);
}

#[tokio::test]
async fn basic_credentials_are_asked_for_before_they_are_sent() {
    let host = host("basic = { username = \"publisher\", password = { env = \"PASSWORD\" } }");
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    // Twilio calls without them first, and repeats the call once it has seen the 401.
    let first = lookup().send().await;
    assert_snapshot!(first.shown(), @r#"
    401 Unauthorized
    {"error_code":"unauthorized","message":"HTTP Basic credentials are missing or wrong"}
    "#);
    assert_eq!(
        first.headers["www-authenticate"],
        r#"Basic realm="add-on", charset="UTF-8""#
    );
    assert_eq!(
        lookup().header("authorization", BASIC).send().await.status,
        200
    );
    for wrong in [
        "Basic cHVibGlzaGVyOm5v",
        "Bearer cHVibGlzaGVyOnAtZTRkM2My",
        "Basic",
        "",
    ] {
        let answer = lookup().header("authorization", wrong).send().await;
        assert_eq!(answer.status, 401, "{wrong}");
    }
}

#[tokio::test]
async fn credentials_are_no_substitute_for_a_signature() {
    let host = host("headers.x-api-key = { env = \"HEADER_KEY\" }");
    let lookup = host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let answer = lookup.header("x-api-key", HEADER).unsigned().send().await;
    assert_eq!(answer.error_code(), "signature_missing");
}
