//! The JSON that goes back to Twilio.

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::sid::RequestSid;

/// The longest synchronous answer that Twilio accepts, in bytes; a longer one becomes
/// its error 61007 (<https://www.twilio.com/docs/api/errors/61007>).
pub const LONGEST_REPLY: usize = 64 * 1024;

/// A request that got no answer, as the caller is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable code for programs.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

/// What the caller's request said, as far as it was understood.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// The number, or the address as it was sent.
    pub phone_number: Option<String>,
    /// The invocation.
    pub request: Option<RequestSid>,
}

/// A publisher's own shape for a failure: JSON with `{code}`, `{message}` and
/// `{request_sid}` inside its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorTemplate(Value);

impl ErrorTemplate {
    /// Takes a JSON object as a template; anything else is none.
    #[must_use]
    pub fn new(template: Value) -> Option<Self> {
        template.is_object().then_some(Self(template))
    }

    fn fill(&self, problem: &Problem, subject: &Subject) -> Value {
        let request = subject.request.map(|sid| sid.to_string());
        let values = [
            ("{code}", problem.code.as_str()),
            ("{message}", problem.message.as_str()),
            ("{request_sid}", request.as_deref().unwrap_or_default()),
        ];
        fill(&self.0, &values)
    }
}

fn fill(template: &Value, values: &[(&str, &str)]) -> Value {
    match template {
        Value::String(text) => Value::String(fill_text(text, values)),
        Value::Array(items) => items.iter().map(|item| fill(item, values)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), fill(value, values)))
            .collect(),
        other => other.clone(),
    }
}

/// Fills a text in one pass, so that what was filled in is never read as a placeholder.
fn fill_text(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                filled.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

/// The shape of an add-on's answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Envelope {
    /// The reference's: `phone_number`, `results`, `error_code`.
    #[default]
    Reference,
    /// The provider's own object, and the publisher's own shape for failures where it
    /// has one.
    Verbatim(Option<ErrorTemplate>),
}

#[derive(Serialize)]
struct Failed<'a> {
    phone_number: Option<&'a str>,
    results: serde_json::Map<String, Value>,
    error_code: &'a str,
    message: &'a str,
    request_sid: Option<&'a str>,
    retryable: bool,
}

const BEFORE_NUMBER: &str = r#"{"phone_number":"#;
const BEFORE_OBJECT: &str = r#","results":"#;
const AFTER_OBJECT: &str = r#","error_code":null}"#;

impl Envelope {
    /// Wraps a provider's object, which must be one: see [`super::json::check_object`].
    #[must_use]
    pub fn success(&self, object: &str, subject: &Subject) -> String {
        match self {
            Self::Verbatim(_) => object.to_owned(),
            Self::Reference => {
                let number = json(subject.phone_number.as_deref());
                let parts = [BEFORE_NUMBER, &number, BEFORE_OBJECT, object, AFTER_OBJECT];
                parts.concat()
            }
        }
    }

    /// What stands before and behind a provider's object, where that is too long to be
    /// wrapped in one piece. A result that is called back names its request, as nothing
    /// else in it does.
    #[must_use]
    pub fn around(&self, subject: &Subject) -> (String, String) {
        match self {
            Self::Verbatim(_) => (String::new(), String::new()),
            Self::Reference => {
                let number = json(subject.phone_number.as_deref());
                let request = json(subject.request.as_ref().map(RequestSid::as_str));
                let before = [BEFORE_NUMBER, &number, BEFORE_OBJECT].concat();
                let after = format!(r#","error_code":null,"request_sid":{request}}}"#);
                (before, after)
            }
        }
    }

    /// Tells of a problem.
    #[must_use]
    pub fn failure(&self, problem: &Problem, subject: &Subject) -> String {
        match self {
            Self::Verbatim(Some(template)) => template.fill(problem, subject).to_string(),
            Self::Verbatim(None) | Self::Reference => reference_failure(problem, subject),
        }
    }
}

/// A text as JSON, or `null`.
fn json(text: Option<&str>) -> String {
    serde_json::to_string(&text).expect("texts are always JSON")
}

/// Whether an answer says which number it is about, as those in the reference's shape do.
#[must_use]
pub fn names_its_number(answer: &[u8]) -> bool {
    answer.starts_with(br#"{"phone_number":""#)
}

fn reference_failure(problem: &Problem, subject: &Subject) -> String {
    let request = subject.request.map(|sid| sid.to_string());
    let failed = Failed {
        phone_number: subject.phone_number.as_deref(),
        results: serde_json::Map::new(),
        error_code: &problem.code,
        message: &problem.message,
        request_sid: request.as_deref(),
        retryable: problem.retryable,
    };
    serde_json::to_string(&failed).expect("texts and flags are always JSON")
}

/// Tells of a problem to a caller who has proved nothing, and learns nothing more.
#[must_use]
pub fn refusal(problem: &Problem) -> String {
    #[derive(Serialize)]
    struct Refused<'a> {
        error_code: &'a str,
        message: &'a str,
    }
    let refused = Refused {
        error_code: &problem.code,
        message: &problem.message,
    };
    serde_json::to_string(&refused).expect("texts are always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use proptest::prelude::*;

    fn problem(message: &str) -> Problem {
        Problem {
            status: StatusCode::OK,
            code: "timeout".into(),
            message: message.into(),
            retryable: true,
        }
    }

    fn subject() -> Subject {
        Subject {
            phone_number: Some("+15005550006".into()),
            request: format!("XR{}", "0".repeat(32)).parse().ok(),
        }
    }

    #[test]
    fn success_has_the_references_shape() {
        let answer = Envelope::Reference.success(r#"{"a":1}"#, &subject());
        assert_snapshot!(answer, @r#"{"phone_number":"+15005550006","results":{"a":1},"error_code":null}"#);
        assert!(names_its_number(answer.as_bytes()));
        let anonymous = Envelope::Reference.success("{}", &Subject::default());
        assert!(!names_its_number(anonymous.as_bytes()));
        assert_eq!(
            Envelope::Verbatim(None).success(r#"{"a":1}"#, &subject()),
            r#"{"a":1}"#
        );
    }

    #[test]
    fn what_stands_around_an_object_makes_it_a_success_that_names_its_request() {
        let (before, after) = Envelope::Reference.around(&subject());
        assert_snapshot!(format!(r#"{before}{{"a":1}}{after}"#), @r#"{"phone_number":"+15005550006","results":{"a":1},"error_code":null,"request_sid":"XR00000000000000000000000000000000"}"#);
        let (before, after) = Envelope::Verbatim(None).around(&subject());
        assert_eq!(before + &after, "");
    }

    #[test]
    fn a_failure_has_the_same_shape_and_says_why() {
        let answer = Envelope::Reference.failure(&problem("no answer in time"), &subject());
        assert_snapshot!(answer, @r#"{"phone_number":"+15005550006","results":{},"error_code":"timeout","message":"no answer in time","request_sid":"XR00000000000000000000000000000000","retryable":true}"#);
    }

    #[test]
    fn a_template_is_filled_once_and_stays_json() {
        let template = serde_json::json!({
            "status": "error",
            "detail": ["{code}: {message} ({request_sid}) {other} {"],
            "n": 1,
        });
        let envelope = Envelope::Verbatim(ErrorTemplate::new(template));
        let answer = envelope.failure(&problem(r#"a "quoted" {code}"#), &subject());
        assert_snapshot!(answer, @r#"{"status":"error","detail":["timeout: a \"quoted\" {code} (XR00000000000000000000000000000000) {other} {"],"n":1}"#);
    }

    #[test]
    fn a_refusal_tells_a_stranger_nothing_more() {
        assert_snapshot!(refusal(&problem("no")), @r#"{"error_code":"timeout","message":"no"}"#);
    }

    proptest! {
        #[test]
        fn every_number_and_message_stay_inside_their_texts(number in ".*", message in ".*") {
            let subject = Subject { phone_number: Some(number.clone()), request: None };
            let answer: Value =
                serde_json::from_str(&Envelope::Reference.success("{}", &subject)).unwrap();
            prop_assert_eq!(&answer["phone_number"], &Value::from(number));
            let failure: Value =
                serde_json::from_str(&Envelope::Reference.failure(&problem(&message), &subject))
                    .unwrap();
            prop_assert_eq!(&failure["message"], &Value::from(message));
        }
    }
}
