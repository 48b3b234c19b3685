//! What a provider gets to see, and what it costs the others: nothing.

use insta::assert_json_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, request_sid};

#[tokio::test]
async fn a_provider_gets_one_typed_request() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo", &sid, "").start();
    let digits = "0".repeat(32);
    let answer = host
        .twilio()
        .form(
            "/incoming-sms",
            &[
                ("phone", NUMBER),
                ("body", "hello"),
                ("secondary_address", "12345"),
            ],
        )
        .add_on(&sid)
        .request_sid(&request_sid(1))
        .header("x-twilio-addonversionsid", &format!("XC{digits}"))
        .header("x-twilio-addoninstallsid", &format!("XD{digits}"))
        .header("x-twilio-addonconfigurationsid", &format!("XE{digits}"))
        .send()
        .await;
    let mut seen = answer.json()["results"].clone();
    let left = seen["deadline_ms"].take().as_u64().unwrap();
    assert!((1..=800).contains(&left), "{left}");
    assert_json_snapshot!(seen, @r#"
    {
      "integration_point": "incoming-sms",
      "address": {
        "kind": "e164",
        "e164": "+12125550123",
        "raw": "+12125550123"
      },
      "secondary_address": null,
      "body": null,
      "sids": {
        "account": "AC05b3911315a1322d1dede66eed740000",
        "add_on": "XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "add_on_version": "XC00000000000000000000000000000000",
        "add_on_install": "XD00000000000000000000000000000000",
        "add_on_configuration": "XE00000000000000000000000000000000",
        "request": "XR00000000000000000000000000000001"
      },
      "attempt": 1,
      "deadline_ms": null,
      "fields": []
    }
    "#);
}

#[tokio::test]
async fn every_call_is_a_fresh_instance() {
    let sid = add_on_sid('a');
    let host = TestHost::with("count", &sid, "").start();
    for _ in 0..20 {
        let answer = host.twilio().lookup(&sid, NUMBER).send().await;
        assert_eq!(answer.json()["results"]["calls"], 1);
    }
}

#[tokio::test]
async fn many_calls_at_once_are_answered_each_with_its_own_number() {
    let sid = add_on_sid('a');
    let host = TestHost::with("echo", &sid, "").start();
    let twilio = host.twilio();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..64 {
        let number = format!("+121255501{n:02}");
        let call = twilio.lookup(&sid, &number);
        calls.spawn(async move { (number, call.send().await) });
    }
    while let Some(done) = calls.join_next().await {
        let (number, answer) = done.unwrap();
        assert_eq!(answer.json()["results"]["address"]["e164"], number.as_str());
    }
}
