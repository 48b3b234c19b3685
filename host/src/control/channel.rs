//! The running channel: connections, each with one order, all of them bounded.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::UnixStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{debug, warn};

use super::Control;
use super::answer::{answer, peer};
use super::error::ControlError;
use super::socket::Socket;
use crate::state::Who;
use crate::stop::Stop;

/// The most connections at once; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 16;
/// How long a request's head may take, and its answer until it is read.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long connections may take to end when the host does.
const GRACE: Duration = Duration::from_secs(1);
/// How long to wait before accepting again when the system has no more descriptors.
const PAUSE: Duration = Duration::from_millis(50);
/// The most headers of one request.
const MOST_HEADERS: usize = 32;
/// The longest head of one request, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// A channel that is open.
pub struct Channel {
    end: Stop,
    task: JoinHandle<()>,
}

impl Channel {
    /// Opens the channel of a host with this state directory.
    ///
    /// # Errors
    /// Where that cannot be used, with the reason.
    pub fn open(state: &Path, control: Arc<Control>) -> Result<Self, String> {
        let socket = Socket::bind(state).map_err(|error| error.to_string())?;
        let end = Stop::new();
        let task = tokio::spawn(serve(socket, control, end.clone()));
        Ok(Self { end, task })
    }

    /// Closes it. Answers that are on their way may arrive; nobody else is waited for.
    pub async fn close(self) {
        self.end.ask();
        // A panic in it is logged, and the host ends in any case.
        let _ = self.task.await;
    }
}

async fn serve(socket: Socket, control: Arc<Control>, end: Stop) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    // Those that are left when it is dropped are cut off.
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (socket.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            () = end.asked() => break,
        };
        match (accepted, permit) {
            (Ok(stream), Ok(permit)) => {
                let (control, watcher) = (Arc::clone(&control), graceful.watcher());
                connections.spawn(connection(stream, control, watcher, permit));
            }
            (Ok(_), Err(_)) => break,
            (Err(error), _) => {
                warn!(%error, "a connection of the control socket could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(socket);
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
}

/// One connection, and one order. It ends soon after its answer, read or not.
async fn connection(
    stream: UnixStream,
    control: Arc<Control>,
    watcher: Watcher,
    _permit: OwnedSemaphorePermit,
) {
    let who: Result<Who, ControlError> = peer(&stream);
    let who = Arc::new(who);
    let answered = Arc::new(Notify::new());
    let told = Arc::clone(&answered);
    let service = service_fn(move |request| {
        let (control, who, told) = (Arc::clone(&control), Arc::clone(&who), Arc::clone(&told));
        async move {
            let reply = answer(control, &who, request).await;
            told.notify_one();
            Ok::<_, Infallible>(reply)
        }
    });
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD);
    let connection = watcher.watch(protocol.serve_connection(TokioIo::new(stream), service));
    let late = async {
        answered.notified().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            debug!(%error, "a connection of the control socket ended");
        },
        () = late => debug!("an answer on the control socket was not read in time"),
    }
}
