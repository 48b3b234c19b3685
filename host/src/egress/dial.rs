//! From a target to a connection: one look-up, whose addresses are checked, and of those
//! that pass one is connected to. Nothing is looked up twice, so that a name cannot lead
//! to one place when it is checked and to another when it is used.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};

use super::error::{EgressError, Refused};
use super::line::Line;
use super::policy::{EgressPolicy, Vetted};
use super::resolver::Resolver;
use super::roots::Roots;
use super::target::{Host, Scheme, Target};

/// How long a peer is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// For a name's addresses.
    pub(super) resolve: Duration,
    /// For each address to take the connection, and then for TLS.
    pub(super) connect: Duration,
    /// For anything to move on a connection, in either direction. A receiver that works
    /// on what it got before it answers needs all of it.
    pub(super) idle: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(5),
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(30),
        }
    }
}

/// What bytes are sent and received over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What makes connections, under a policy. It asks no proxy, whatever the environment
/// says: a proxy would look names up again, where no policy sees it.
pub(super) struct Dialer {
    pub(super) policy: EgressPolicy,
    pub(super) resolver: Resolver,
    pub(super) waits: Waits,
    tls: TlsConnector,
}

impl Dialer {
    pub(super) fn new(policy: EgressPolicy, roots: Roots) -> Self {
        Self {
            policy,
            resolver: Resolver::System,
            waits: Waits::default(),
            tls: Arc::new(client_config(roots)).into(),
        }
    }

    /// Connects to a target.
    pub(super) async fn dial(&self, target: &Target) -> Result<Box<dyn Stream>, EgressError> {
        let addresses = self.vetted(target).await?;
        let line = self.connect(target, &addresses).await?;
        match target.scheme() {
            Scheme::Http => Ok(Box::new(line)),
            Scheme::Https => self.secure(target, line).await,
        }
    }

    /// The addresses of a target that the policy admits, in the system's order.
    async fn vetted(&self, target: &Target) -> Result<Vec<Vetted>, EgressError> {
        let host = target.host();
        let looked_up = self.resolver.addresses(host, target.port());
        let found = timeout(self.waits.resolve, looked_up).await;
        let found = found
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|error| EgressError::Unresolved {
                host: host.to_string(),
                error,
            })?;
        let vetted: Vec<Vetted> = found
            .into_iter()
            .filter_map(|address| self.policy.vet(address))
            .collect();
        match vetted.is_empty() {
            true => Err(EgressError::NoAddress {
                host: host.to_string(),
            }),
            false => Ok(vetted),
        }
    }

    /// The first address that takes a connection.
    async fn connect(&self, target: &Target, addresses: &[Vetted]) -> Result<Line, EgressError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            let connected = TcpStream::connect(address.address());
            match timeout(self.waits.connect, connected).await {
                Ok(Ok(tcp)) => {
                    // A request is written in few pieces, and the last should not wait.
                    let _ = tcp.set_nodelay(true);
                    return Ok(Line::new(tcp, self.waits.idle));
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(unreachable(target, last))
    }

    async fn secure(&self, target: &Target, line: Line) -> Result<Box<dyn Stream>, EgressError> {
        let name = server_name(target.host())?;
        let secured = timeout(self.waits.connect, self.tls.connect(name, line)).await;
        match secured {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(of_tls(target, error)),
            Err(_) => Err(unreachable(target, io::ErrorKind::TimedOut.into())),
        }
    }
}

/// The name that a server's certificate must be for.
fn server_name(host: &Host) -> Result<ServerName<'static>, Refused> {
    match host {
        Host::Address(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| Refused::Host),
    }
}

fn of_tls(target: &Target, error: io::Error) -> EgressError {
    match error.downcast::<rustls::Error>() {
        Ok(error) => EgressError::Tls {
            host: target.host().to_string(),
            error,
        },
        Err(error) => unreachable(target, error),
    }
}

fn unreachable(target: &Target, error: io::Error) -> EgressError {
    EgressError::Unreachable {
        host: target.host().to_string(),
        error,
    }
}

/// TLS 1.2 and 1.3, with the server's name verified.
pub(crate) fn client_config(roots: Roots) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("ring has what both versions need")
        .with_root_certificates(roots.into_store())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
