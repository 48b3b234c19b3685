//! The operators' listener: whether the host is well, whether it is ready, what it counts,
//! and how everything is. Nothing can be changed here, and nothing of it is on the public
//! listener.
//!
//! It answers from before the first component is compiled until the last request has ended,
//! so that whoever asks is told why the host does not serve.

mod answer;
mod guard;
mod metrics;
mod ready;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{debug, info, warn};

use crate::control::Control;
use crate::stop::Stop;

/// The most connections at once; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 32;
/// How long a request's head may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection may last, with its one request and the reading of the answer.
const LONGEST: Duration = Duration::from_secs(30);
/// How long connections may take to end when the host does.
const GRACE: Duration = Duration::from_secs(1);
/// How long to wait before accepting again when the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(50);
/// The most headers of one request.
const MOST_HEADERS: usize = 32;
/// The longest head of one request, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// The listener, while it is open.
pub struct Operators {
    end: Stop,
    task: JoinHandle<()>,
}

impl Operators {
    /// Answers whoever connects.
    #[must_use]
    pub fn start(listener: TcpListener, control: Arc<Control>) -> Self {
        if let Ok(address) = listener.local_addr() {
            info!(%address, "operators are answered");
        }
        let end = Stop::new();
        let task = tokio::spawn(serve(listener, control, end.clone()));
        Self { end, task }
    }

    /// Closes it. Answers that are on their way may arrive; nobody else is waited for.
    pub async fn close(self) {
        self.end.ask();
        // A panic in it is logged, and the host ends in any case.
        let _ = self.task.await;
    }
}

async fn serve(listener: TcpListener, control: Arc<Control>, end: Stop) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    // Those that are left when it is dropped are cut off.
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            () = end.asked() => break,
        };
        match (accepted, permit) {
            (Ok((stream, _)), Ok(permit)) => {
                let (control, watcher) = (Arc::clone(&control), graceful.watcher());
                connections.spawn(connection(stream, control, watcher, permit));
            }
            (Ok(_), Err(_)) => break,
            (Err(error), _) => {
                warn!(%error, "a connection of an operator's could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// One connection, and one request: whoever looks every few seconds saves nothing by
/// keeping it.
async fn connection(
    stream: TcpStream,
    control: Arc<Control>,
    watcher: Watcher,
    _permit: OwnedSemaphorePermit,
) {
    let ours = stream.local_addr().ok();
    let service = service_fn(move |request| {
        let control = Arc::clone(&control);
        async move { Ok::<_, Infallible>(answer::answer(&control, ours, &request).await) }
    });
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD);
    let connection = watcher.watch(protocol.serve_connection(TokioIo::new(stream), service));
    match tokio::time::timeout(LONGEST, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a connection of an operator's ended"),
        Err(_) => debug!("a connection of an operator's took too long"),
    }
}
