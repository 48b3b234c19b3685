//! A request as it came off the wire, whole and not yet believed.

use bytes::Bytes;
use http::header::{AsHeaderName, CONTENT_TYPE};
use http::{HeaderMap, Method};

use super::multipart::Parts;
use super::shape::Shape;

/// One request, read to its end. Its target is byte for byte what was sent, because
/// that is what the signature covers.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request's method, GET or POST.
    pub method: Method,
    /// Path and query as sent, as in `/lookups?phone=%2B15005550006`.
    pub target: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body; empty where there was none, and where it was taken apart.
    pub body: Bytes,
    /// The parts of a body that was taken apart while it was read.
    pub parts: Option<Parts>,
}

/// What a body is, by its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// There are no bytes, whatever the header says.
    Empty,
    /// `application/x-www-form-urlencoded`, whose parameters are signed one by one.
    Form,
    /// `application/json` or a type that ends in `+json`.
    Json,
    /// `multipart/form-data` that was taken apart while it was read. Where it was not,
    /// it is [`BodyKind::Other`].
    Multipart,
    /// Anything else, and whatever has no type or several.
    Other,
}

impl Received {
    /// The path as sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// The query as sent, without its question mark; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The one value of a header. A header that is absent, repeated or no text has none:
    /// of two signatures or two account names, neither can be trusted.
    #[must_use]
    pub fn sole_header(&self, name: impl AsHeaderName) -> Option<&str> {
        sole(&self.headers, name).ok().flatten()
    }

    /// How the parameters travel, where that is known.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        match self.body_kind() {
            BodyKind::Empty => Some(Shape::Get),
            BodyKind::Form => Some(Shape::Form),
            BodyKind::Json => Some(Shape::Json),
            BodyKind::Multipart => Some(Shape::Multipart),
            BodyKind::Other => None,
        }
    }

    /// What the body is.
    #[must_use]
    pub fn body_kind(&self) -> BodyKind {
        if self.parts.is_some() {
            return BodyKind::Multipart;
        }
        if self.body.is_empty() {
            return BodyKind::Empty;
        }
        let value = self.sole_header(CONTENT_TYPE).unwrap_or_default();
        let media_type = value.split(';').next().unwrap_or_default().trim();
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        let suffix = media_type.rsplit_once('+').map(|(_, suffix)| suffix);
        if is("application/x-www-form-urlencoded") {
            BodyKind::Form
        } else if is("application/json") || suffix.is_some_and(|it| it.eq_ignore_ascii_case("json"))
        {
            BodyKind::Json
        } else {
            BodyKind::Other
        }
    }
}

/// A header that is repeated, or no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclear;

/// The one value of a header, where it is there.
///
/// # Errors
/// Where there is none that could be trusted.
pub fn sole(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&str>, Unclear> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Unclear),
        (Some(_), Some(_)) => Err(Unclear),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use http::HeaderValue;

    /// A request for tests: a GET, or a POST where there is a body.
    pub(crate) fn received(target: &str, content_type: Option<&str>, body: &str) -> Received {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        }
        Received {
            method: if body.is_empty() {
                Method::GET
            } else {
                Method::POST
            },
            target: target.to_owned(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            parts: None,
        }
    }

    #[test]
    fn the_content_type_decides_what_a_body_is() {
        for (content_type, body, kind) in [
            (
                Some("application/x-www-form-urlencoded"),
                "a=1",
                BodyKind::Form,
            ),
            (
                Some("Application/X-WWW-Form-URLencoded; charset=UTF-8"),
                "a=1",
                BodyKind::Form,
            ),
            (Some("application/json"), "{}", BodyKind::Json),
            (Some("application/problem+json"), "{}", BodyKind::Json),
            (Some("text/plain"), "a=1", BodyKind::Other),
            (None, "a=1", BodyKind::Other),
            (Some("application/json"), "", BodyKind::Empty),
        ] {
            assert_eq!(
                received("/lookups", content_type, body).body_kind(),
                kind,
                "{content_type:?}"
            );
        }
    }

    #[test]
    fn two_content_types_are_none() {
        let mut request = received("/lookups", Some("application/json"), "{}");
        request
            .headers
            .append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(request.body_kind(), BodyKind::Other);
    }
}
