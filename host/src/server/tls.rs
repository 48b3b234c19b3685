//! TLS on a listener: 1.2 and 1.3, with the certificates that the configuration names.
//!
//! All of it is made when the configuration is read, so that what is no good keeps the
//! whole configuration from being taken up, and an accepted connection finds it ready.

mod certificate;
mod choice;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

pub use certificate::{Certificate, Chain, ChainError, KeyError};

use super::Outage;
use crate::meter::{Connections, Open};
use choice::Choice;

/// What HTTP/1.1 and HTTP/2 are called in a handshake.
const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";

/// How a listener speaks TLS.
pub struct Tls {
    config: Arc<ServerConfig>,
    choice: Arc<Choice>,
    certificates: Vec<Certificate>,
    handshake_timeout: Duration,
    http2: bool,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The client did not get ready.
    #[error("the handshake took more than {0:?}")]
    TimedOut(Duration),
    /// The client asked for what there is not, or spoke no TLS.
    #[error("the handshake failed: {0}")]
    Failed(#[from] std::io::Error),
}

impl Tls {
    /// TLS with at least one certificate; the first is for whoever asks for none of theirs.
    ///
    /// # Errors
    /// Where the cryptography that is built in does not speak TLS 1.2 and 1.3.
    pub fn new(
        certificates: Vec<Certificate>,
        handshake_timeout: Duration,
        http2: bool,
    ) -> Result<Self, rustls::Error> {
        let ring = Arc::new(crypto::ring::default_provider());
        let choice = Arc::new(Choice::among(&certificates));
        let mut config = ServerConfig::builder_with_provider(ring)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&choice) as _);
        if http2 {
            config.alpn_protocols.push(HTTP2.to_vec());
        }
        config.alpn_protocols.push(HTTP1.to_vec());
        Ok(Self {
            config: Arc::new(config),
            choice,
            certificates,
            handshake_timeout,
            http2,
        })
    }

    /// The certificates, in the order of the configuration.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether one of the certificates is for this name.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        self.choice.of(name).is_some()
    }

    /// Whether clients may choose HTTP/2.
    #[must_use]
    pub fn speaks_http2(&self) -> bool {
        self.http2
    }

    /// Shakes hands with a client, within a time.
    ///
    /// # Errors
    /// Where the client does not, or not in time.
    pub async fn accept(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, HandshakeError> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let limit = self.handshake_timeout;
        match tokio::time::timeout(limit, acceptor.accept(stream)).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(HandshakeError::TimedOut(limit)),
        }
    }
}

/// Whether both sides have agreed on HTTP/2.
#[must_use]
pub fn is_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP2)
}

impl PartialEq for Tls {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
            && self.handshake_timeout == other.handshake_timeout
            && self.http2 == other.http2
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("certificates", &self.certificates)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("http2", &self.http2)
            .finish()
    }
}

/// What a listener speaks to those who come now, and counts of them. All clones are one.
#[derive(Clone)]
pub struct Acceptor {
    tls: Arc<dyn Fn() -> Option<Arc<Tls>> + Send + Sync>,
    counted: Arc<Connections>,
}

impl Acceptor {
    /// A listener without TLS.
    #[must_use]
    pub fn plain() -> Self {
        Self::following(|| None)
    }

    /// A listener that speaks what it is told for each connection anew: TLS, or plain text
    /// where that is nothing.
    #[must_use]
    pub fn following(tls: impl Fn() -> Option<Arc<Tls>> + Send + Sync + 'static) -> Self {
        Self {
            tls: Arc::new(tls),
            counted: Arc::default(),
        }
    }

    /// The same, which counts here.
    #[must_use]
    pub fn counting(mut self, connections: &Arc<Connections>) -> Self {
        self.counted = Arc::clone(connections);
        self
    }

    /// Counts a connection for as long as what is returned is kept.
    pub(crate) fn open(&self) -> Open {
        self.counted.open()
    }

    /// The connections that cannot be accepted, which are counted where the others are.
    pub(crate) fn outage(&self) -> Outage {
        Outage::counting(&self.counted)
    }

    pub(crate) fn tls(&self) -> Option<Arc<Tls>> {
        (self.tls)()
    }

    /// Shakes hands with a client, and counts what comes of it.
    ///
    /// # Errors
    /// Where the client does not, or not in time.
    pub(crate) async fn shake_hands(
        &self,
        tls: &Tls,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, HandshakeError> {
        let result = tls.accept(stream).await;
        self.counted.count_handshake(&result);
        result
    }
}
