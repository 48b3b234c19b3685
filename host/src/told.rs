//! What a caller is told, and what the log says of it: how every request ends. It can be
//! told again, to the byte.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;

/// What a response carries.
pub type Reply = Response<Full<Bytes>>;

/// The end of a request.
#[derive(Clone)]
pub struct Told {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the head says besides the body's type.
    pub header: Option<(HeaderName, HeaderValue)>,
    /// JSON, or nothing.
    pub body: Bytes,
    /// Its name in the log.
    pub code: Cow<'static, str>,
    /// Set where the request got no answer of the add-on's own.
    pub failed: Option<Failed>,
}

/// Why a request got no answer.
#[derive(Clone)]
pub struct Failed {
    /// Whether the add-on's fallback was answered instead.
    pub degraded: bool,
    /// The reason, for the log.
    pub reason: String,
}

impl Told {
    /// An add-on's answer.
    #[must_use]
    pub fn answered(text: String) -> Self {
        Self {
            status: StatusCode::OK,
            header: None,
            body: body(text),
            code: Cow::Borrowed("success"),
            failed: None,
        }
    }

    /// That a request is kept, and its result will come: a status, and no body
    /// (the reference's `POST /transcription`).
    #[must_use]
    pub fn accepted() -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            code: Cow::Borrowed("accepted"),
            ..Self::answered(String::new())
        }
    }

    /// What goes to the caller. The body that nobody else has is not shared first.
    #[must_use]
    pub fn reply(self: Arc<Self>) -> Reply {
        let Self {
            status,
            header,
            body,
            ..
        } = Arc::unwrap_or_clone(self);
        let is_empty = body.is_empty();
        let mut reply = Response::new(Full::new(body));
        *reply.status_mut() = status;
        if !is_empty {
            let json = HeaderValue::from_static("application/json");
            reply.headers_mut().insert(CONTENT_TYPE, json);
        }
        if let Some((name, value)) = header {
            reply.headers_mut().insert(name, value);
        }
        reply
    }

    /// How much of it there is, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let reason = self.failed.as_ref().map(|failed| failed.reason.len());
        self.body.len() + self.code.len() + reason.unwrap_or(0)
    }
}

/// A text as a body that takes no more memory than it is long.
#[must_use]
pub fn body(text: String) -> Bytes {
    Bytes::from(text.into_boxed_str().into_boxed_bytes())
}
