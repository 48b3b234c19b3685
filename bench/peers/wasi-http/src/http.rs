//! Reading a request of `wasi:http`, and answering it.

use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

use crate::answer::Answer;

const SIGNATURE: &str = "x-twilio-signature";
const REQUEST_SID: &str = "x-twilio-requestsid";

/// What matters of a request.
pub(crate) struct Asked {
    /// Path and query, as they were signed.
    pub(crate) target: String,
    pub(crate) signature: Option<String>,
    pub(crate) request_sid: Option<String>,
}

impl Asked {
    pub(crate) fn of(request: &IncomingRequest) -> Self {
        let headers = request.headers();
        Self {
            target: request.path_with_query().unwrap_or_default(),
            signature: sole(&headers, SIGNATURE),
            request_sid: sole(&headers, REQUEST_SID),
        }
    }
}

/// A header that is there once.
fn sole(headers: &Fields, name: &str) -> Option<String> {
    let mut values = headers.get(name).into_iter();
    let value = values.next()?;
    values
        .next()
        .is_none()
        .then(|| String::from_utf8(value).ok())?
}

/// Answers, in as few calls of the host as there can be. What the host does not take is
/// lost, as the client is then gone.
pub(crate) fn send(out: ResponseOutparam, answer: Answer) {
    let length = answer.json.len().to_string().into_bytes();
    let headers = [
        ("content-type".to_owned(), b"application/json".to_vec()),
        ("content-length".to_owned(), length),
    ];
    let headers = Fields::from_list(&headers).unwrap_or_else(|_| Fields::new());
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(answer.status);
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    if let Ok(body) = body {
        write(body, &answer.json);
    }
}

fn write(body: OutgoingBody, json: &[u8]) {
    if let Ok(stream) = body.write() {
        let _ = stream.blocking_write_and_flush(json);
    }
    let _ = OutgoingBody::finish(body, None);
}
