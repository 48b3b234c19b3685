//! The running channel: connections, each with one order, all of them bounded.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tracing::debug;

use super::Control;
use super::answer::{answer, peer};
use super::error::ControlError;
use super::socket::Socket;
use crate::aside::{self, Aside, PATIENCE, Source};
use crate::server::Outage;
use crate::state::Who;
use crate::telemetry;

/// A channel that is open.
pub struct Channel(Aside);

impl Channel {
    /// Opens the channel of a host with this state directory.
    ///
    /// # Errors
    /// Where that cannot be used, with the reason.
    pub fn open(state: &Path, control: Arc<Control>) -> Result<Self, String> {
        let socket = Socket::bind(state).map_err(|error| error.to_string())?;
        let converse = move |stream, watcher| connection(stream, Arc::clone(&control), watcher);
        Ok(Self(Aside::open(socket, Outage::default(), converse)))
    }

    /// Closes it. Answers that are on their way may arrive; nobody else is waited for.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl Source for Socket {
    type Stream = UnixStream;
    const WHOSE: &'static str = "the control socket";
    const MOST: usize = 16;

    async fn accept(&self) -> io::Result<UnixStream> {
        Self::accept(self).await
    }
}

/// One connection, and one order. It ends soon after its answer, read or not.
async fn connection(stream: UnixStream, control: Arc<Control>, watcher: Watcher) {
    let who: Result<Who, ControlError> = peer(&stream);
    let who = Arc::new(who);
    let answered = Arc::new(Notify::new());
    let told = Arc::clone(&answered);
    let service = service_fn(move |request| {
        let (control, who, told) = (Arc::clone(&control), Arc::clone(&who), Arc::clone(&told));
        async move {
            let reply = answer(control, &who, request).await;
            // Who has the answer finds in the log what came before it.
            telemetry::settled().await;
            told.notify_one();
            Ok::<_, Infallible>(reply)
        }
    });
    let connection = aside::protocol().serve_connection(TokioIo::new(stream), service);
    let late = async {
        answered.notified().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            debug!(%error, "a connection of the control socket ended");
        },
        () = late => debug!("an answer on the control socket was not read in time"),
    }
}
