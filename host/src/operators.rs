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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, info};

use crate::aside::{self, Aside, Source};
use crate::control::Control;
use crate::server::tls::Acceptor;
use guard::Here;

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
        let acceptor = acceptor(&control);
        let outage = acceptor.outage();
        let converse = move |stream, watcher| {
            let (acceptor, control) = (acceptor.clone(), Arc::clone(&control));
            connection(stream, acceptor, control, watcher)
        };
        Self(Aside::open(listener, outage, converse))
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

/// What is spoken to those who come now.
fn acceptor(control: &Control) -> Acceptor {
    let host = Arc::clone(control.reloader().host());
    let counted = Arc::clone(&host.listeners.operators);
    let tls = move || host.registry().server().operators.as_ref()?.tls.clone();
    Acceptor::following(tls).counting(&counted)
}

/// One connection, from its handshake on, if there is one.
async fn connection(
    stream: TcpStream,
    acceptor: Acceptor,
    control: Arc<Control>,
    watcher: Watcher,
) {
    let _open = acceptor.open();
    let address = stream.local_addr().ok().map(|address| address.ip());
    let tls = acceptor.tls();
    let here = Here {
        address,
        tls: tls.clone(),
    };
    let Some(tls) = tls else {
        return converse(stream, here, control, watcher).await;
    };
    match acceptor.shake_hands(&tls, stream).await {
        Ok(stream) => converse(stream, here, control, watcher).await,
        Err(error) => debug!(%error, "no connection of an operator's"),
    }
}

/// One request: whoever looks every few seconds saves nothing by keeping the connection.
async fn converse<I>(stream: I, here: Here, control: Arc<Control>, watcher: Watcher)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let here = &here;
    let service = service_fn(move |request| {
        let control = Arc::clone(&control);
        async move { Ok::<_, Infallible>(answer::answer(&control, here, &request).await) }
    });
    let connection = aside::protocol().serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(LONGEST, watcher.watch(connection)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!(%error, "a connection of an operator's ended"),
        Err(_) => debug!("a connection of an operator's took too long"),
    }
}
