//! What a provider found, and the facts about it for the host.

use std::fmt;

use serde::Serialize;

use crate::{Answer, Refusal};

/// Why a value is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// The value's own `Serialize` failed, or a map's key is not a string.
    Unserialisable,
    /// The value is valid JSON, but an array, a string, a number or `null`.
    NotAnObject,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for JsonError {}

impl JsonError {
    fn message(self) -> &'static str {
        match self {
            Self::Unserialisable => "the provider's answer cannot be written as JSON",
            Self::NotAnObject => "the provider's answer is not a JSON object",
        }
    }
}

/// No later attempt writes it better, and the caller is not to blame.
impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::no_result("answer_invalid", error.message())
    }
}

impl Answer {
    /// An answer from a value that serialises to a JSON object: a struct or a map.
    ///
    /// # Errors
    ///
    /// Any other value, and one that fails to serialise. The error becomes a
    /// refusal with the code `answer_invalid` where `?` is used in a lookup.
    pub fn json(value: impl Serialize) -> Result<Self, JsonError> {
        let json = serde_json::to_string(&value).map_err(|_| JsonError::Unserialisable)?;
        if !json.starts_with('{') {
            return Err(JsonError::NotAnObject);
        }
        Ok(Self::from_json(json))
    }

    /// An answer from the text of a JSON object, taken as it is: the host refuses
    /// any other text on the provider's behalf.
    pub fn from_json(json: impl Into<String>) -> Self {
        Self {
            json: json.into(),
            meta: Vec::new(),
        }
    }

    /// Adds a fact about the answer for the host; the reserved keys have methods
    /// of their own.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.meta.push((key.into(), value.into()));
        self
    }

    /// The answer stays true for so many seconds.
    #[must_use]
    pub fn max_age_seconds(self, seconds: u32) -> Self {
        self.meta("max-age", seconds.to_string())
    }

    /// When the data behind the answer was current, in RFC 3339's format, as in
    /// `2026-01-31T00:00:00Z`.
    #[must_use]
    pub fn data_as_of(self, instant: impl Into<String>) -> Self {
        self.meta("data-as-of", instant)
    }

    /// What this answer counts as on the bill.
    #[must_use]
    pub fn billable_units(self, units: u32) -> Self {
        self.meta("billable-units", units.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Serialize)]
    struct Named {
        name: &'static str,
        seen: Option<u32>,
    }

    #[test]
    fn a_struct_becomes_a_json_object() {
        let answer = Answer::json(Named {
            name: "Quill \"& Sons\"",
            seen: None,
        })
        .unwrap();
        assert_eq!(
            answer,
            Answer::from_json(r#"{"name":"Quill \"& Sons\"","seen":null}"#)
        );
    }

    #[test]
    fn whatever_is_not_an_object_is_an_error() {
        assert_eq!(Answer::json([1, 2]), Err(JsonError::NotAnObject));
        assert_eq!(Answer::json("{}"), Err(JsonError::NotAnObject));
        assert_eq!(Answer::json(7), Err(JsonError::NotAnObject));
        assert_eq!(Answer::json(None::<Named>), Err(JsonError::NotAnObject));
    }

    #[test]
    fn a_map_whose_keys_are_not_text_is_an_error() {
        assert_eq!(
            Answer::json(BTreeMap::from([((1, 2), 3)])),
            Err(JsonError::Unserialisable)
        );
    }

    #[test]
    fn a_json_error_becomes_a_refusal_by_question_mark() {
        fn lookup() -> Result<Answer, Refusal> {
            Ok(Answer::json("text")?)
        }
        let refusal = lookup().unwrap_err();
        assert_eq!(refusal.code, "answer_invalid");
        assert_eq!(
            refusal.message,
            "the provider's answer is not a JSON object"
        );
    }

    #[test]
    fn reserved_facts_use_the_contracts_keys_in_order() {
        let answer = Answer::from_json("{}")
            .max_age_seconds(3600)
            .data_as_of("2026-01-31T00:00:00Z")
            .billable_units(2)
            .meta("shard", "eu");
        let facts: Vec<(&str, &str)> = answer
            .meta
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            facts,
            [
                ("max-age", "3600"),
                ("data-as-of", "2026-01-31T00:00:00Z"),
                ("billable-units", "2"),
                ("shard", "eu"),
            ]
        );
    }
}
