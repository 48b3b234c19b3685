//! A client that keeps its connection for as long as the host does, and takes nothing but
//! an answer for an answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jackfield_tests::{NUMBER, TestHost, add_on_sid};

/// Longer than a host takes to start.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Client {
    stream: BufReader<TcpStream>,
}

/// Whether an answer was the last on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Kept,
    Last,
}

/// A signed request, as it travels.
pub(super) fn request(host: &TestHost) -> Vec<u8> {
    host.twilio().lookup(&add_on_sid('a'), NUMBER).raw()
}

impl Client {
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    pub(super) fn ask(&mut self, request: &[u8]) -> io::Result<Answered> {
        self.send(request)?;
        self.answer()
    }

    pub(super) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(request)
    }

    pub(super) fn answer(&mut self) -> io::Result<Answered> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(io::Error::other(format!("it ended after `{head}`")));
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "));
        let length = length.and_then(|length| length.parse().ok());
        let mut body = vec![0; length.ok_or_else(|| io::Error::other("no length"))?];
        self.stream.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        if !head.starts_with("http/1.1 200") || !body.contains("\"error_code\":null") {
            return Err(io::Error::other(format!("answered `{head}{body}`")));
        }
        Ok(match head.contains("connection: close") {
            true => Answered::Last,
            false => Answered::Kept,
        })
    }

    /// Whether the host has closed the connection in peace, with nothing more said.
    pub(super) fn is_over(&mut self) -> bool {
        matches!(self.stream.read(&mut [0]), Ok(0))
    }
}
