//! The example providers, as this project ships them and as `cargo component` builds
//! them.

use std::path::Path;

use insta::assert_json_snapshot;
use jackfield_tests::{Signed, TestHost, add_on_sid, cargo_component, plugin};
use serde_json::Value;

const PROVIDERS: [&str; 3] = ["caller_name", "number_insight", "message_sentiment"];

fn serve(component: &Path) -> TestHost {
    TestHost::builder()
        .add_on(
            "provider",
            &add_on_sid('a'),
            component,
            "grants = { fields = [\"body\"] }",
        )
        .start()
}

fn message(host: &TestHost, number: &str, text: &str) -> Signed {
    host.keep_secret(number);
    let form = [("phone", number), ("body", text)];
    host.twilio()
        .form("/incoming-sms", &form)
        .add_on(&add_on_sid('a'))
}

async fn answer(component: &Path, number: &str, text: &str) -> Value {
    let host = serve(component);
    message(&host, number, text).send().await.json()
}

#[tokio::test]
async fn caller_name_names_a_caller() {
    assert_json_snapshot!(answer(&plugin("caller_name"), "+15005550006", "").await, @r#"
    {
      "phone_number": "+15005550006",
      "results": {
        "caller_name": "Marigold Test Line",
        "caller_type": "business",
        "source": "directory",
        "updated": "2025-12-31"
      },
      "error_code": null
    }
    "#);
}

#[tokio::test]
async fn caller_name_has_no_result_for_a_stranger() {
    assert_json_snapshot!(answer(&plugin("caller_name"), "+12125550199", "").await, @r#"
    {
      "phone_number": "+12125550199",
      "results": {},
      "error_code": "number_unlisted",
      "message": "the number is not in the directory",
      "request_sid": null,
      "retryable": false
    }
    "#);
}

#[tokio::test]
async fn number_insight_describes_a_number() {
    assert_json_snapshot!(answer(&plugin("number_insight"), "+442079460123", "").await, @r#"
    {
      "phone_number": "+442079460123",
      "results": {
        "valid": true,
        "possible": true,
        "calling_country_code": 44,
        "country_code": "GB",
        "country_name": "United Kingdom",
        "area": "London",
        "line_type": "fixed_line",
        "formats": {
          "e164": "+442079460123",
          "international": "+44 20 7946 0123",
          "national": "020 7946 0123",
          "rfc3966": "tel:+44-20-7946-0123"
        }
      },
      "error_code": null
    }
    "#);
}

#[tokio::test]
async fn message_sentiment_reads_a_message() {
    let text = "I love this, thank you so much!";
    assert_json_snapshot!(answer(&plugin("message_sentiment"), "+15005550006", text).await, @r#"
    {
      "phone_number": "+15005550006",
      "results": {
        "sentiment": "positive",
        "score": 0.79,
        "language": {
          "code": "en",
          "confidence": 1.0
        },
        "truncated": false
      },
      "error_code": null
    }
    "#);
}

#[tokio::test]
async fn what_cargo_component_builds_answers_the_same() {
    let text = "This is terrible, I want my money back.";
    for name in PROVIDERS {
        let ours = answer(&plugin(name), "+15005550006", text).await;
        for target in ["wasm32-wasip1", "wasm32-unknown-unknown"] {
            let theirs = answer(&cargo_component(target, name), "+15005550006", text).await;
            assert_eq!(theirs, ours, "{name} for {target}");
            assert!(theirs["error_code"].is_null(), "{theirs}");
        }
    }
}

#[tokio::test]
async fn a_fresh_call_of_every_example_takes_less_than_5_ms() {
    for name in PROVIDERS {
        let host = serve(&plugin(name));
        let text = "Great service, but the delivery was late again.";
        let mut took = Vec::new();
        for _ in 0..21 {
            let request = message(&host, "+442079460123", text);
            let started = std::time::Instant::now();
            let _ = request.send().await;
            took.push(started.elapsed());
        }
        took.sort();
        // With connection, signature and all: the call alone is a part of it.
        assert!(
            took[10].as_millis() < 5,
            "{name}: {:?} at the median",
            took[10]
        );
    }
}
