//! The parameters of a request, wherever they stood: query, form or JSON body.

use serde_json::Value;

use super::multipart::MultipartError;
use super::received::{BodyKind, Received};

/// How many parameters a request may have. Twilio sends a handful; a stranger's
/// thousands would have to be sorted before the signature can be refused.
pub const MOST_PARAMETERS: usize = 500;

/// The parameter in which Twilio puts the hash of a body that is no form.
pub const BODY_HASH: &str = "bodySHA256";

/// One name and its value, decoded.
pub type Parameter = (String, String);

/// There are more parameters than [`MOST_PARAMETERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MOST_PARAMETERS} parameters")]
pub struct TooMany;

/// Decodes `name=value&…` as forms and queries write it: `+` and `%20` are spaces,
/// blank values stay, and order and repetitions are kept.
///
/// # Errors
/// Where there are too many.
pub fn decode(encoded: &[u8]) -> Result<Vec<Parameter>, TooMany> {
    let decoded: Vec<Parameter> = form_urlencoded::parse(encoded)
        .take(MOST_PARAMETERS + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if decoded.len() > MOST_PARAMETERS {
        Err(TooMany)
    } else {
        Ok(decoded)
    }
}

/// Why the parameters of a verified request cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// The body's type is neither form nor JSON.
    #[error("the body's content type is neither a form nor JSON")]
    ContentType,
    /// The body says that it is JSON and is not, or is no object.
    #[error("the body is not a JSON object")]
    Json,
    /// More than [`MOST_PARAMETERS`].
    #[error("the body has more than {MOST_PARAMETERS} members")]
    TooMany,
    /// The body cannot be taken apart.
    #[error(transparent)]
    Multipart(MultipartError),
}

/// All parameters of a request: those of the query first, then those of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Joins the decoded query and form, or reads the JSON body. The body's hash is
    /// the signature's business and not a parameter.
    ///
    /// # Errors
    /// Where the body is of another type, or is not what its type says.
    pub fn read(
        received: &Received,
        query: Vec<Parameter>,
        form: Vec<Parameter>,
    ) -> Result<Self, ParametersError> {
        let body = match received.body_kind() {
            BodyKind::Empty => Vec::new(),
            BodyKind::Form => form,
            BodyKind::Json => json_members(&received.body)?,
            BodyKind::Multipart => texts(received)?,
            BodyKind::Other => return Err(ParametersError::ContentType),
        };
        let mut all = query;
        all.retain(|(name, _)| name != BODY_HASH);
        all.extend(body);
        Ok(Self(all))
    }

    /// The values of one name, in order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// Removes all parameters of one name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| own != name);
    }

    /// All parameters, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.0.iter()
    }
}

/// The parts of a multipart body that are texts.
fn texts(received: &Received) -> Result<Vec<Parameter>, ParametersError> {
    match received.parts.as_ref() {
        None => Err(ParametersError::ContentType),
        Some(parts) => match parts.fault {
            Some(fault) => Err(ParametersError::Multipart(fault)),
            None => Ok(parts.texts.clone()),
        },
    }
}

/// The members of a JSON object. Text stays as it is, `null` is an absent member, and
/// every other value is its JSON text.
fn json_members(body: &[u8]) -> Result<Vec<Parameter>, ParametersError> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err(ParametersError::Json);
    };
    if members.len() > MOST_PARAMETERS {
        return Err(ParametersError::TooMany);
    }
    let text = |value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    Ok(members
        .into_iter()
        .filter_map(|(name, value)| text(value).map(|value| (name, value)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::received::tests::received;
    use super::*;
    use proptest::prelude::*;

    fn read(target: &str, content_type: &str, body: &str) -> Result<Parameters, ParametersError> {
        let received = received(target, Some(content_type), body);
        let query = decode(received.query().as_bytes()).unwrap();
        let form = decode(&received.body).unwrap();
        Parameters::read(&received, query, form)
    }

    fn pairs(parameters: &Parameters) -> Vec<(&str, &str)> {
        parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    #[test]
    fn query_and_form_are_joined_in_order() {
        let form = "application/x-www-form-urlencoded";
        let all = read("/lookups?a=1&b=+x%20&a=2", form, "c=%2B1&d&a=3").unwrap();
        assert_eq!(
            pairs(&all),
            [
                ("a", "1"),
                ("b", " x "),
                ("a", "2"),
                ("c", "+1"),
                ("d", ""),
                ("a", "3")
            ]
        );
        assert_eq!(all.values("a").collect::<Vec<_>>(), ["1", "2", "3"]);
    }

    #[test]
    fn json_members_are_parameters_and_the_body_hash_is_not() {
        let body = r#"{"phone":"+1","n":1.5,"deep":{"x":[1]},"none":null,"yes":true}"#;
        let all = read("/lookups?bodySHA256=ab&q=1", "application/json", body).unwrap();
        assert_eq!(
            pairs(&all),
            [
                ("q", "1"),
                ("phone", "+1"),
                ("n", "1.5"),
                ("deep", r#"{"x":[1]}"#),
                ("yes", "true")
            ]
        );
    }

    #[test]
    fn what_is_no_form_and_no_json_object_is_refused() {
        for (content_type, body, error) in [
            ("application/json", "[1]", ParametersError::Json),
            ("application/json", "{", ParametersError::Json),
            ("application/json", "{} {}", ParametersError::Json),
            ("text/plain", "phone=1", ParametersError::ContentType),
            (
                "multipart/form-data; boundary=x",
                "--x",
                ParametersError::ContentType,
            ),
        ] {
            assert_eq!(read("/lookups", content_type, body), Err(error), "{body}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(
            read("/lookups", "application/json", &deep),
            Err(ParametersError::Json)
        );
    }

    #[test]
    fn a_flood_of_parameters_is_refused() {
        assert!(decode("a=1&".repeat(MOST_PARAMETERS).as_bytes()).is_ok());
        assert_eq!(
            decode("a=1&".repeat(MOST_PARAMETERS + 1).as_bytes()),
            Err(TooMany)
        );
    }

    proptest! {
        #[test]
        fn decoding_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let _ = json_members(&bytes);
        }
    }
}
