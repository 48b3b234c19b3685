//! Where results are called back to, and where audio is fetched from: a real HTTP server
//! that notes every request, twice where it comes twice, and behaves as badly as it is
//! told to.
//!
//! It runs in a thread of its own, so that it answers whatever the test waits for.

mod authority;
mod behaviour;
mod reply;
mod seen;
mod serve;
mod socket;

pub use self::authority::Authority;
pub use self::reply::{Gate, Reply};
pub use self::seen::{Received, Seen};

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server, until it is dropped.
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    /// Taken when this is dropped.
    runtime: Option<Runtime>,
}

/// What all its connections know.
struct Shared {
    scripts: Mutex<HashMap<String, Script>>,
    seen: watch::Sender<Vec<Seen>>,
    connections: AtomicUsize,
    refused: AtomicUsize,
}

/// What the requests to one path are answered with, one after the other.
struct Script {
    replies: Vec<Reply>,
    next: usize,
}

impl Receiver {
    /// A server on a free port that answers everything with 200.
    ///
    /// # Panics
    /// Where it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        Self::listen(None)
    }

    /// The same over TLS.
    #[must_use]
    pub fn with_tls(config: Arc<ServerConfig>) -> Self {
        Self::listen(Some(TlsAcceptor::from(config)))
    }

    fn listen(tls: Option<TlsAcceptor>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("receiver")
            .enable_all()
            .build()
            .expect("a thread starts");
        let shared = Arc::new(Shared {
            scripts: Mutex::default(),
            seen: watch::Sender::default(),
            connections: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        listener.set_nonblocking(true).expect("it listens");
        runtime.spawn(serve::serve(listener, tls, Arc::clone(&shared)));
        Self {
            address,
            scheme,
            shared,
            runtime: Some(runtime),
        }
    }

    /// Where it listens, as in `http://127.0.0.1:49152`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// The URL of a path, which begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The port on which it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers the requests to a path, whatever their query, by these replies in turn, the
    /// last one again and again.
    ///
    /// # Panics
    /// Where there is none.
    pub fn on(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies: Vec<Reply> = replies.into_iter().collect();
        assert!(!replies.is_empty(), "there is no reply for `{path}`");
        let script = Script { replies, next: 0 };
        self.shared.scripts().insert(path.to_owned(), script);
    }

    /// Everything that was seen so far, in the order in which it arrived.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.borrow().clone()
    }

    /// What was seen of one path.
    #[must_use]
    pub fn seen_at(&self, path: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|it| it.path() == path);
        seen
    }

    /// How many connections it has accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many of them came to nothing, because the other side did not like the
    /// certificate.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::SeqCst)
    }

    /// Waits until something is so of what was seen, and returns that.
    ///
    /// # Panics
    /// Where it takes too long.
    pub async fn wait_for(&self, what: &str, is_so: impl FnMut(&[Seen]) -> bool) -> Vec<Seen> {
        self.wait_for_within(PATIENCE, what, is_so).await
    }

    /// Waits no longer than so long.
    ///
    /// # Panics
    /// Where it takes longer.
    pub async fn wait_for_within(
        &self,
        patience: Duration,
        what: &str,
        mut is_so: impl FnMut(&[Seen]) -> bool,
    ) -> Vec<Seen> {
        let mut changes = self.shared.seen.subscribe();
        let waited = tokio::time::timeout(patience, changes.wait_for(|seen| is_so(seen))).await;
        match waited {
            Ok(seen) => seen.expect("the receiver is there").clone(),
            Err(_) => panic!(
                "{what}: that never happened:\n{}",
                seen::shown(&self.seen())
            ),
        }
    }

    /// Waits until so many requests to a path have come and were answered.
    pub async fn answered(&self, path: &str, count: usize) -> Vec<Seen> {
        let what = format!("`{path}` is called {count} times");
        let at = |seen: &&Seen| seen.path() == path && seen.answered().is_some();
        let seen = self
            .wait_for(&what, |seen| seen.iter().filter(at).count() >= count)
            .await;
        seen.into_iter().filter(|it| at(&it)).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A test's own runtime may not wait, and nothing here has to end well.
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn scripts(&self) -> std::sync::MutexGuard<'_, HashMap<String, Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the next request to a path is answered with.
    fn reply(&self, path: &str) -> Reply {
        self.scripts()
            .get_mut(path)
            .map_or_else(|| Reply::status(200), Script::next)
    }
}

impl Script {
    fn next(&mut self) -> Reply {
        let last = self.replies.len() - 1;
        let reply = self.replies[self.next.min(last)].clone();
        self.next += 1;
        reply
    }
}

#[cfg(test)]
mod tests;
