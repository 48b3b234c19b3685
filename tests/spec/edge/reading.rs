//! Who asks has to read the answers.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use jackfield_tests::{TestHost, add_on_sid};

/// Far longer than the host is patient.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn whoever_does_not_read_its_answers_loses_the_connection() {
    let host = TestHost::with("echo", &add_on_sid('a'), "")
        .server("header_timeout = \"300ms\"")
        .env("JACKFIELD_LOG", "info,jackfield::handle=error")
        .start();
    let mut stream = TcpStream::connect(host.address()).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let requests = b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
    // At first the system keeps the answers, then the host does, and then it reads no
    // further.
    let broken = loop {
        if let Err(error) = stream.write_all(&requests) {
            break error;
        }
    };
    assert_ne!(
        broken.kind(),
        ErrorKind::WouldBlock,
        "the connection stays open"
    );
}
