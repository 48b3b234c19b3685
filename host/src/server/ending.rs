//! How a listener ends: whoever was accepted is answered, also those whom the system has
//! accepted for us, and connections that are kept are given back in peace.

use std::io::ErrorKind;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tracing::debug;

use super::Accepted;
use crate::handle::Reply;
use crate::stop::Stop;

/// How long kept connections stay open for one more request. To close one at once could
/// cross with a request on its way, which its client would have to take for lost.
const LINGER: Duration = Duration::from_millis(500);

/// The most connections that are taken at the end: more than the system keeps waiting, or
/// whoever goes on connecting would keep the host from ending.
const MOST_QUEUED: usize = 2_048;

/// The connections that the system has accepted already. Where the listener is ours alone,
/// nobody else would take them.
pub(super) fn queued(listener: TcpListener) -> Vec<Accepted> {
    let listener = match listener.into_std() {
        Ok(listener) => listener,
        Err(error) => {
            debug!(%error, "what waited to be accepted is lost");
            return Vec::new();
        }
    };
    let mut queued = Vec::new();
    for _ in 0..MOST_QUEUED {
        match listener.accept() {
            Ok((stream, peer)) => queued.extend(watched(stream).map(|stream| (stream, peer))),
            // Its client has gone away, or a signal came.
            Err(error) if is_passing(error.kind()) => {}
            Err(_) => break,
        }
    }
    queued
}

fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::Interrupted)
}

fn watched(stream: std::net::TcpStream) -> Option<TcpStream> {
    stream.set_nonblocking(true).ok()?;
    TcpStream::from_std(stream).ok()
}

/// An answer, which says that it is the last on its connection if the host is to end.
pub(super) fn parting(mut reply: Reply, stop: &Stop) -> Reply {
    if stop.is_asked() {
        let close = HeaderValue::from_static("close");
        reply.headers_mut().insert(CONNECTION, close);
    }
    reply
}

/// How long kept connections stay open, where everything is to end within so long.
pub(super) fn linger(grace: Duration) -> Duration {
    LINGER.min(grace / 2)
}

/// Ready once no connection is left, of as many as there may be.
pub(super) async fn empty(room: &Semaphore, connections: usize) {
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    // Nobody closes the semaphore.
    let _ = room.acquire_many(all).await;
}
