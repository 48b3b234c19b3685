//! How parameters travel. Twilio signs a URL and a form's names and values with nothing
//! between them, so one signed text can be sent in more than one way.

use http::Method;
use insta::assert_snapshot;
use jackfield_tests::{FORM, NUMBER, Signed, TestHost, add_on_sid};

fn echo(toml: &str) -> (TestHost, String) {
    let sid = add_on_sid('a');
    (TestHost::with("echo", &sid, toml).start(), sid)
}

/// A signed lookup by GET, sent as a form whose first name is the end of its URL.
fn lookup_sent_as_a_form(host: &TestHost, sid: &str) -> Signed {
    let query = "/lookups?phone=%2B12125550123";
    host.twilio()
        .get(&format!("{query}&InvocationDate=2020-01-01T00:00:00Z"))
        .add_on(sid)
        .sealed()
        .method(Method::POST)
        .target(query)
        .header("content-type", FORM)
        .body("%26InvocationDate%3D2020-01-01T00%3A00%3A00Z=")
}

#[tokio::test]
async fn a_query_that_is_sent_as_a_form_is_refused_where_only_get_is_registered() {
    let (host, sid) = echo("methods = [\"get\"]");
    let answer = lookup_sent_as_a_form(&host, &sid).send().await;
    assert_snapshot!(answer.shown(), @r#"
    403 Forbidden
    {"error_code":"method_mismatch","message":"the add-on's requests are not registered with this method and kind of body"}
    "#);
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
}

#[tokio::test]
async fn a_query_that_is_sent_as_a_form_loses_its_date_where_forms_are_taken() {
    let (host, sid) = echo("");
    let answer = lookup_sent_as_a_form(&host, &sid).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let original = "/lookups?phone=%2B12125550123&InvocationDate=2020-01-01T00:00:00Z";
    let answer = host.twilio().get(original).add_on(&sid).send().await;
    assert_eq!(answer.error_code(), "stale_request");
}

#[tokio::test]
async fn each_registered_method_is_taken_and_no_other() {
    for registered in ["get", "form", "json"] {
        let (host, sid) = echo(&format!("methods = [\"{registered}\"]"));
        let twilio = host.twilio();
        let body = format!(r#"{{"phone":"{NUMBER}"}}"#);
        for (method, request) in [
            ("get", twilio.lookup(&sid, NUMBER)),
            ("form", twilio.form("/lookups", &[("phone", NUMBER)])),
            ("json", twilio.json("/lookups", &body)),
        ] {
            let answer = request.add_on(&sid).send().await;
            let taken = answer.status == 200 && answer.error_code().is_null();
            let refused = answer.status == 403 && answer.error_code() == "method_mismatch";
            assert_eq!(
                (taken, refused),
                (method == registered, method != registered)
            );
        }
    }
}

#[tokio::test]
async fn a_signed_json_body_cannot_be_dropped_for_an_empty_form() {
    let (host, sid) = echo("");
    let request = host
        .twilio()
        .json("/lookups?phone=%2B12125550123", r#"{"a":1}"#);
    let request = request.add_on(&sid).sealed();
    let answer = request.header("content-type", FORM).body("&").send().await;
    assert_eq!(answer.error_code(), "body_mismatch");
}
