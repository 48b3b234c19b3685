//! Whether a request is recent enough: Twilio signs a date and a time to live, so that a
//! request which somebody kept cannot be sent again for ever.

use std::time::{SystemTime, UNIX_EPOCH};

use insta::assert_snapshot;
use jackfield_tests::{Answer, NUMBER, Signed, TestHost, add_on_sid};

/// The time, some seconds from now, in seconds since 1970.
fn in_seconds(offset: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (i64::try_from(now.as_secs()).unwrap() + offset).to_string()
}

fn host(freshness: &str) -> TestHost {
    let server = format!("freshness = {{ {freshness} }}");
    TestHost::with("echo", &add_on_sid('a'), "")
        .server(&server)
        .start()
}

async fn send(request: Signed) -> Answer {
    request.add_on(&add_on_sid('a')).send().await
}

/// The same parameters in a query, a form and JSON.
fn carriers(host: &TestHost, parameters: &[(&str, &str)]) -> [Signed; 3] {
    let twilio = host.twilio();
    let query: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B")))
        .collect();
    let members: serde_json::Map<_, _> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let object = serde_json::Value::from(members).to_string();
    [
        twilio.get(&format!("/lookups?{}", query.join("&"))),
        twilio.form("/lookups", parameters),
        twilio.json("/lookups", &object),
    ]
}

#[tokio::test]
async fn a_request_is_answered_within_its_time_to_live_and_not_after_it() {
    let host = host("");
    for (date, ttl, fresh) in [
        (in_seconds(0), "300", true),
        (in_seconds(-60), "300", true),
        (in_seconds(-400), "300", false),
        (in_seconds(-400), "600", true),
        (in_seconds(-100), "10s", false),
        (in_seconds(20), "300", true),
        (in_seconds(120), "300", false),
        ("yesterday".to_owned(), "300", false),
        (in_seconds(0), "soon", false),
        (String::new(), "300", false),
    ] {
        let parameters = [("phone", NUMBER), ("InvocationDate", &date), ("TTL", ttl)];
        for request in carriers(&host, &parameters) {
            let answer = send(request).await;
            let expected = if fresh { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{date} {ttl}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_stale_request_is_refused_with_its_reason() {
    let host = host("");
    let old = in_seconds(-4000);
    let [request, ..] = carriers(&host, &[("phone", NUMBER), ("InvocationDate", &old)]);
    assert_snapshot!(send(request).await.shown(), @r#"
    403 Forbidden
    {"error_code":"stale_request","message":"the request's time to live has passed"}
    "#);
    assert!(
        host.log().contains("time to live has passed"),
        "{}",
        host.log()
    );
    assert!(!host.log().contains(&old), "{}", host.log());
}

#[tokio::test]
async fn a_date_can_be_demanded() {
    for (freshness, status) in [("required = true", 403), ("required = false", 200)] {
        let host = host(freshness);
        for request in carriers(&host, &[("phone", NUMBER)]) {
            assert_eq!(send(request).await.status, status, "{freshness}");
        }
    }
}

#[tokio::test]
async fn names_unit_and_default_are_the_operators() {
    let host = host(
        "date = [\"sent\", \"Sent\"], ttl = \"lives\", ttl_unit = \"ms\", default_ttl = \"10m\", \
         clock_skew = \"0s\"",
    );
    for (name, offset, lives, status) in [
        ("sent", -5, Some("60000"), 200),
        ("Sent", -5, Some("60000"), 200),
        ("sent", -5, Some("1000"), 403),
        ("sent", -500, None, 200),
        ("sent", -700, None, 403),
        ("sent", 20, None, 403),
        // Nothing is read from the usual name any more.
        ("InvocationDate", -4000, None, 200),
    ] {
        let date = in_seconds(offset);
        let parameters = [
            ("phone", NUMBER),
            (name, &date),
            ("lives", lives.unwrap_or_default()),
        ];
        let kept = if lives.is_some() { 3 } else { 2 };
        for request in carriers(&host, &parameters[..kept]) {
            let answer = send(request).await;
            assert_eq!(answer.status, status, "{name} {offset} {lives:?}");
        }
    }
}

#[tokio::test]
async fn a_date_may_stand_in_a_header() {
    let host = host("date = { header = \"x-sent\" }, required = true");
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let now = in_seconds(0);
    assert_eq!(lookup().header("x-sent", &now).send().await.status, 200);
    assert_eq!(
        lookup()
            .header("x-sent", &in_seconds(-4000))
            .send()
            .await
            .status,
        403
    );
    assert_eq!(lookup().send().await.status, 403);
}

/// The signed text of a form does not tell where a name ends. Whoever keeps a request can
/// move the date into its neighbour: the signature stays good, and the date is gone. Only
/// a host that demands a date notices.
#[tokio::test]
async fn a_date_that_was_moved_into_its_neighbours_name_is_missed_where_it_is_demanded() {
    for (freshness, status) in [("required = true", 403), ("required = false", 200)] {
        let host = host(freshness);
        let (twilio, old) = (host.twilio(), in_seconds(-4000));
        let honest = [
            ("Caller", "Ada"),
            ("InvocationDate", old.as_str()),
            ("phone", NUMBER),
        ];
        let honest = twilio.form("/lookups", &honest);
        let signature = honest.signature();
        assert_eq!(send(honest).await.status, 403, "it is old");

        let moved = format!("InvocationDate{old}");
        let moved = [("CallerAda", moved.as_str()), ("phone", NUMBER)];
        let moved = twilio.form("/lookups", &moved);
        assert_eq!(moved.signature(), signature, "the signature is the same");
        assert_eq!(send(moved).await.status, status, "{freshness}");
    }
}
