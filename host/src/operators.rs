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
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::Watcher;
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, info};

use crate::aside::{self, Aside, Source};
use crate::control::Control;

/// How long a connection may last, with its one request and the reading of the answer.
const LONGEST: Duration = Duration::from_secs(30);

/// The listener, while it is open.
pub struct Operators(Aside);

impl Operators {
    /// Answers whoever connects.
    #[must_use]
    pub fn start(listener: TcpListener, control: Arc<Control>) -> Self {
        if let Ok(address) = listener.local_addr() {
            info!(%address, "operators are answered");
        }
        let converse = move |stream, watcher| connection(stream, Arc::clone(&control), watcher);
        Self(Aside::open(listener, converse))
    }

    /// Closes it. Answers that are on their way may arrive; nobody else is waited for.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl Source for TcpListener {
    type Stream = TcpStream;
    const WHOSE: &'static str = "an operator's";
    const MOST: usize = 32;

    async fn accept(&self) -> io::Result<TcpStream> {
        Ok(TcpListener::accept(self).await?.0)
    }
}

/// One connection, and one request: whoever looks every few seconds saves nothing by
/// keeping it.
async fn connection(stream: TcpStream, control: Arc<Control>, watcher: Watcher) {
    let ours = stream.local_addr().ok();
    let service = service_fn(move |request| {
        let control = Arc::clone(&control);
        async move { Ok::<_, Infallible>(answer::answer(&control, ours, &request).await) }
    });
    let connection = aside::protocol().serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(LONGEST, watcher.watch(connection)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a connection of an operator's ended"),
        Err(_) => debug!("a connection of an operator's took too long"),
    }
}
