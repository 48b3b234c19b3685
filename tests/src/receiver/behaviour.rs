//! Does to a request what its reply says.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use sha2::{Digest, Sha256};
use tokio::time::Sleep;

use super::reply::{Answer, Ending, Hook, Reply};
use super::seen::{LONGEST_KEPT, Received};
use super::serve::Connection;
use crate::body::Body;
use crate::twilio::hex;

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is ended on purpose")]
pub(super) struct Broken;

/// Reads, waits and answers, as the reply has it.
pub(super) async fn carry_out(
    connection: &Connection,
    place: usize,
    reply: Reply,
    request: Request<Incoming>,
) -> Result<Response<Sent>, Broken> {
    let Reply {
        ending,
        at_head: _,
        then,
        sips,
    } = reply;
    let (head, body) = request.into_parts();
    let read = async |limit| {
        let received = read(body, sips, limit).await;
        connection.shared.note_body(place, received);
    };
    match ending {
        Ending::Answer(answer) => {
            if !answer.early {
                read(u64::MAX).await;
            }
            answer.wait().await;
            let response = answer.response(&head.headers);
            connection.announce(place, response.status(), then);
            Ok(response)
        }
        Ending::Reset(bytes) => {
            read(bytes).await;
            connection.course.reset();
            Err(Broken)
        }
        Ending::Silence => {
            read(u64::MAX).await;
            std::future::pending().await
        }
        Ending::Close => {
            read(u64::MAX).await;
            Err(Broken)
        }
    }
}

impl Connection {
    /// Has it noted that the answer has left, once it has.
    fn announce(&self, place: usize, status: StatusCode, then: Option<Hook>) {
        let shared = Arc::clone(&self.shared);
        self.course.on_write(Box::new(move || {
            if let Some(then) = then {
                then();
            }
            shared.note_answer(place, status);
        }));
    }
}

/// Reads a body to its end, or until so many bytes are there.
async fn read(mut body: Incoming, sips: Option<Duration>, limit: u64) -> Received {
    let (mut length, mut hash, mut kept) = (0, Sha256::new(), Some(BytesMut::new()));
    let mut whole = body.is_end_stream();
    while !whole && length < limit {
        if let Some(pause) = sips {
            tokio::time::sleep(pause).await;
        }
        let Some(frame) = body.frame().await else {
            whole = true;
            break;
        };
        let Ok(frame) = frame else { break };
        if let Some(bytes) = frame.data_ref() {
            length += bytes.len() as u64;
            hash.update(bytes);
            kept = kept.filter(|_| length <= LONGEST_KEPT);
            kept.iter_mut()
                .for_each(|kept| kept.extend_from_slice(bytes));
        }
    }
    Received {
        length,
        whole,
        hash: hex(&hash.finalize()),
        kept: kept.map(BytesMut::freeze),
    }
}

impl Answer {
    async fn wait(&self) {
        if let Some(late) = self.late {
            tokio::time::sleep(late).await;
        }
        if let Some(gate) = &self.gate {
            gate.passed().await;
        }
    }

    fn response(self, asked: &HeaderMap) -> Response<Sent> {
        let brought = asked.get(AUTHORIZATION).map(|value| value.as_bytes());
        let demanded = self.demanded.as_ref().map(|value| value.as_bytes());
        if demanded.is_some() && brought != demanded {
            return unauthorized();
        }
        let length = self.announced.unwrap_or(self.body.length());
        let mut response = Response::new(Sent::new(self.body, self.dribble));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        response
    }
}

fn unauthorized() -> Response<Sent> {
    let mut response = Response::new(Sent::new(Body::default(), None));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, 0.into());
    let realm = HeaderValue::from_static("Basic realm=\"callbacks\"");
    headers.insert(WWW_AUTHENTICATE, realm);
    response
}

/// A body that is sent part by part, or byte by byte.
pub(super) struct Sent {
    parts: Box<dyn Iterator<Item = Bytes> + Send>,
    rest: Bytes,
    pause: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl Sent {
    fn new(body: Body, dribble: Option<Duration>) -> Self {
        Self {
            parts: Box::new(body.parts()),
            rest: Bytes::new(),
            pause: dribble.map(|each| (each, Box::pin(tokio::time::sleep(each)))),
        }
    }
}

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        while self.rest.is_empty() {
            match self.parts.next() {
                Some(part) => self.rest = part,
                None => return Poll::Ready(None),
            }
        }
        let length = match &mut self.pause {
            None => self.rest.len(),
            Some((each, pause)) => {
                std::task::ready!(pause.as_mut().poll(context));
                let next = tokio::time::Instant::now() + *each;
                pause.as_mut().reset(next);
                1
            }
        };
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn size_hint(&self) -> SizeHint {
        // The header says it, rightly or not.
        SizeHint::default()
    }
}
