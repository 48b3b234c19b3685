use http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn headers(name: &'static str, lines: &[&str]) -> HeaderMap {
    let lines = lines.iter().map(|line| {
        let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        (HeaderName::from_static(name), line)
    });
    let mut headers = HeaderMap::new();
    for (name, line) in lines {
        headers.append(name, line);
    }
    headers
}

/// What is read, with `?` for whoever is not told.
fn read(header: ForwardedHeader, lines: &[&str]) -> String {
    let headers = headers(header.name(), lines);
    let hops = header.hops(&headers);
    let hops: Vec<String> = hops
        .map(|hop| hop.map_or("?".to_owned(), |it| it.to_string()))
        .collect();
    hops.join(" ")
}

#[test]
fn x_forwarded_for_is_read_from_its_end() {
    for (lines, expected) in [
        (&["192.0.2.1"][..], "192.0.2.1"),
        (&["192.0.2.1, 198.51.100.2"], "198.51.100.2 192.0.2.1"),
        (&["192.0.2.1", "198.51.100.2"], "198.51.100.2 192.0.2.1"),
        (
            &["192.0.2.1,198.51.100.2", "::1"],
            "::1 198.51.100.2 192.0.2.1",
        ),
        (&["192.0.2.1:4711"], "192.0.2.1"),
        (&["[2001:db8::1]:4711"], "2001:db8::1"),
        (&["[2001:db8::1]"], "2001:db8::1"),
        (&["2001:db8::1"], "2001:db8::1"),
        (&["::ffff:192.0.2.1"], "192.0.2.1"),
        (&["  192.0.2.1\t"], "192.0.2.1"),
        (&["192.0.2.1, ,"], "192.0.2.1"),
        (&[""], ""),
        (&[], ""),
        (&["unknown"], "?"),
        (&["192.0.2.1, unknown"], "? 192.0.2.1"),
        (&["192.0.2.1 198.51.100.2"], "?"),
        (&["192.0.2"], "?"),
        (&["0300.0.2.1"], "?"),
        (&["192.0.2.1:99999"], "?"),
        (&["fe80::1%eth0"], "?"),
        (&["\"192.0.2.1\""], "?"),
        // A quote is nothing here: it hides no comma.
        (&["\"x, 192.0.2.1"], "192.0.2.1 ?"),
        (&["for=192.0.2.1"], "?"),
    ] {
        let found = read(ForwardedHeader::XForwardedFor, lines);
        assert_eq!(found, expected, "{lines:?}");
    }
}

#[test]
fn forwarded_is_read_from_its_end() {
    for (lines, expected) in [
        (&["for=192.0.2.1"][..], "192.0.2.1"),
        (&["For=192.0.2.1;proto=https;by=203.0.113.4"], "192.0.2.1"),
        (&["proto=https; for = \"192.0.2.1:47\" "], "192.0.2.1"),
        (&["for=\"[2001:db8::1]:4711\""], "2001:db8::1"),
        (&["for=\"[2001:db8::1]\""], "2001:db8::1"),
        (
            &["for=192.0.2.1, for=198.51.100.2"],
            "198.51.100.2 192.0.2.1",
        ),
        (
            &["for=192.0.2.1", "for=198.51.100.2"],
            "198.51.100.2 192.0.2.1",
        ),
        (&["for=unknown"], "?"),
        (&["for=_hidden, for=\"_SEVKISEK\""], "? ?"),
        (&["proto=https"], "?"),
        (&["for"], "?"),
        (&["192.0.2.1"], "?"),
        (&["for=192.0.2.1;for=198.51.100.2"], "?"),
        (&["xfor=192.0.2.1"], "?"),
        (&["for=\"192.0.2\\.1\""], "?"),
        (&["for=\"192.0.2.1"], "?"),
        // Commas and semicolons between quotes are none.
        (
            &["for=192.0.2.1;host=\"a,for=198.51.100.2;b\""],
            "192.0.2.1",
        ),
        (
            &["for=192.0.2.1;host=\"a\\\",for=198.51.100.2;b=\\\"\""],
            "192.0.2.1",
        ),
        (&["host=\"a\\\\\",for=192.0.2.1;host=\"b\""], "192.0.2.1 ?"),
        // A client's open quote swallows nothing of what a proxy adds.
        (&["for=\"x, for=192.0.2.1"], "192.0.2.1 ?"),
        (&["for=\"x", "for=192.0.2.1"], "192.0.2.1 ?"),
        (&["for=\"x\\, for=\"192.0.2.1:80\""], "192.0.2.1 ?"),
    ] {
        let found = read(ForwardedHeader::Forwarded, lines);
        assert_eq!(found, expected, "{lines:?}");
    }
}

proptest! {
    /// Whatever a client writes, what a proxy adds to it is read first and unchanged.
    #[test]
    fn nothing_before_it_changes_what_a_proxy_added(
        before in "[ -~]{0,60}",
        address in any::<IpAddr>(),
        port in proptest::option::of(any::<u16>()),
        in_one_line in any::<bool>(),
    ) {
        let address = address.to_canonical();
        let written = match port {
            Some(port) => SocketAddr::new(address, port).to_string(),
            None if address.is_ipv6() => format!("[{address}]"),
            None => address.to_string(),
        };
        for (header, added) in [
            (ForwardedHeader::XForwardedFor, written.clone()),
            (ForwardedHeader::Forwarded, format!("for=\"{written}\";proto=https")),
        ] {
            let joined = format!("{before}, {added}");
            let lines = match in_one_line {
                true => vec![joined.as_str()],
                false => vec![before.as_str(), added.as_str()],
            };
            let headers = headers(header.name(), &lines);
            prop_assert_eq!(header.hops(&headers).next(), Some(Some(address)), "{:?}", lines);
        }
    }

    #[test]
    fn anything_is_read_to_its_end(text in "[,;=\"\\\\for:.\\[\\]0-9a-f ]{0,80}") {
        for header in ForwardedHeader::ALL {
            let headers = headers(header.name(), &[&text]);
            prop_assert!(header.hops(&headers).count() <= text.len());
        }
    }
}
