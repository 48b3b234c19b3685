//! HTTP/2, switched on: who floods loses the connection, and is told so.

use std::io::{Read, Write};

use jackfield_tests::{Secure, dial, http2, secure};

use super::*;

fn connection(host: &TestHost, authority: &Authority) -> Secure {
    let client = Arc::new(offering(authority));
    let mut stream = secure(dial(host.address()).unwrap(), &client, NAME).unwrap();
    stream.write_all(&http2::greeting()).unwrap();
    stream
}

fn offering(authority: &Authority) -> ClientConfig {
    let mut client = authority.client(ALL_VERSIONS);
    client.alpn_protocols = vec![b"h2".to_vec()];
    client
}

/// Says all of it, and returns what the host says until it ends the connection.
fn until_the_end(mut stream: Secure, frames: &[Vec<u8>]) -> Vec<u8> {
    // It may end before it has heard all of it.
    let _ = stream.write_all(&frames.concat());
    let mut said = Vec::new();
    loop {
        // Only read: what could not be sent any more would be in the way.
        match stream.conn.read_tls(&mut stream.sock) {
            Ok(0) => return said,
            Ok(_) => {
                stream.conn.process_new_packets().unwrap();
                // There is no more than what is there.
                let _ = stream.conn.reader().read_to_end(&mut said);
            }
            Err(error) => {
                assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "it stays open");
                return said;
            }
        }
    }
}

#[test]
fn whoever_takes_back_one_request_after_another_loses_the_connection() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ", http2 = true");
    let streams = (0..1_000).map(|number| 2 * number + 1);
    let frames = streams.flat_map(|stream| [http2::request(stream), http2::reset(stream)]);
    let said = until_the_end(connection(&host, &authority), &frames.collect::<Vec<_>>());
    assert!(http2::says_goodbye(&said), "{said:?}");
    // Most were never looked at.
    let seen = host.log().matches("not answered").count();
    assert!(seen < 500, "{seen} requests were looked at");
}

#[test]
fn whoever_never_ends_a_head_loses_the_connection() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ", http2 = true");
    for length in [10, 1_000, http2::LONGEST_FRAME] {
        let more = (0..4_000).map(|_| http2::more_headers(1, length));
        let frames = std::iter::once(http2::open_request(1)).chain(more);
        let said = until_the_end(connection(&host, &authority), &frames.collect::<Vec<_>>());
        assert!(http2::says_goodbye(&said), "{length}: {said:?}");
    }
    assert!(!host.log().contains("answered"), "{}", host.log());
}
