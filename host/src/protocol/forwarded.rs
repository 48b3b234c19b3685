//! What proxies say of whom they pass on: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//! Both are lists, to whose end each proxy adds whom it heard from itself. So they are read
//! from the end: what the last proxy wrote comes first, and whatever a client wrote before
//! it, an open quote too, does not change how that is read.

use std::iter;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

/// The header that proxies write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`: addresses.
    XForwardedFor,
    /// `Forwarded`: parameters, of which `for` is read.
    Forwarded,
}

impl ForwardedHeader {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::XForwardedFor, Self::Forwarded];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// Whom the proxies heard from, the last proxy's first; nothing in the place of whoever
    /// is not told, or cannot be read. IPv4 within IPv6 is told as IPv4.
    pub fn hops(self, headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
        let lines = headers.get_all(HeaderName::from_static(self.name()));
        let lines = lines.iter().rev().map(|line| line.as_bytes());
        let elements = lines.flat_map(move |line| parts(line, b',', self.quotes()));
        let elements = elements.filter(|element| !element.trim_ascii().is_empty());
        elements.map(move |element| self.address(element))
    }

    /// Whether commas between quotes are none.
    fn quotes(self) -> bool {
        self == Self::Forwarded
    }

    fn address(self, element: &[u8]) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => address(element),
            Self::Forwarded => address(unquoted(node(element)?)),
        }
    }
}

/// The value of the one parameter `for`.
fn node(element: &[u8]) -> Option<&[u8]> {
    let mut nodes = parts(element, b';', true).filter_map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (&parameter[..equals], &parameter[equals + 1..]);
        let is_ours = name.trim_ascii().eq_ignore_ascii_case(b"for");
        is_ours.then_some(value)
    });
    let node = nodes.next()?;
    nodes.next().is_none().then_some(node)
}

fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    inner.unwrap_or(value)
}

/// An address, with a port or without.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let with_port = || text.parse().ok().map(|it: SocketAddr| it.ip());
    let bracketed = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok().map(|it: Ipv6Addr| it.into())
    };
    let address: Option<IpAddr> = text.parse().ok();
    let address = address.or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// The parts between separators, the last one first.
fn parts(text: &[u8], separator: u8, quotes: bool) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest?;
        match last(text, separator, quotes) {
            Some(at) => {
                rest = Some(&text[..at]);
                Some(&text[at + 1..])
            }
            None => rest.take(),
        }
    })
}

/// Where the last separator is that no quotes enclose, of those that are closed.
fn last(text: &[u8], separator: u8, quotes: bool) -> Option<usize> {
    let mut enclosed = false;
    for at in (0..text.len()).rev() {
        match text[at] {
            b'"' if quotes && !(enclosed && is_escaped(text, at)) => enclosed = !enclosed,
            byte if byte == separator && !enclosed => return Some(at),
            _ => {}
        }
    }
    None
}

fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests;
