//! What a provider answers, checked before it is passed on as it is, and wrapped.
//!
//! The bytes: one for how deep it may be nested, one for how long the pieces are in which it
//! comes, and the answer. Whether it comes whole or in pieces, it is taken where `serde_json`
//! reads an object from it that is no deeper, and nowhere else; and what it is wrapped in
//! changes nothing of it.

use http::StatusCode;
use jackfield::protocol::json::{ObjectCheck, check_object};
use jackfield::protocol::reply::{Envelope, ErrorTemplate, Problem, Subject, names_its_number};
use serde_json::Value;

use crate::alike::alike;

/// The deepest that this asks for. `serde_json` reads no deeper than 127 by itself.
const DEEPEST: u8 = 100;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let [most, width, answer @ ..] = case else {
        return;
    };
    let (most, width) = (most % (DEEPEST + 1), usize::from(*width).max(1));
    let read = serde_json::from_slice(answer).ok();
    let object = read.filter(|value: &Value| value.is_object() && depth(value) <= most);
    for pieces in [answer.chunks(width), answer.chunks(answer.len().max(1))] {
        assert_eq!(in_pieces(pieces, most), object.is_some());
    }
    let text = std::str::from_utf8(answer).ok();
    let taken = text.filter(|text| check_object(text, most).is_ok());
    assert_eq!(taken.is_some(), object.is_some());
    if let Some((text, object)) = taken.zip(object) {
        wrapped_as_it_is(text, &object);
        told_in_a_shape_of_its_own(&object);
    }
}

fn in_pieces<'a>(mut pieces: impl Iterator<Item = &'a [u8]>, most: u8) -> bool {
    let mut check = ObjectCheck::new(most);
    pieces.all(|piece| check.feed(piece).is_ok()) && check.finish().is_ok()
}

/// How deep objects and arrays are nested.
fn depth(value: &Value) -> u8 {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    inner.unwrap_or(0).saturating_add(1)
}

fn wrapped_as_it_is(text: &str, object: &Value) {
    for number in [None, Some("+15005550006"), Some("\"}\\\u{0}{code}")] {
        let subject = Subject {
            phone_number: number.map(str::to_owned),
            request: None,
        };
        let whole = Envelope::Reference.success(text, &subject);
        let (before, after) = Envelope::Reference.around(&subject);
        for answer in [&whole, &[&before, text, &after].concat()] {
            let read: Value = serde_json::from_str(answer).expect("what is wrapped is JSON");
            assert_eq!(&read["results"], object);
            assert_eq!(read["phone_number"].as_str(), number);
            assert!(read["error_code"].is_null());
            assert_eq!(names_its_number(answer.as_bytes()), number.is_some());
        }
        let verbatim = Envelope::Verbatim(None);
        assert_eq!(verbatim.success(text, &subject), text);
        assert_eq!(verbatim.around(&subject), (String::new(), String::new()));
    }
}

/// What a problem says is put into a publisher's shape as text, and never as structure.
fn told_in_a_shape_of_its_own(shape: &Value) {
    let problem = Problem {
        status: StatusCode::BAD_GATEWAY,
        code: "{message}".to_owned(),
        message: "\"},{code}{request_sid}".to_owned(),
        retryable: false,
    };
    let template = ErrorTemplate::new(shape.clone()).expect("it is an object");
    let told = Envelope::Verbatim(Some(template)).failure(&problem, &Subject::default());
    let told: Value = serde_json::from_str(&told).expect("it is JSON");
    alike(&told, &filled(shape, &problem));
}

fn filled(shape: &Value, problem: &Problem) -> Value {
    match shape {
        Value::String(text) => {
            // Each piece between braces is filled in by itself.
            let values = [
                ("{code}", problem.code.as_str()),
                ("{message}", &problem.message),
                ("{request_sid}", ""),
            ];
            let pieces = text.split_inclusive('}').map(|piece| {
                let ends = values.iter().find(|(name, _)| piece.ends_with(name));
                ends.map_or(piece.to_owned(), |(name, value)| {
                    [&piece[..piece.len() - name.len()], value].concat()
                })
            });
            pieces.collect::<String>().into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, problem)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, problem)))
            .collect(),
        other => other.clone(),
    }
}
