//! One connection that is kept, and one request that is sent over it again and again: a
//! client that costs the machine next to nothing beside the host that it measures.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::twilio::Signed;

/// How long an answer may take before the host counts as gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that repeats one signed request.
pub struct Line<S = TcpStream> {
    stream: BufReader<S>,
    request: Vec<u8>,
    last: bool,
}

/// Connects to a host, for a client that waits for what it says, though not for ever.
///
/// # Errors
/// Where the host does not accept it.
pub fn dial(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

impl Line {
    /// Connects, and sends nothing yet.
    ///
    /// # Errors
    /// Where the host does not accept it.
    pub fn open(request: Signed) -> io::Result<Self> {
        Ok(Self::over(dial(request.address())?, request))
    }
}

impl<S: Read + Write> Line<S> {
    /// Takes a connection that is made already.
    #[must_use]
    pub fn over(stream: S, request: Signed) -> Self {
        Self {
            stream: BufReader::new(stream),
            request: request.raw(),
            last: false,
        }
    }

    /// Sends the request once more, and returns the answer's body.
    ///
    /// # Errors
    /// Where the host closes the connection, or answers with anything but status 200 and
    /// a body of a known length.
    pub fn call(&mut self) -> io::Result<Vec<u8>> {
        self.stream.get_mut().write_all(&self.request)?;
        self.answer()
    }

    /// Sends another request in its place, and returns the answer's body.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_with(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.get_mut().write_all(request)?;
        self.answer()
    }

    /// Sends a request of any kind in its place, and returns the answer's body.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn ask(&mut self, request: Signed) -> io::Result<Vec<u8>> {
        self.call_with(&request.raw())
    }

    /// Whether the last answer said that the connection ends with it.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// Waits for the connection's end, and returns whether it ended in peace, with nothing
    /// more said.
    pub fn is_over(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0))
    }

    fn answer(&mut self) -> io::Result<Vec<u8>> {
        let mut body = vec![0; self.head()?];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// Reads an answer's head, and returns the length of its body.
    fn head(&mut self) -> io::Result<usize> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200") {
            return Err(io::Error::other(format!("the host answered `{line}`")));
        }
        let mut length = None;
        while !line.trim_end().is_empty() {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
            self.last |= name.eq_ignore_ascii_case("connection") && value.trim() == "close";
        }
        length.ok_or_else(|| io::Error::other("an answer without a length"))
    }
}
