//! A listener for the few: programs of operators', not the world. Each connection has one
//! request and a task of its own, and there are never many at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::server::Outage;
use crate::stop::Stop;

/// How long a request's head may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long connections may take to end when the host does.
const GRACE: Duration = Duration::from_secs(1);
/// The most headers of one request.
const MOST_HEADERS: usize = 32;
/// The longest head of one request, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// Where connections come from.
pub(crate) trait Source: Send + Sync + 'static {
    /// A connection.
    type Stream: Send + 'static;
    /// Whose connections they are, for the log.
    const WHOSE: &'static str;
    /// The most of them at once; further ones wait to be accepted.
    const MOST: usize;

    /// The next connection.
    fn accept(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// A listener, while it is open.
pub(crate) struct Aside {
    end: Stop,
    task: JoinHandle<()>,
}

impl Aside {
    /// Has every connection served by a future of its own, which the watcher tells of the
    /// end. What cannot be accepted is noted.
    pub(crate) fn open<S, F>(
        source: S,
        outage: Outage,
        converse: impl Fn(S::Stream, Watcher) -> F + Send + 'static,
    ) -> Self
    where
        S: Source,
        F: Future<Output = ()> + Send + 'static,
    {
        let end = Stop::new();
        let task = tokio::spawn(serve(source, outage, converse, end.clone()));
        Self { end, task }
    }

    /// Closes it. Answers that are on their way may arrive; nobody else is waited for.
    pub(crate) async fn close(self) {
        self.end.ask();
        // A panic in it is logged, and the host ends in any case.
        let _ = self.task.await;
    }
}

/// HTTP with one request a connection, and bounds that suit it.
pub(crate) fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD);
    protocol
}

async fn serve<S, F>(
    source: S,
    mut outage: Outage,
    converse: impl Fn(S::Stream, Watcher) -> F,
    end: Stop,
) where
    S: Source,
    F: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(S::MOST));
    let graceful = GracefulShutdown::new();
    // Those that are left when it is dropped are cut off.
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (source.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            () = end.asked() => break,
        };
        match (accepted, permit) {
            (Ok(stream), Ok(permit)) => {
                let conversation = converse(stream, graceful.watcher());
                connections.spawn(async move {
                    conversation.await;
                    drop(permit);
                });
            }
            (Ok(_), Err(_)) => break,
            (Err(error), _) => {
                let whose = format!(" of {}", S::WHOSE);
                outage.note(&whose, &error).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(source);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}
