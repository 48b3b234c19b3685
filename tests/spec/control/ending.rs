//! `drain`.

use std::net::TcpStream;

use jackfield_tests::{Begun, add_on_sid};

use super::{done, host, ordered, status};

#[test]
fn a_drained_host_lets_what_runs_end_and_ends_with_0() {
    let mut host = host("");
    let running = Begun::open(&host, &add_on_sid('a'));
    assert_eq!(status(&host)["draining"], false);
    assert_eq!(done(&host, &["drain"]), "the host is ending\n");
    assert_eq!(status(&host)["draining"], true);
    // Once is enough.
    done(&host, &["drain"]);
    while TcpStream::connect(host.address()).is_ok() {}
    let answer = running.end().unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("\"error_code\":null"), "{answer}");
    assert_eq!(host.wait(), Some(0));
    ordered(&host, "drain");
    assert!(!host.path().join(".jackfield/control/socket").exists());
}
