//! Servers that do what a test says, byte by byte.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::authority::Identity;
use crate::egress::dial::Stream;

/// A server that ends with the test.
pub(super) struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// A client's connection, and what came over it in front of the head's end.
pub(super) type Wire = Box<dyn Stream>;

impl Server {
    /// Serves each connection in plain text.
    pub(super) async fn plain<F>(serve: impl Fn(Wire) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        Self::raw(move |tcp| {
            let serve = Arc::clone(&serve);
            async move { serve(Box::new(tcp)).await }
        })
        .await
    }

    /// Serves each connection within TLS.
    pub(super) async fn secure<F>(
        identity: &Identity,
        serve: impl Fn(Wire) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let acceptor = TlsAcceptor::from(identity.server());
        let serve = Arc::new(serve);
        Self::raw(move |tcp| {
            let (acceptor, serve) = (acceptor.clone(), Arc::clone(&serve));
            async move {
                if let Ok(stream) = acceptor.accept(tcp).await {
                    serve(Box::new(stream)).await;
                }
            }
        })
        .await
    }

    /// Serves each connection as it comes.
    pub(super) async fn raw<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(tcp));
            }
        });
        Self {
            address,
            accepted,
            task,
        }
    }

    /// Answers every request with the same bytes, and closes.
    pub(super) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::plain(move |mut wire| {
            let answer = Arc::clone(&answer);
            async move {
                head(&mut wire).await;
                // A client that has read enough may be gone.
                let _ = wire.write_all(&answer).await;
                let _ = wire.shutdown().await;
            }
        })
        .await
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A URL by a name that leads here.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://server.example:{}{path}", self.port())
    }

    /// A rule for that name.
    pub(super) fn rule(&self) -> String {
        format!("http://server.example:{}", self.port())
    }

    pub(super) fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request's head.
pub(super) async fn head(wire: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match wire.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A port where nobody may connect.
pub(super) struct Forbidden(std::net::TcpListener);

impl Forbidden {
    pub(super) fn at(address: impl Into<IpAddr>, port: u16) -> Self {
        let address = SocketAddr::new(address.into(), port);
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// A connection would have been accepted by the system, and would wait here.
    pub(super) fn was_left_alone(&self) {
        let accepted = self.0.accept().map(|_| ()).unwrap_err();
        assert_eq!(accepted.kind(), ErrorKind::WouldBlock);
    }
}
