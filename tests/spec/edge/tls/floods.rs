//! HTTP/2, switched on: who floods loses the connection, and is told so.

use std::io::{Read, Write};

use jackfield_tests::{Secure, dial, http2, secure};

use super::*;
use crate::operators::count_of;

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

/// A head that never ends, in frames of this many bytes.
fn endless_head(length: usize) -> Vec<Vec<u8>> {
    let more = (0..4_000).map(|_| http2::more_headers(1, length));
    std::iter::once(http2::open_request(1))
        .chain(more)
        .collect()
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

#[tokio::test]
async fn whoever_loses_connections_for_what_it_sends_is_held_off() {
    let authority = Authority::new();
    let builder = with_tls(&["it"], ", http2 = true")
        .server("rates = { unverified = \"3/h\" }")
        .toml("[operators]\nlisten = \"127.0.0.1:0\"\n");
    let _ = authority.issue(builder.path(), "it", &[NAME]);
    let host = builder.start();
    for _ in 0..5 {
        until_the_end(connection(&host, &authority), &endless_head(1_000));
    }
    // It is noted when the connection is over, a moment after its end is told.
    let noted = async || count_of(&host, "jackfield_addresses_held_off").await == 1;
    host.until("the address is held off", noted).await;
    let stream = connect(&host, authority.client(ALL_VERSIONS), NAME).await;
    assert_eq!(ask(&host, stream.unwrap()).await.status, 429);
}

#[test]
fn whoever_never_ends_a_head_loses_the_connection() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, ", http2 = true");
    for length in [10, 1_000, http2::LONGEST_FRAME] {
        let said = until_the_end(connection(&host, &authority), &endless_head(length));
        assert!(http2::says_goodbye(&said), "{length}: {said:?}");
    }
    assert!(!host.log().contains("answered"), "{}", host.log());
}
