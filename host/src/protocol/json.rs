//! JSON that somebody else wrote, checked before it is passed on as it is.

mod check;
mod number;
mod text;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

pub use check::ObjectCheck;

/// Why a text is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON at all, or nested deeper than this.
    #[error("not valid JSON, or nested more than {0} deep")]
    Malformed(u8),
    /// It is JSON, and no object.
    #[error("not a JSON object")]
    NotAnObject,
}

/// Checks that a text is one JSON object, nested no deeper than `most`, and nothing else.
/// Nothing is built from it.
///
/// # Errors
/// Where it is not.
pub fn check_object(text: &str, most: u8) -> Result<(), JsonError> {
    let mut parser = serde_json::Deserializer::from_str(text);
    Shape { depth: most }
        .deserialize(&mut parser)
        .and_then(|()| parser.end())
        .map_err(|_| JsonError::Malformed(most))?;
    match text.trim_start().starts_with('{') {
        true => Ok(()),
        false => Err(JsonError::NotAnObject),
    }
}

/// Walks a value and forgets it.
#[derive(Clone, Copy)]
struct Shape {
    depth: u8,
}

impl Shape {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth = depth.ok_or_else(|| E::custom("nested too deep"))?;
        Ok(Self { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inner = self.deeper::<A::Error>()?;
        while members.next_key_seed(inner)?.is_some() {
            members.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOST: u8 = 64;

    #[test]
    fn only_one_object_is_accepted() {
        use JsonError::NotAnObject;
        let malformed = || Err(JsonError::Malformed(MOST));
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        for (text, expected) in [
            ("{}".to_owned(), Ok(())),
            (
                r#" {"a":[1,-2,1.5e3,"é\u00e9",true,null,{}]} "#.to_owned(),
                Ok(()),
            ),
            (nested(usize::from(MOST) - 1), Ok(())),
            (nested(usize::from(MOST)), malformed()),
            (nested(200_000), malformed()),
            ("[]".to_owned(), Err(NotAnObject)),
            ("\"{}\"".to_owned(), Err(NotAnObject)),
            ("null".to_owned(), Err(NotAnObject)),
            (String::new(), malformed()),
            ("{".to_owned(), malformed()),
            ("{} {}".to_owned(), malformed()),
            ("{'a':1}".to_owned(), malformed()),
            (r#"{"a":1,}"#.to_owned(), malformed()),
            (r#"{"a":NaN}"#.to_owned(), malformed()),
            (r#"{"a":1e999}"#.to_owned(), malformed()),
            (r#"{"a":"\ud800"}"#.to_owned(), malformed()),
            ("{\"a\":\"\n\"}".to_owned(), malformed()),
        ] {
            assert_eq!(check_object(&text, MOST), expected, "{:.60}", text);
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_what_a_full_parser_accepts(text in r#"[\{\}\[\]",:a1 ]{0,12}"#) {
            let parsed = serde_json::from_str::<serde_json::Value>(&text);
            prop_assert_eq!(check_object(&text, MOST).is_ok(), parsed.is_ok_and(|v| v.is_object()));
        }
    }
}
