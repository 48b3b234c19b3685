//! One kept connection: at most one request at a time is on its way over it.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::answer::{self, Answer};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 128 * 1024;

/// A connection.
pub(super) struct Line {
    stream: TcpStream,
    read: Vec<u8>,
    filled: usize,
    /// What of a request has not been taken by the system yet.
    unsent: Vec<u8>,
    /// The request under way.
    sent: Option<Sent>,
}

/// A request under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// Its place in the pool.
    pub(super) place: usize,
    /// The moment from which it is measured.
    pub(super) since: Instant,
}

impl Line {
    /// Connects, and has readiness reported under a token.
    pub(super) fn open(address: SocketAddr, registry: &Registry, token: Token) -> io::Result<Self> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream,
            read: vec![0; LONGEST],
            filled: 0,
            unsent: Vec::new(),
            sent: None,
        })
    }

    /// Sends a request.
    pub(super) fn send(&mut self, request: &[u8], sent: Sent) -> io::Result<()> {
        self.sent = Some(sent);
        let taken = self.write(request)?;
        self.unsent.extend_from_slice(&request[taken..]);
        Ok(())
    }

    /// Sends what could not be sent before.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let unsent = std::mem::take(&mut self.unsent);
        let taken = self.write(&unsent)?;
        self.unsent.extend_from_slice(&unsent[taken..]);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            other => other,
        }
    }

    /// Reads what has come. Where that makes an answer whole, it is looked at beside its
    /// request, and the moment from which that is measured is returned.
    pub(super) fn receive(
        &mut self,
        look: impl FnOnce(Sent, &Answer<'_>),
    ) -> io::Result<Option<Instant>> {
        match self.stream.read(&mut self.read[self.filled..]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => self.filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error),
        }
        let parsed = answer::parse(&self.read[..self.filled]);
        let parsed = parsed.map_err(|_| malformed("no HTTP, or of no known length"))?;
        let Some(answer) = parsed else {
            return Ok(None);
        };
        let sent = self.sent.take();
        let sent = sent.filter(|_| answer.length == self.filled);
        let sent = sent.ok_or_else(|| malformed("not one answer to one request"))?;
        look(sent, &answer);
        self.filled = 0;
        Ok(Some(sent.since))
    }
}

fn malformed(reason: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}
