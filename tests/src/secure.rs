//! TLS over connections that are made already: within an async runtime, and without one for
//! clients that cost the machine little.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A connection that speaks TLS.
pub type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Shakes hands with a host of this name.
///
/// # Errors
/// Where the host does not, or is not believed to be the one of that name.
pub fn secure(stream: TcpStream, client: &Arc<ClientConfig>, name: &str) -> io::Result<Secure> {
    let connection = ClientConnection::new(Arc::clone(client), named(name)?);
    let mut secure = StreamOwned::new(connection.map_err(io::Error::other)?, stream);
    while secure.conn.is_handshaking() {
        secure.conn.complete_io(&mut secure.sock)?;
    }
    Ok(secure)
}

/// Shakes hands with a host of this name, in an async runtime.
///
/// # Errors
/// Where the host does not, or is not believed to be the one of that name.
pub async fn shake_hands(
    stream: tokio::net::TcpStream,
    client: ClientConfig,
    name: &str,
) -> io::Result<TlsStream<tokio::net::TcpStream>> {
    let connector = TlsConnector::from(Arc::new(client));
    connector.connect(named(name)?, stream).await
}

fn named(name: &str) -> io::Result<ServerName<'static>> {
    ServerName::try_from(name.to_owned()).map_err(io::Error::other)
}
