//! What a provider must answer before it serves, and how an answer differs from it. An
//! answer may hold what is for no log, so differences are told by kind and length.

use serde_json::{Number, Value};

use crate::sandbox::{Refusal, RefusalKind};

/// From so many digits on, a number may be somebody's.
const LONG_NUMBER: usize = 5;

/// What must come of a call.
#[derive(Clone, PartialEq)]
pub enum Expectation {
    /// A JSON object that contains this one: its members, and those of objects in it, and
    /// maybe others. Everything else, lists too, must be equal.
    Object(Value),
    /// A refusal with this code.
    Refusal(String),
}

/// How an answer differs from what must come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    /// The answer holds something else.
    #[error("expected {expected} at `{pointer}`, found {found}")]
    Value {
        /// Where, as a JSON pointer.
        pointer: String,
        /// What should be there, by its kind.
        expected: String,
        /// What is there, by its kind.
        found: String,
    },
    /// There is an answer.
    #[error("expected a refusal with the code `{0}`, and it answered")]
    Answered(String),
    /// There is none.
    #[error("expected an answer, and it refused (`{}`)", .0.code())]
    Refused(RefusalKind),
    /// The refusal is another one. A provider's own code could spell a number.
    #[error("expected a refusal with the code `{expected}`, and it refused with another (`{}`)", .found.code())]
    OtherRefusal {
        /// The code that it should have.
        expected: String,
        /// Of what kind it is.
        found: RefusalKind,
    },
}

impl Expectation {
    /// Any JSON object.
    #[must_use]
    pub fn anything() -> Self {
        Self::Object(Value::Object(serde_json::Map::new()))
    }

    /// Judges an answer.
    ///
    /// # Errors
    /// How it differs, at the first place where it does.
    pub fn answered(&self, answer: &Value) -> Result<(), Unexpected> {
        match self {
            Self::Refusal(code) => Err(Unexpected::Answered(code.clone())),
            Self::Object(expected) => match difference(expected, answer, &mut String::new()) {
                None => Ok(()),
                Some(unexpected) => Err(unexpected),
            },
        }
    }

    /// Judges a refusal.
    ///
    /// # Errors
    /// How it differs.
    pub fn refused(&self, refusal: &Refusal) -> Result<(), Unexpected> {
        match self {
            Self::Refusal(code) if *code == refusal.code => Ok(()),
            Self::Refusal(code) => Err(Unexpected::OtherRefusal {
                expected: code.clone(),
                found: refusal.kind,
            }),
            Self::Object(_) => Err(Unexpected::Refused(refusal.kind)),
        }
    }
}

/// The first place where an object lacks what it should contain, or has something else.
fn difference(expected: &Value, found: &Value, pointer: &mut String) -> Option<Unexpected> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().find_map(|(name, expected)| {
                let length = pointer.len();
                push(pointer, name);
                let differs = match found.get(name) {
                    Some(found) => difference(expected, found, pointer),
                    None => Some(unexpected(pointer, kind(expected), "nothing".to_owned())),
                };
                pointer.truncate(length);
                differs
            })
        }
        (expected, found) if equal(expected, found) => None,
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let pairs = expected.iter().zip(found).enumerate();
            let mut differ = pairs.filter(|(_, (expected, found))| !equal(expected, found));
            differ.next().map(|(at, (expected, found))| {
                let pointer = format!("{pointer}/{at}");
                unexpected(&pointer, kind(expected), kind(found))
            })
        }
        (expected, found) => Some(unexpected(pointer, kind(expected), kind(found))),
    }
}

fn unexpected(pointer: &str, expected: String, found: String) -> Unexpected {
    let found = match expected == found {
        true => "another".to_owned(),
        false => found,
    };
    Unexpected::Value {
        pointer: pointer.to_owned(),
        expected,
        found,
    }
}

/// One more step, escaped as RFC 6901 has it. Names are the operator's own.
fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// Equality, for which 1 and 1.0 are one number.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let in_other = |(name, one): (&String, &Value)| {
                other.get(name).is_some_and(|other| equal(one, other))
            };
            one.len() == other.len() && one.iter().all(in_other)
        }
        (one, other) => one == other,
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
}

/// What kind of value it is, without what it says unless that is as good as nothing.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "`null`".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) if is_short(number) => format!("`{number}`"),
        Value::Number(_) => "a long number".to_owned(),
        Value::String(text) => format!("a text of {}", counted(text.chars().count(), "character")),
        Value::Array(items) => format!("a list of {}", counted(items.len(), "item")),
        Value::Object(members) => format!("an object of {}", counted(members.len(), "member")),
    }
}

fn is_short(number: &Number) -> bool {
    let text = number.to_string();
    text.chars().filter(char::is_ascii_digit).count() < LONG_NUMBER
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

#[cfg(test)]
mod tests;
