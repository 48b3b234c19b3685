//! The provider as the host sees it, and the tables against the library whose
//! metadata they are made of.

mod against_the_library;

use jackfield_sdk::{Address, Lookup, Refusal, RefusalKind, Request};
use serde_json::{Value, json};

use crate::NumberInsight;

fn insight(number: &str) -> Value {
    let answer = NumberInsight::lookup(Request::lookup(number)).unwrap();
    serde_json::from_str(&answer.json).unwrap()
}

fn refusal(number: &str) -> Refusal {
    NumberInsight::lookup(Request::lookup(number)).unwrap_err()
}

#[test]
fn a_number_in_london() {
    assert_eq!(
        insight("+442079460018"),
        json!({
            "valid": true,
            "possible": true,
            "calling_country_code": 44,
            "country_code": "GB",
            "country_name": "United Kingdom",
            "area": "London",
            "line_type": "fixed_line",
            "formats": {
                "e164": "+442079460018",
                "international": "+44 20 7946 0018",
                "national": "020 7946 0018",
                "rfc3966": "tel:+44-20-7946-0018",
            },
        })
    );
}

#[test]
fn countries_that_share_a_calling_code_are_told_apart() {
    let country = |number| insight(number)["country_code"].clone();
    assert_eq!(country("+12125550123"), "US");
    assert_eq!(country("+14165550123"), "CA");
    assert_eq!(country("+18765550123"), "JM");
    assert_eq!(country("+441481960194"), "GG");
}

#[test]
fn a_number_that_belongs_to_no_country_has_a_calling_code_alone() {
    let insight = insight("+80012345678");
    assert_eq!(insight["calling_country_code"], 800);
    assert_eq!(insight["country_code"], Value::Null);
    assert_eq!(insight["line_type"], "toll_free");
    assert_eq!(insight["valid"], true);
}

#[test]
fn an_unassignable_number_is_answered_as_such() {
    let invalid = insight("+11005550006");
    assert_eq!(invalid["valid"], false);
    assert_eq!(invalid["possible"], true);
    assert_eq!(invalid["line_type"], "unknown");
    assert_eq!(invalid["country_code"], Value::Null);
    assert_eq!(invalid["area"], Value::Null);
}

#[test]
fn a_national_prefix_after_the_calling_code_is_removed() {
    assert_eq!(
        insight("+4402079460018")["formats"]["e164"],
        "+442079460018"
    );
}

#[test]
fn a_mobile_number_belongs_to_no_area() {
    let insight = insight("+447400123456");
    assert_eq!(insight["line_type"], "mobile");
    assert_eq!(insight["area"], Value::Null);
}

#[test]
fn what_is_no_number_is_refused_by_its_reason() {
    assert_eq!(refusal("15005550006").code, "not_a_phone_number");
    assert_eq!(refusal("+1500555000x").code, "not_a_phone_number");
    assert_eq!(refusal("+99912345678").code, "calling_code_unknown");
    assert_eq!(refusal("+441").code, "number_length_impossible");
    assert_eq!(
        refusal("+44123456789012345678").code,
        "number_length_impossible"
    );
}

#[test]
fn an_address_without_a_number_is_the_callers_error() {
    let request =
        Request::lookup("+15005550006").address(Address::of_kind("sip", "sip:a@example.com"));
    let refusal = NumberInsight::lookup(request).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::CallerError);
}

#[test]
fn an_answer_says_how_long_it_holds() {
    let answer = NumberInsight::lookup(Request::lookup("+442079460018")).unwrap();
    assert!(answer.meta.contains(&("max-age".into(), "86400".into())));
}
