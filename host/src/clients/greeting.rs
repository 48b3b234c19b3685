//! What a proxy says before its client does: the header of the PROXY protocol, version 1 or
//! 2. Not a byte behind it is taken, since that is the client's.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use proxy_header::{ParseConfig, Protocol, ProxyHeader};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// What version 2 begins with, and how long its head is, with the length of the rest.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const HEAD: usize = 16;

/// The longest rest of version 2, in bytes. Addresses have 216 at most, and what proxies
/// add about TLS some hundred.
const LONGEST_REST: usize = 4096;

/// What version 1 begins with, its shortest line and its longest.
const WORD: &[u8] = b"PROXY ";
const SHORTEST_LINE: usize = b"PROXY UNKNOWN\r\n".len();
const LONGEST_LINE: usize = 107;

/// Why a proxy is not understood.
#[derive(Debug, thiserror::Error)]
pub enum GreetingError {
    /// It does not begin with such a header.
    #[error("a proxy sent no header of the PROXY protocol, or a malformed one")]
    Malformed,
    /// It did not come to its end in time.
    #[error("a proxy's header took too long")]
    Late,
    /// It went away.
    #[error("a proxy's connection broke: {0}")]
    Broken(#[from] io::Error),
}

/// Reads a header off a connection. What comes out is the client's address; nothing where
/// the proxy speaks for itself, as when it looks whether the host is there.
pub(super) async fn read(
    stream: &mut TcpStream,
    limit: Duration,
) -> Result<Option<IpAddr>, GreetingError> {
    let header = tokio::time::timeout(limit, whole(stream)).await;
    let header = header.map_err(|_| GreetingError::Late)??;
    parse(&header)
}

/// A header as it was sent.
async fn whole(stream: &mut TcpStream) -> Result<Vec<u8>, GreetingError> {
    let mut header = vec![0; SHORTEST_LINE];
    stream.read_exact(&mut header).await?;
    if header.starts_with(SIGNATURE) {
        binary(stream, &mut header).await?;
    } else if header.starts_with(WORD) {
        line(stream, &mut header).await?;
    } else {
        return Err(GreetingError::Malformed);
    }
    Ok(header)
}

async fn binary(stream: &mut TcpStream, header: &mut Vec<u8>) -> Result<(), GreetingError> {
    let begun = header.len();
    header.resize(HEAD, 0);
    stream.read_exact(&mut header[begun..]).await?;
    let rest = usize::from(u16::from_be_bytes([header[HEAD - 2], header[HEAD - 1]]));
    if rest > LONGEST_REST {
        return Err(GreetingError::Malformed);
    }
    header.resize(HEAD + rest, 0);
    stream.read_exact(&mut header[HEAD..]).await?;
    Ok(())
}

async fn line(stream: &mut TcpStream, header: &mut Vec<u8>) -> Result<(), GreetingError> {
    while !header.ends_with(b"\n") {
        let mut ahead = [0; LONGEST_LINE];
        let ahead = &mut ahead[header.len()..];
        if ahead.is_empty() {
            return Err(GreetingError::Malformed);
        }
        let seen = stream.peek(ahead).await?;
        if seen == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let end = ahead[..seen].iter().position(|byte| *byte == b'\n');
        let ours = &mut ahead[..end.map_or(seen, |end| end + 1)];
        stream.read_exact(ours).await?;
        header.extend_from_slice(ours);
    }
    Ok(())
}

/// Whom a header passes on that was sent like this, to the byte; nobody where the proxy
/// speaks for itself.
///
/// # Errors
/// Where it is no header, or more than one.
pub fn parse(header: &[u8]) -> Result<Option<IpAddr>, GreetingError> {
    let config = ParseConfig {
        include_tlvs: false,
        ..ParseConfig::default()
    };
    let parsed = ProxyHeader::parse(header, config);
    let (parsed, length) = parsed.map_err(|_| GreetingError::Malformed)?;
    match parsed.proxied_address() {
        _ if length != header.len() => Err(GreetingError::Malformed),
        None => Ok(None),
        Some(address) if address.protocol == Protocol::Stream => Ok(Some(address.source.ip())),
        Some(_) => Err(GreetingError::Malformed),
    }
}

#[cfg(test)]
mod tests;
