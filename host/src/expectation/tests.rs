//! What is contained in an answer, and what is told of one that differs.

use serde_json::{Value, json};

use super::*;

#[test]
fn objects_may_have_more_and_everything_else_is_equal() {
    for (expected, answer, told) in [
        (json!({}), json!({"a": 1}), ""),
        (json!({"a": 1}), json!({"b": [], "a": 1}), ""),
        (
            json!({"a": {"b": true}}),
            json!({"a": {"b": true, "c": 0}}),
            "",
        ),
        (json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 2}]}), ""),
        (json!({"a": 1}), json!({"a": 1.0}), ""),
        (json!({"a": null}), json!({"a": null}), ""),
        (json!({"a": ""}), json!({"a": ""}), ""),
        (
            json!({"a": 1}),
            json!({}),
            "expected `1` at `/a`, found nothing",
        ),
        (
            json!({"a": null}),
            json!({}),
            "expected `null` at `/a`, found nothing",
        ),
        (
            json!({"a": true}),
            json!({"a": false}),
            "expected `true` at `/a`, found `false`",
        ),
        (
            json!({"a": 1}),
            json!({"a": "1"}),
            "expected `1` at `/a`, found a text of 1 character",
        ),
        (
            json!({"a": 1}),
            json!({"a": 1.5}),
            "expected `1` at `/a`, found `1.5`",
        ),
        (
            json!({"a": -9999}),
            json!({"a": 12345}),
            "expected `-9999` at `/a`, found a long number",
        ),
        (
            json!({"a": 9_007_199_254_740_993_u64}),
            json!({"a": 9_007_199_254_740_992_u64}),
            "expected a long number at `/a`, found another",
        ),
        (
            json!({"a": "one"}),
            json!({"a": "two"}),
            "expected a text of 3 characters at `/a`, found another",
        ),
        (
            json!({"a": "é"}),
            json!({"a": {}}),
            "expected a text of 1 character at `/a`, found an object of 0 members",
        ),
        (
            json!({"a": []}),
            json!({"a": [1]}),
            "expected a list of 0 items at `/a`, found a list of 1 item",
        ),
        (
            json!({"a": [1, 2]}),
            json!({"a": [1, 3]}),
            "expected `2` at `/a/1`, found `3`",
        ),
        (
            json!({"a": [{}]}),
            json!({"a": [{"b": 1}]}),
            "expected an object of 0 members at `/a/0`, found an object of 1 member",
        ),
        (
            json!({"a": {}}),
            json!({"a": []}),
            "expected an object of 0 members at `/a`, found a list of 0 items",
        ),
        (
            json!({"ok": 1, "a": {"b/c": {"~d": true}}}),
            json!({"ok": 1, "a": {"b/c": {"~d": null}}}),
            "expected `true` at `/a/b~1c/~0d`, found `null`",
        ),
        (
            json!({"a": {"b": 1}, "c": 2}),
            json!({"a": {"b": 1}, "c": 3}),
            "expected `2` at `/c`, found `3`",
        ),
    ] {
        let said = match Expectation::Object(expected.clone()).answered(&answer) {
            Ok(()) => String::new(),
            Err(unexpected) => unexpected.to_string(),
        };
        assert_eq!(said, told, "{expected} {answer}");
    }
}

fn refusal(code: &str) -> Refusal {
    Refusal {
        kind: RefusalKind::NoResult,
        code: code.to_owned(),
        message: "nothing is known of +12125550123".to_owned(),
    }
}

#[test]
fn a_refusal_is_expected_by_its_code_or_not_at_all() {
    let unknown = Expectation::Refusal("number_unknown".to_owned());
    assert_eq!(unknown.refused(&refusal("number_unknown")), Ok(()));
    for (said, told) in [
        (
            unknown.refused(&refusal("n12125550123")),
            "expected a refusal with the code `number_unknown`, and it refused with another \
             (`no_result`)",
        ),
        (
            unknown.answered(&json!({})),
            "expected a refusal with the code `number_unknown`, and it answered",
        ),
        (
            Expectation::anything().refused(&refusal("number_unknown")),
            "expected an answer, and it refused (`no_result`)",
        ),
    ] {
        assert_eq!(said.unwrap_err().to_string(), told);
    }
}

#[test]
fn nothing_that_an_answer_says_is_repeated() {
    let answer = json!({
        "number": "+12125550123",
        "digits": 12_125_550_123_u64,
        "message": "meet Zoë at 5",
        "list": ["+12125550123"],
    });
    for name in ["number", "digits", "message", "list"] {
        let expected = Value::Object([(name.to_owned(), json!(true))].into_iter().collect());
        let said = Expectation::Object(expected).answered(&answer).unwrap_err();
        let said = said.to_string();
        assert!(!said.contains("555") && !said.contains("Zo"), "{said}");
    }
}
