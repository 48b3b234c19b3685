//! What somebody in the middle, or with a key of their own, could change.

use http::Method;
use jackfield_tests::{OTHER_TOKEN, Signed, TOKEN, Twilio, body_hash};
use serde_json::Value;

use super::call::{Call, Content, Pair, Shape};

/// Longer targets than this are not sent: servers have limits of their own.
const LONGEST_TARGET: usize = 8_000;

/// One way of tampering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tamper {
    /// The signer called another host.
    Host,
    /// The signer called the other scheme.
    Scheme,
    /// The signer called a port that is neither the configured nor the default one.
    Port,
    /// The signer has another token.
    Token,
    Path,
    QueryValue,
    QueryName,
    QueryOrder,
    /// The query means the same, but is written in other bytes.
    QuerySpelling,
    QueryAdded,
    QueryDropped,
    FormValue,
    FormName,
    FormAdded,
    FormDropped,
    /// The form is moved into the query of a GET.
    FormToQuery,
    /// The form is called a text.
    FormRenamed,
    /// The body says something else than the signed hash.
    JsonValue,
    /// The body says the same in other bytes.
    JsonSpelling,
    /// The body and its hash are both exchanged.
    JsonAndHash,
    HashDropped,
    SignatureMissing,
    SignatureTruncated,
    SignatureCase,
}

impl Tamper {
    pub(crate) const ALL: [Self; 24] = [
        Self::Host,
        Self::Scheme,
        Self::Port,
        Self::Token,
        Self::Path,
        Self::QueryValue,
        Self::QueryName,
        Self::QueryOrder,
        Self::QuerySpelling,
        Self::QueryAdded,
        Self::QueryDropped,
        Self::FormValue,
        Self::FormName,
        Self::FormAdded,
        Self::FormDropped,
        Self::FormToQuery,
        Self::FormRenamed,
        Self::JsonValue,
        Self::JsonSpelling,
        Self::JsonAndHash,
        Self::HashDropped,
        Self::SignatureMissing,
        Self::SignatureTruncated,
        Self::SignatureCase,
    ];

    /// The shape of request that can be tampered with like this, where it matters.
    pub(crate) fn shape(self) -> Option<Shape> {
        use Tamper::{
            FormAdded, FormDropped, FormName, FormRenamed, FormToQuery, FormValue, HashDropped,
            JsonAndHash, JsonSpelling, JsonValue,
        };
        match self {
            FormValue | FormName | FormAdded | FormDropped | FormToQuery | FormRenamed => {
                Some(Shape::Form)
            }
            JsonValue | JsonSpelling | JsonAndHash | HashDropped => Some(Shape::Json),
            _ => None,
        }
    }

    /// Whether there is something in the request to tamper with.
    pub(crate) fn applies(self, call: &Call) -> bool {
        let Some(changed) = self.change(call) else {
            return false;
        };
        let different =
            changed.signed_text() != call.signed_text() || changed.json() != call.json();
        let changes_nothing_itself = matches!(
            self,
            Self::Host
                | Self::Scheme
                | Self::Port
                | Self::Token
                | Self::FormRenamed
                | Self::HashDropped
                | Self::SignatureMissing
                | Self::SignatureTruncated
                | Self::SignatureCase
        );
        (different || changes_nothing_itself) && changed.target().len() < LONGEST_TARGET
    }

    /// What a library is asked to sign instead.
    pub(crate) fn question(self, call: &Call) -> Value {
        let mut signed = call.clone();
        let port = call.base.rfind(':').filter(|colon| *colon > "https:".len());
        let host = &call.base[..port.unwrap_or(call.base.len())];
        match self {
            Self::Host => signed.base = call.base.replacen("example.com", "example.org", 1),
            Self::Scheme if call.base.starts_with("https:") => {
                signed.base = call.base.replacen("https:", "http:", 1);
            }
            Self::Scheme => signed.base = call.base.replacen("http:", "https:", 1),
            Self::Port => signed.base = format!("{host}:9443"),
            _ => {}
        }
        signed.question(match self {
            Self::Token => OTHER_TOKEN,
            _ => TOKEN,
        })
    }

    /// What is sent, under the signature of the request before.
    pub(crate) fn request(self, call: &Call, signature: &str, twilio: &Twilio) -> Signed {
        let changed = self.change(call).expect("it was found to apply");
        let request = changed.request(twilio);
        match self {
            Self::SignatureMissing => request.unsigned(),
            Self::SignatureTruncated => request.signature_of(&signature[..signature.len() - 1]),
            Self::SignatureCase => request.signature_of(&other_case(signature)),
            Self::FormRenamed => request
                .header("content-type", "text/plain")
                .signature_of(signature),
            Self::FormToQuery => request.method(Method::GET).signature_of(signature),
            _ => request.signature_of(signature),
        }
    }

    /// The code of the refusal.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::JsonValue | Self::JsonSpelling => "body_mismatch",
            Self::SignatureMissing => "signature_missing",
            _ => "signature_invalid",
        }
    }

    /// The request with what is tampered with in it; none where it has no such thing.
    fn change(self, call: &Call) -> Option<Call> {
        let mut call = call.clone();
        match self {
            Self::Path => call.point = next_point(call.point),
            Self::QueryValue => call.query.last_mut()?.1 = altered(&call.query.last()?.1),
            Self::QueryName => call.query.first_mut()?.0 = altered(&call.query.first()?.0),
            Self::QueryOrder => call.query.reverse(),
            Self::QuerySpelling => call.query_spelling = call.query_spelling.other(),
            Self::QueryAdded => call.query.push(added()),
            Self::QueryDropped => drop(call.query.pop()?),
            Self::FormToQuery => {
                call.query.extend(call.form().to_vec());
                call.content = Content::Nothing;
            }
            Self::HashDropped => call.hash = None,
            _ => {}
        }
        match &mut call.content {
            Content::Nothing => {}
            Content::Form(form) => self.change_form(form)?,
            Content::Json(text) => {
                self.change_json(text);
                if self == Self::JsonAndHash {
                    call.hash = Some(body_hash(text.as_bytes()));
                }
            }
        }
        Some(call)
    }

    fn change_form(self, form: &mut Vec<Pair>) -> Option<()> {
        match self {
            Self::FormValue => form.first_mut()?.1 = altered(&form.first()?.1),
            Self::FormName => form.last_mut()?.0 = altered(&form.last()?.0),
            Self::FormAdded => form.push(added()),
            Self::FormDropped => drop(form.pop()?),
            _ => {}
        }
        Some(())
    }

    fn change_json(self, text: &mut String) {
        match self {
            Self::JsonValue | Self::JsonAndHash => *text = text.replacen("1212555", "1212556", 1),
            Self::JsonSpelling => text.insert(1, ' '),
            _ => {}
        }
    }
}

/// A text of the same length and another last character: where a name ends and its
/// value begins is not signed, so that nothing may move across.
fn altered(text: &str) -> String {
    let mut text = text.to_owned();
    let last = match text.pop() {
        Some('x') => 'y',
        Some(_) | None => 'x',
    };
    text.push(last);
    text
}

fn added() -> Pair {
    ("admin".to_owned(), "1".to_owned())
}

fn next_point(point: &str) -> &'static str {
    match point {
        "lookups" => "incoming-sms",
        "incoming-sms" => "incoming-voice-call",
        _ => "lookups",
    }
}

fn other_case(signature: &str) -> String {
    let swapped = |byte: char| match byte.is_ascii_lowercase() {
        true => byte.to_ascii_uppercase(),
        false => byte.to_ascii_lowercase(),
    };
    signature.chars().map(swapped).collect()
}
