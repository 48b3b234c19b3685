//! Connections: accepting them, bounding them, and letting them end in peace.

mod ending;
mod outage;
mod patience;
mod protocols;
mod timekeeper;
pub mod tls;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

pub(crate) use self::outage::Outage;
pub use self::outage::Unaccepted;
use self::protocols::Protocols;
use self::tls::Acceptor;
use crate::clients::{ClientAddress, Reception};
use crate::handle::Reply;
use crate::stop::Stop;

/// A connection, and who is at its other end.
type Accepted = (TcpStream, SocketAddr);

/// What a listener allows.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// How long a request's head may take, idle time included.
    pub header_timeout: Duration,
    /// How long running requests may take to end once the host is told to stop.
    pub drain_timeout: Duration,
    /// Whether others have the listener as well: what waits in it is left to them.
    pub shared: bool,
}

/// What answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request, whose connection comes from an address.
    fn answer(
        &self,
        from: ClientAddress,
        request: Request<Incoming>,
    ) -> impl Future<Output = Reply> + Send;
}

/// What answers the requests of one connection. Each of them counts one more reference to
/// it, and would meet those of all other threads if connections had it in common.
struct Attendant<H> {
    handler: Arc<H>,
    stop: Stop,
}

impl<H: Handler> Attendant<H> {
    async fn answer(&self, from: ClientAddress, request: Request<Incoming>) -> Reply {
        ending::parting(self.handler.answer(from, request).await, &self.stop)
    }
}

/// Serves connections until the host is told to stop, then lets running requests end.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    bounds: Bounds,
    (reception, acceptor): (Reception, Acceptor),
    handler: Arc<H>,
    stop: &Stop,
) {
    let protocols = Arc::new(Protocols::new(&bounds));
    let end = CancellationToken::new();
    let room = Arc::new(Semaphore::new(bounds.connections));
    let begin = |(mut stream, peer): Accepted, permit: Option<OwnedSemaphorePermit>| {
        prepare(&stream);
        let attendant = Arc::new(Attendant {
            handler: Arc::clone(&handler),
            stop: stop.clone(),
        });
        let (protocols, acceptor) = (Arc::clone(&protocols), acceptor.clone());
        let (reception, ending) = (reception.clone(), end.child_token());
        tokio::spawn(async move {
            let received = reception.receive(&mut stream, peer, bounds.header_timeout);
            if let Some(guest) = received.await {
                let from = guest.address;
                let service = service_fn(|request| {
                    let attendant = Arc::clone(&attendant);
                    async move { Ok::<_, Infallible>(attendant.answer(from, request).await) }
                });
                let ended = converse(stream, &acceptor, &protocols, service, &ending).await;
                if ended.is_err_and(|error| protocols::is_nonsense(&error)) {
                    reception.note_nonsense(&guest);
                }
            }
            drop(permit);
        });
    };
    let mut asked = std::pin::pin!(stop.asked());
    let mut outage = acceptor.outage();
    loop {
        let accepted = async {
            // Nobody closes the semaphore.
            let permit = Arc::clone(&room).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            (accepted, permit) = accepted => match accepted {
                Ok(accepted) => (accepted, permit),
                Err(error) => {
                    outage.note("", &error).await;
                    continue;
                }
            },
            () = &mut asked => break,
        };
        begin(accepted, permit);
    }
    let deadline = Instant::now() + bounds.drain_timeout;
    let queued = match bounds.shared {
        true => {
            drop(listener);
            Vec::new()
        }
        false => ending::queued(listener),
    };
    for accepted in queued {
        let room = Arc::clone(&room).acquire_owned();
        match tokio::time::timeout_at(deadline, room).await {
            Ok(permit) => begin(accepted, permit.ok()),
            Err(_) => break,
        }
    }
    // Each connection holds a permit, one whose client shakes hands as well.
    let empty = ending::empty(&room, bounds.connections);
    let _ = tokio::time::timeout(ending::linger(bounds.drain_timeout), empty).await;
    end.cancel();
    let empty = ending::empty(&room, bounds.connections);
    if tokio::time::timeout_at(deadline, empty).await.is_err() {
        warn!("requests that still ran were cut off");
    }
}

/// Serves one connection from its handshake to its end, by itself: a client that takes its
/// time takes nobody else's.
async fn converse<S>(
    stream: TcpStream,
    acceptor: &Acceptor,
    protocols: &Protocols,
    service: S,
    ending: &CancellationToken,
) -> hyper::Result<()>
where
    S: Service<Request<Incoming>, Response = Reply, Error = Infallible>,
    S::Future: Send + 'static,
{
    let _open = acceptor.open();
    let ended = match acceptor.tls() {
        None => protocols.http1(stream, service, ending).await,
        Some(tls) => match acceptor.shake_hands(&tls, stream).await {
            Ok(stream) if tls::is_http2(&stream) => {
                Box::pin(protocols.http2(stream, service, ending)).await
            }
            Ok(stream) => protocols.http1(stream, service, ending).await,
            Err(error) => {
                debug!(%error, "no connection");
                Ok(())
            }
        },
    };
    ended.inspect_err(|error| debug!(%error, "connection ended"))
}

/// Answers are small and whole: waiting to fill a packet would only delay them.
fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "connection without TCP_NODELAY");
    }
}
