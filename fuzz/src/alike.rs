//! JSON that was written and read again.

use serde_json::Value;

/// Claims that two values are the same, but for numbers that are no integers: `serde_json`
/// reads those less exactly than it writes them.
pub(crate) fn alike(some: &Value, other: &Value) {
    match (some, other) {
        (Value::Number(some), Value::Number(other)) => assert_eq!(some.as_i64(), other.as_i64()),
        (Value::Array(some), Value::Array(others)) => {
            assert_eq!(some.len(), others.len());
            some.iter()
                .zip(others)
                .for_each(|(some, other)| alike(some, other));
        }
        (Value::Object(some), Value::Object(others)) => {
            assert!(some.keys().eq(others.keys()));
            let values = some.values().zip(others.values());
            values.for_each(|(some, other)| alike(some, other));
        }
        (some, other) => assert_eq!(some, other),
    }
}
