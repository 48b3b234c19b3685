//! `drain`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jackfield_tests::{ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, TestHost, add_on_sid, sign};

use super::{done, host, ordered, status};

/// A request that the host has begun to serve, and that lacks its body.
fn begun(host: &TestHost, body: &str) -> BufReader<TcpStream> {
    let form = [("phone".to_owned(), NUMBER.to_owned())];
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}/lookups"), &form);
    let head = format!(
        "POST /lookups HTTP/1.1\r\nhost: addons.example.com\r\n\
         x-twilio-vendoraccountsid: {ACCOUNT}\r\nx-twilio-addonsid: {}\r\n\
         x-twilio-signature: {signature}\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        add_on_sid('a'),
        body.len()
    );
    let stream = TcpStream::connect(host.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
    stream
}

#[test]
fn a_drained_host_lets_what_runs_end_and_ends_with_0() {
    let mut host = host("");
    host.keep_secret(NUMBER);
    let body = format!("phone={}", NUMBER.replace('+', "%2B"));
    let mut running = begun(&host, &body);
    assert_eq!(status(&host)["draining"], false);
    assert_eq!(done(&host, &["drain"]), "the host is ending\n");
    assert_eq!(status(&host)["draining"], true);
    // Once is enough.
    done(&host, &["drain"]);
    while TcpStream::connect(host.address()).is_ok() {}
    running.get_mut().write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    running.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\"error_code\":null"), "{answer}");
    assert_eq!(host.wait(), Some(0));
    ordered(&host, "drain");
    assert!(!host.path().join(".jackfield/control/socket").exists());
}
