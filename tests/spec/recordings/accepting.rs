//! What Twilio is told when a recording is there, and what it is not told.

use insta::assert_snapshot;
use jackfield_tests::{ACCOUNT, add_on_sid};

use super::{CALLBACK, accepted, builder, echo, recording, refused, result};

#[tokio::test]
async fn a_recording_is_accepted_without_a_body_and_its_result_is_called_back() {
    let (host, receiver) = echo("");
    let answer = recording(&host, &receiver).send().await;
    assert_eq!(answer.status, 202);
    assert!(answer.body.is_empty());
    assert_eq!(answer.headers["content-length"], "0");
    assert!(!answer.headers.contains_key("content-type"));
    let called = result(&receiver).await;
    assert_eq!(called.method, "POST");
    assert_eq!(called.header("content-type"), Some("application/json"));
    let body = called.body.as_ref().unwrap();
    let length = body.length.to_string();
    assert_eq!(called.header("content-length"), Some(length.as_str()));
    let text = String::from_utf8(body.kept.clone().unwrap().to_vec()).unwrap();
    let deadline = called.json()["results"]["deadline_ms"].clone();
    assert!((1..=10_000).contains(&deadline.as_u64().unwrap()));
    let text = text.replace(&format!("\"deadline_ms\":{deadline}"), "\"deadline_ms\":0");
    assert_snapshot!(text, @r#"{"phone_number":null,"results":{"integration_point":"recordings","media_type":"SIGNED_16BIT_SLINEAR","duration_ms":1000,"size":16044,"channels":1,"sample_rate":8000,"sids":{"account":"AC05b3911315a1322d1dede66eed740000","add_on":"XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","add_on_version":null,"add_on_install":null,"add_on_configuration":null,"request":"XR00000000000000000000000000000001"},"attempt":1,"deadline_ms":0,"report_limit":104857600,"fields":[],"audio":{"bytes":16044,"sha256":"66ca359c3995fb6fb0a6f5d1c9847ab9b8b25e3ac0a19ec9de9d2f6f967e25f9"},"label":null},"error_code":null,"request_sid":"XR00000000000000000000000000000001"}"#);
}

#[tokio::test]
async fn the_provider_gets_the_audio_and_what_was_said_of_it() {
    let (host, receiver) = echo("grants = { fields = [\"SampleSize\"] }");
    let sent = recording(&host, &receiver)
        .install("XD0123456789abcdef0123456789abcdef")
        .field("Ungranted", "a secret of the customer's");
    accepted(sent).await;
    let told = result(&receiver).await.json()["results"].clone();
    assert_eq!(told["integration_point"], "recordings");
    assert_eq!(told["duration_ms"], 1_000);
    assert_eq!(told["channels"], 1);
    assert_eq!(told["sample_rate"], 8_000);
    assert_eq!(told["size"], told["audio"]["bytes"]);
    assert_eq!(told["attempt"], 1);
    assert_eq!(told["sids"]["account"], ACCOUNT);
    assert_eq!(told["sids"]["add_on"], add_on_sid('a'));
    assert_eq!(
        told["sids"]["add_on_install"],
        "XD0123456789abcdef0123456789abcdef"
    );
    assert_eq!(told["fields"], serde_json::json!([["SampleSize", "2"]]));
}

#[tokio::test]
async fn a_result_goes_out_verbatim_where_the_add_on_wants_it_so() {
    let (host, receiver) = echo("envelope = \"verbatim\"");
    accepted(recording(&host, &receiver)).await;
    let told = result(&receiver).await.json();
    assert_eq!(told["audio"]["bytes"], 16_044);
    assert!(told.get("results").is_none(), "{told}");
}

#[tokio::test]
async fn an_empty_callback_is_posted_to_nobody_and_the_work_is_done() {
    let (host, receiver) = echo("");
    accepted(recording(&host, &receiver).callback("")).await;
    let jobs = host.at_rest().await;
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0].state.as_str(), jobs[0].runs), ("done", 1));
    assert_eq!(jobs[0].deliveries, 0);
    assert!(receiver.seen().is_empty());
    host.cleared().await;
}

#[tokio::test]
async fn what_is_no_recording_is_told_so() {
    let (host, receiver) = echo("");
    let sent = || recording(&host, &receiver);
    let other = add_on_sid('f');
    let foreign = host
        .twilio()
        .recording(&other)
        .callback(&receiver.url(CALLBACK));
    for (code, sent) in [
        ("audio_missing", sent().no_audio()),
        ("callback_missing", sent().without_field("callback")),
        ("addon_unknown", foreign),
        (
            "url_too_long",
            sent().callback(&format!("https://a/{}", "a".repeat(9_000))),
        ),
        (
            "body_malformed",
            sent().instead("multipart/form-data; boundary=x", "no part"),
        ),
        (
            "content_type_unsupported",
            sent().instead("audio/wav", "RIFF"),
        ),
    ] {
        assert_eq!(refused(sent).await, (200, code.into()), "{code}");
    }
    assert!(host.jobs().await.is_empty());
    host.cleared().await;
}

#[tokio::test]
async fn recordings_are_posted_and_nothing_else() {
    let (host, receiver) = echo("");
    let twilio = host.twilio();
    for method in [http::Method::GET, http::Method::PUT, http::Method::HEAD] {
        let answer = twilio
            .request(method, "/recordings")
            .add_on(&add_on_sid('a'));
        let answer = answer.send().await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.headers["allow"], "POST, OPTIONS");
    }
    let answer = twilio
        .request(http::Method::OPTIONS, "/recordings")
        .send()
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["allow"], "POST, OPTIONS");
    // And not at the other points, which answer at once.
    let lookups = recording(&host, &receiver).path("/lookups");
    assert_eq!(refused(lookups).await.1, "integration_point_not_served");
}

#[tokio::test]
async fn an_add_on_for_recordings_can_have_the_path_that_was_registered() {
    let receiver = jackfield_tests::Receiver::start();
    let host = builder("echo-recording", &receiver, "path = \"/transcription\"").start();
    accepted(recording(&host, &receiver).path("/transcription")).await;
    result(&receiver).await;
    let elsewhere = recording(&host, &receiver).path("/recordings").send().await;
    assert!([403, 404].contains(&elsewhere.status.as_u16()));
}
