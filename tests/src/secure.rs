//! TLS without an async runtime, for clients that cost the machine little.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

/// A connection that speaks TLS.
pub type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Shakes hands with a host of this name, over a connection that is made already.
///
/// # Errors
/// Where the host does not, or is not believed to be the one of that name.
pub fn secure(stream: TcpStream, client: &Arc<ClientConfig>, name: &str) -> io::Result<Secure> {
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let connection = ClientConnection::new(Arc::clone(client), name);
    let mut secure = StreamOwned::new(connection.map_err(io::Error::other)?, stream);
    while secure.conn.is_handshaking() {
        secure.conn.complete_io(&mut secure.sock)?;
    }
    Ok(secure)
}
