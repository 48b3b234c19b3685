use proptest::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;

/// Longer than anything here takes that comes to an end.
const PATIENCE: Duration = Duration::from_secs(60);

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await;
    (client.unwrap(), listener.accept().await.unwrap().0)
}

/// Version 2 with this command, family and rest.
fn version_2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

const IPV4: &[u8] = &[192, 0, 2, 1, 10, 0, 0, 1, 0, 80, 1, 187];

/// What is read of bytes that come in such pieces, and what is left.
async fn read_of(pieces: &[&[u8]]) -> (Result<Option<IpAddr>, String>, Vec<u8>) {
    let (mut client, mut server) = pair().await;
    client.set_nodelay(true).unwrap();
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let sending = tokio::spawn(async move {
        for piece in pieces {
            client.write_all(&piece).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    let read = read(&mut server, PATIENCE).await;
    sending.await.unwrap();
    let mut rest = Vec::new();
    server.read_to_end(&mut rest).await.unwrap();
    (read.map_err(|error| error.to_string()), rest)
}

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[tokio::test]
async fn both_versions_tell_whom_they_pass_on_and_leave_the_rest() {
    let ipv6 = [
        &[0x20, 1, 0xd, 0xb8][..],
        &[0; 11],
        &[1],
        &[0; 16],
        &[0, 80, 1, 187],
    ]
    .concat();
    let longest = b"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff \
                    ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    let with_tlv = [IPV4, &[4, 0, 2, 0, 0]].concat();
    for (header, expected) in [
        (
            b"PROXY TCP4 192.0.2.1 10.0.0.1 80 443\r\n".to_vec(),
            ip("192.0.2.1"),
        ),
        (
            b"PROXY TCP6 2001:db8::1 ::1 80 443\r\n".to_vec(),
            ip("2001:db8::1"),
        ),
        (
            longest.to_vec(),
            ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), None),
        (
            b"PROXY UNKNOWN 192.0.2.1 10.0.0.1 80 443\r\n".to_vec(),
            None,
        ),
        (version_2(0x21, 0x11, IPV4), ip("192.0.2.1")),
        (version_2(0x21, 0x11, &with_tlv), ip("192.0.2.1")),
        (version_2(0x21, 0x21, &ipv6), ip("2001:db8::1")),
        (version_2(0x20, 0x00, &[]), None),
        (version_2(0x20, 0x11, IPV4), None),
        (version_2(0x21, 0x00, &[4, 0, 0]), None),
        (version_2(0x21, 0x31, &[0; 216]), None),
    ] {
        let whole = [&header, &b"GET / HTTP/1.1\r\n"[..]].concat();
        let one_by_one: Vec<&[u8]> = whole.chunks(1).collect();
        for pieces in [&[&whole[..]][..], &one_by_one] {
            let (read, rest) = read_of(pieces).await;
            assert_eq!(read, Ok(expected), "{header:?}");
            assert_eq!(rest, b"GET / HTTP/1.1\r\n", "{header:?}");
        }
    }
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let long = [&b"PROXY UNKNOWN "[..], &[b'x'; 200], b"\r\n"].concat();
    for header in [
        &b"GET /lookups HTTP/1.1\r\n\r\n"[..],
        b"PROXY  TCP4 192.0.2.1 10.0.0.1 80 443\r\n",
        b"proxy TCP4 192.0.2.1 10.0.0.1 80 443\r\n",
        b"PROXY UDP4 192.0.2.1 10.0.0.1 80 443\r\n",
        b"PROXY TCP4 192.0.2.1 10.0.0.1 80\r\n",
        b"PROXY TCP4 192.0.2.1 10.0.0.1 80 443\n",
        b"PROXY TCP4 192.0.2.1 10.0.0.1 80 99999\r\n",
        b"PROXY TCP4 2001:db8::1 ::1 80 443\r\n",
        b"PROXY TCP6 192.0.2.1 10.0.0.1 80 443\r\n",
        b"PROXY TCP4 192.0.2.01 10.0.0.1 80 443\r\n",
        b"PROXY TCP4 a.example b.example 80 443\r\n",
        b"PROXY TCP4 \r\n192.0.2.1 10.0.0.1 80 443\r\n",
        &long,
        &version_2(0x31, 0x11, IPV4),
        &version_2(0x22, 0x11, IPV4),
        &version_2(0x21, 0x12, IPV4),
        &version_2(0x21, 0x41, IPV4),
        &version_2(0x21, 0x11, &IPV4[..11]),
        &version_2(0x21, 0x21, IPV4),
        &version_2(0x21, 0x11, &[0; LONGEST_REST + 1]),
    ] {
        let (mut client, mut server) = pair().await;
        client.write_all(header).await.unwrap();
        let read = read(&mut server, PATIENCE).await;
        let is_malformed = matches!(read, Err(GreetingError::Malformed));
        assert!(
            is_malformed,
            "{:?}: {read:?}",
            String::from_utf8_lossy(header)
        );
    }
}

#[tokio::test]
async fn what_does_not_come_to_its_end_is_not_waited_for() {
    for begun in [&b""[..], b"PROXY ", b"PROXY TCP4 192.0.2.1 10.", SIGNATURE] {
        let (mut client, mut server) = pair().await;
        client.write_all(begun).await.unwrap();
        let late = read(&mut server, Duration::from_millis(20)).await;
        assert!(matches!(late, Err(GreetingError::Late)), "{begun:?}");
        let (mut client, mut server) = pair().await;
        client.write_all(begun).await.unwrap();
        drop(client);
        let broken = read(&mut server, PATIENCE).await;
        assert!(matches!(broken, Err(GreetingError::Broken(_))), "{begun:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_header_or_none(rest in prop::collection::vec(any::<u8>(), 0..300), family: u8) {
        let text = [&b"PROXY TCP4 "[..], &rest, b"\r\n"].concat();
        for header in [rest.clone(), text, version_2(0x21, family, &rest)] {
            let _ = parse(&header);
        }
    }

    #[test]
    fn any_address_is_read_as_it_was_written(source: IpAddr, port: u16) {
        let (line, family, addresses) = match source {
            IpAddr::V4(it) => (format!("TCP4 {it} {it}"), 0x11, it.octets().repeat(2)),
            IpAddr::V6(it) => (format!("TCP6 {it} {it}"), 0x21, it.octets().repeat(2)),
        };
        let line = format!("PROXY {line} {port} {port}\r\n");
        prop_assert_eq!(parse(line.as_bytes()).unwrap(), Some(source));
        let rest = [&addresses[..], &port.to_be_bytes().repeat(2)].concat();
        prop_assert_eq!(parse(&version_2(0x21, family, &rest)).unwrap(), Some(source));
    }
}
