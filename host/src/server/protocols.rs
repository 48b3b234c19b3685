//! HTTP on one connection, with what it may cost, each version's limits in its own words.

use std::convert::Infallible;
use std::error::Error as _;
use std::pin::{Pin, pin};
use std::time::Duration;

use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Bounds;
use super::patience::Patience;
use super::timekeeper::Timekeeper;
use crate::handle::Reply;

/// The most headers of one request. Twilio sends some twenty.
const MOST_HEADERS: usize = 100;

/// The longest head of one request, in bytes.
const LONGEST_HEAD: u32 = 64 * 1024;

/// HTTP/2: the most requests at once on a connection. What is over it is refused by the
/// protocol itself. A connection must not take all that the host may run.
const STREAMS: u32 = 32;

/// HTTP/2: the most requests that a client may have taken back before they were looked at.
/// Whoever takes back more of them than that floods, and loses the connection.
const RESETS: usize = 20;

/// HTTP/2: the most requests that may have been refused for their client's mistakes.
const MISTAKES: usize = 64;

/// HTTP/2: how much of a body may be on its way before it is read, of one request and of
/// all on the connection, in bytes.
const WINDOW: u32 = 64 * 1024;
const WINDOWS: u32 = 256 * 1024;

/// HTTP/2: how much of an answer may wait for its client, in bytes.
const UNSENT: usize = 64 * 1024;

/// HTTP/2: how long a client may leave a sign of life unanswered. That also ends who never
/// gets a head to its end, for nothing else may come in between.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// How connections are served.
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    idle: Duration,
}

impl Protocols {
    pub(super) fn new(bounds: &Bounds) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .header_read_timeout(bounds.header_timeout)
            .max_headers(MOST_HEADERS)
            .max_buf_size(LONGEST_HEAD as usize);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(LONGEST_HEAD)
            .max_pending_accept_reset_streams(RESETS)
            .max_local_error_reset_streams(MISTAKES)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOWS)
            .max_send_buf_size(UNSENT)
            .keep_alive_interval(bounds.header_timeout)
            .keep_alive_timeout(SIGN_OF_LIFE);
        Self {
            http1,
            http2,
            idle: bounds.header_timeout,
        }
    }

    /// Serves HTTP/1.1, until its client has gone or `ending` tells to stop.
    pub(super) async fn http1<S, I>(
        &self,
        stream: I,
        service: S,
        ending: &CancellationToken,
    ) -> hyper::Result<()>
    where
        S: Service<Request<Incoming>, Response = Reply, Error = Infallible>,
        I: AsyncRead + AsyncWrite + Unpin,
    {
        let stream = TokioIo::new(Patience::new(stream, self.idle));
        let mut http1 = self.http1.clone();
        http1.timer(Timekeeper::default());
        let connection = http1.serve_connection(stream, service);
        let mut connection = pin!(connection);
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = ending.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    }

    /// Serves HTTP/2, until its client has gone, asks for nothing any more, or `ending`
    /// tells to stop.
    pub(super) async fn http2<S, I>(
        &self,
        stream: I,
        service: S,
        ending: &CancellationToken,
    ) -> hyper::Result<()>
    where
        S: Service<Request<Incoming>, Response = Reply, Error = Infallible>,
        S::Future: Send + 'static,
        I: AsyncRead + AsyncWrite + Unpin,
    {
        let running = watch::Sender::new(0);
        let quiet = quiet(running.subscribe(), self.idle);
        let service = service_fn(move |request| answered(&service, request, &running));
        let stream = TokioIo::new(Patience::new(stream, self.idle));
        let connection = self.http2.serve_connection(stream, service);
        let mut connection = pin!(connection);
        let is_idle = tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = ending.cancelled() => false,
            () = quiet => true,
        };
        connection.as_mut().graceful_shutdown();
        match is_idle {
            false => connection.await,
            // Whoever does not read its answers has had its time.
            true => tokio::time::timeout(self.idle, connection)
                .await
                .unwrap_or(Ok(())),
        }
    }
}

/// Whether a connection ended for what its client sent: no request, so that no service was
/// told of it.
pub(super) fn is_nonsense(error: &hyper::Error) -> bool {
    // Of HTTP/2, hyper does not tell such an end from that of a client that goes away.
    let http2 = error.source().and_then(|it| it.downcast_ref::<h2::Error>());
    error.is_parse() || http2.is_some_and(h2::Error::is_library)
}

/// Ready once no request has run for so long.
async fn quiet(mut running: watch::Receiver<usize>, limit: Duration) {
    while running.wait_for(|running| *running == 0).await.is_ok() {
        if tokio::time::timeout(limit, running.changed())
            .await
            .is_err()
        {
            return;
        }
    }
}

/// One request that runs.
struct Running(watch::Sender<usize>);

impl Running {
    fn begin(running: &watch::Sender<usize>) -> Self {
        running.send_modify(|running| *running += 1);
        Self(running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

/// Answers a request of HTTP/2 as if it had come by HTTP/1.1.
fn answered<S>(
    service: &S,
    request: Request<Incoming>,
    running: &watch::Sender<usize>,
) -> Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>
where
    S: Service<Request<Incoming>, Response = Reply, Error = Infallible>,
    S::Future: Send + 'static,
{
    let running = Running::begin(running);
    if request.headers().len() > MOST_HEADERS {
        return Box::pin(async { Ok(too_many_headers()) });
    }
    let answer = service.call(request);
    Box::pin(async move {
        let answer = answer.await;
        drop(running);
        answer
    })
}

/// What hyper answers by itself in HTTP/1.1.
fn too_many_headers() -> Reply {
    let mut reply = Reply::default();
    *reply.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    reply
}
