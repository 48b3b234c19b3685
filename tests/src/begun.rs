//! A request of which the host has the head, and waits for the body: it runs for as long as
//! a test wants it to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::{ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, TestHost, sign};

/// How long the host may take to say anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A lookup that has begun.
pub struct Begun {
    stream: BufReader<TcpStream>,
    body: String,
}

impl Begun {
    /// Sends the head to an add-on, and waits until the host asks for the body.
    ///
    /// # Panics
    /// Where it does not.
    #[must_use]
    pub fn open(host: &TestHost, add_on: &str) -> Self {
        host.keep_secret(NUMBER);
        let body = format!("phone={}", NUMBER.replace('+', "%2B"));
        let form = [("phone".to_owned(), NUMBER.to_owned())];
        let signature = sign(TOKEN, &format!("{PUBLIC_URL}/lookups"), &form);
        let head = format!(
            "POST /lookups HTTP/1.1\r\nhost: addons.example.com\r\n\
             x-twilio-vendoraccountsid: {ACCOUNT}\r\nx-twilio-addonsid: {add_on}\r\n\
             x-twilio-signature: {signature}\r\nexpect: 100-continue\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(host.address()).expect("the host listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has a time limit");
        let mut stream = BufReader::new(stream);
        stream
            .get_mut()
            .write_all(head.as_bytes())
            .expect("the head is sent");
        let mut line = String::new();
        stream.read_line(&mut line).expect("the host answers");
        assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
        Self { stream, body }
    }

    /// Sends the body, and returns all that comes until the host closes the connection.
    ///
    /// # Errors
    /// Where it is closed before.
    pub fn end(mut self) -> io::Result<String> {
        self.stream.get_mut().write_all(self.body.as_bytes())?;
        self.rest()
    }

    /// What the host says until it closes the connection, with no body sent.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub fn rest(&mut self) -> io::Result<String> {
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
