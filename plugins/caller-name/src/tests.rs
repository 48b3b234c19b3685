//! The provider as the host sees it, and the build script's reading of rows.

#[path = "../build/directory.rs"]
mod source;

use jackfield_sdk::{Address, Answer, Lookup, Refusal, RefusalKind, Request};

use crate::CallerName;
use crate::directory::{BLOCK_ENDS, BLOCKS, NUMBERS, span};

const CSV: &str = include_str!("../data/callers.csv");

fn listed(number: &str) -> Answer {
    CallerName::lookup(Request::lookup(number)).unwrap()
}

fn refused(request: Request) -> Refusal {
    CallerName::lookup(request).unwrap_err()
}

fn problems(rows: &str) -> Vec<String> {
    let errors = source::parse(&format!("number,name,type,updated\n{rows}")).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_listed_number_is_answered_with_its_entry() {
    let answer = listed("+15005550006");
    assert_eq!(
        answer.json,
        r#"{"caller_name":"Marigold Test Line","caller_type":"business","source":"directory","updated":"2025-12-31"}"#
    );
    assert_eq!(
        answer.meta,
        [
            ("max-age".into(), "86400".into()),
            ("data-as-of".into(), "2025-12-31T00:00:00Z".into()),
            ("billable-units".into(), "1".into()),
        ]
    );
}

#[test]
fn every_row_of_the_source_is_answered_with_its_own_fields() {
    let rows: Vec<&str> = CSV.lines().skip(1).collect();
    assert!(rows.len() >= 1000);
    assert_eq!(rows.len(), NUMBERS.len());
    for row in rows {
        let fields: Vec<&str> = row.split(',').collect();
        let json: serde_json::Value = serde_json::from_str(&listed(fields[0]).json).unwrap();
        assert_eq!(json["caller_name"], fields[1], "{row}");
        assert_eq!(json["caller_type"], fields[2], "{row}");
        assert_eq!(json["updated"], fields[3], "{row}");
    }
}

#[test]
fn the_numbers_are_sorted_so_that_the_search_finds_every_entry() {
    assert!(BLOCKS.is_sorted_by(|earlier, later| earlier < later));
    for block in 0..BLOCKS.len() {
        let numbers = &NUMBERS[span(&BLOCK_ENDS, block)];
        assert!(numbers.is_sorted_by(|earlier, later| earlier < later));
    }
}

#[test]
fn an_unlisted_number_has_no_result() {
    let refusal = refused(Request::lookup("+15005550001"));
    assert_eq!(refusal.kind, RefusalKind::NoResult);
    assert_eq!(refusal.code, "number_unlisted");
}

#[test]
fn an_address_without_a_number_is_the_callers_error() {
    for address in [
        Address::of_kind("alphanumeric", "ACME"),
        Address::of_kind("sip", "sip:a@example.com"),
    ] {
        let refusal = refused(Request::lookup("+15005550006").address(address));
        assert_eq!(refusal.kind, RefusalKind::CallerError);
        assert_eq!(refusal.code, "not_a_phone_number");
    }
}

#[test]
fn a_refusal_does_not_repeat_the_number() {
    let refusal = refused(Request::lookup("+15005550001"));
    assert!(!refusal.message.contains("5005550001"));
}

#[test]
fn rows_come_out_in_the_order_of_their_numbers() {
    let rows = source::parse(
        "number,name,type,updated\n\
         +442079460001,Ada Quill,consumer,2025-12-31\n\
         +15005550009,Oak Books,business,2025-11-30\n",
    )
    .unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Oak Books", "Ada Quill"]);
}

#[test]
fn every_bad_row_is_reported_with_its_line() {
    let rows = "+15005550009,Oak Books,business,2025-11-30\n\
                15005550008,Oak Books,business,2025-11-30\n\
                +15005550007,Oak, Books,business,2025-11-30\n\
                +15005550006, Oak Books,business,2025-11-30\n\
                +15005550005,Oak Books,shop,2025-11-30\n\
                +15005550004,Oak Books,business,30.11.2025\n\
                +15005550009,Elm Books,business,2025-13-30\n";
    assert_eq!(
        problems(rows),
        [
            "3: `15005550008` is not a number in E.164 format",
            "4: expected 4 fields, found 5",
            "5: \" Oak Books\" is not a name",
            "6: `shop` is none of `business`, `consumer`, `government` and `nonprofit`",
            "7: `30.11.2025` is not a date as in `2025-12-31`",
            "8: `2025-13-30` is not a date as in `2025-12-31`",
        ]
    );
}

#[test]
fn a_number_that_stands_twice_is_reported_at_its_second_row() {
    let rows =
        "+15005550009,Oak Books,business,2025-11-30\n+15005550009,Elm Books,business,2025-11-30\n";
    assert_eq!(
        problems(rows),
        ["3: the number stands above already, as `Oak Books`"]
    );
}

#[test]
fn another_header_is_reported_at_line_1() {
    let errors = source::parse("phone,name,type,updated\n").unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "1: expected the header `number,name,type,updated`"
    );
}
