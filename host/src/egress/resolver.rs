//! From a name to addresses.

use std::io;
use std::net::SocketAddr;

use super::target::Host;

/// Who knows the addresses of names.
pub(super) enum Resolver {
    /// The operating system.
    System,
    /// A test, which sees how often it is asked.
    #[cfg(test)]
    Told(Box<told::Tell>),
}

impl Resolver {
    /// The addresses of a host, with the port to connect to. An address that the URL
    /// writes itself is its own.
    pub(super) async fn addresses(&self, host: &Host, port: u16) -> io::Result<Vec<SocketAddr>> {
        let name = match host {
            Host::Address(address) => return Ok(vec![SocketAddr::new(*address, port)]),
            Host::Name(name) => name.as_str(),
        };
        match self {
            Self::System => Ok(tokio::net::lookup_host((name, port)).await?.collect()),
            #[cfg(test)]
            Self::Told(tell) => {
                let with_port = |address| SocketAddr::new(address, port);
                Ok(tell(name).await?.into_iter().map(with_port).collect())
            }
        }
    }
}

#[cfg(test)]
pub(super) mod told {
    use std::io;
    use std::net::IpAddr;
    use std::pin::Pin;

    /// The addresses of a name, in the future.
    pub(in super::super) type Told = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
    /// What tells them.
    pub(in super::super) type Tell = dyn Fn(&str) -> Told + Send + Sync;
}
