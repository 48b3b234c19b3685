//! A URL, taken apart once: what is checked here is what is connected to.
//!
//! The parser is strict where others differ. What one of them reads as a host and another
//! as a password, a path or an escape is refused, and not repaired.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::uri::PathAndQuery;

use super::error::Refused;

/// The longest URL, in bytes. Signed ones have up to two thousand.
const LONGEST_URL: usize = 8 * 1024;
/// The longest name of a host and the longest part of one, in bytes (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// How a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP in plain text.
    Http,
    /// HTTP within TLS.
    Https,
}

impl Scheme {
    /// The scheme in front of a text, which is in lower or upper case, and what follows.
    pub(super) fn split(url: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = url.split_once("://")?;
        [Self::Https, Self::Http]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(scheme))
            .map(|known| (known, rest))
    }

    /// The name, as in `https`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that is meant where none is written.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A host's name or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address that the URL writes itself.
    Address(IpAddr),
}

impl Host {
    /// Reads a host as it stands in a URL: IPv6 addresses in brackets.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(within) = text.strip_prefix('[') {
            let address: Ipv6Addr = within.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Address(address.into()));
        }
        match text.parse::<Ipv4Addr>() {
            Ok(address) => Some(Self::Address(address.into())),
            Err(_) => is_name(text).then(|| Self::Name(text.to_ascii_lowercase())),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Whether a text is a host's name and nothing else. A last part that is a number makes
/// resolvers and browsers read an address into it, as in `0x7f.1` or `2130706433`. A dot
/// at the end is one name for resolvers, and another for certificates.
fn is_name(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.starts_with("0x")
        || last.starts_with("0X");
    text.len() <= LONGEST_NAME && !is_number && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let is_of_a_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_LABEL).contains(&label.len())
        && label.bytes().all(is_of_a_label)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// What a request is sent to. Only a policy makes one, and it never shows path or query,
/// which may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    host: Host,
    port: u16,
    path: PathAndQuery,
}

impl Target {
    /// Reads a URL. Its fragment is dropped, for nobody ever sends one; everything else
    /// stays as it is, byte for byte, since it may be signed.
    pub(super) fn parse(url: &str) -> Result<Self, Refused> {
        if url.len() > LONGEST_URL {
            return Err(Refused::TooLong(LONGEST_URL));
        }
        if !url.bytes().all(is_of_a_url) {
            return Err(Refused::Character);
        }
        let (scheme, rest) = Scheme::split(url).ok_or(Refused::Scheme)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(Refused::Credentials);
        }
        let (host, port) = split_port(authority)?;
        Ok(Self {
            scheme,
            host: Host::parse(host).ok_or(Refused::Host)?,
            port: port.unwrap_or(scheme.default_port()),
            path: origin_form(path).ok_or(Refused::Character)?,
        })
    }

    /// How it is spoken to.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port, written or implied.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What is asked for there: path and query, as a request line has them.
    #[must_use]
    pub fn path(&self) -> &PathAndQuery {
        &self.path
    }

    /// Host and port, as the header `Host` has them.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.port == self.scheme.default_port() {
            true => self.host.to_string(),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Scheme, host and port: all that may be told of it.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.name(), self.authority())
    }

    /// The whole URL, for what is relative to it. It is not for people's eyes.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}/…)", self.origin())
    }
}

/// Whether RFC 3986 has a place for a byte. Brackets in a query stand in none, but are
/// sent by many and read by all in one way.
pub(super) fn is_of_a_url(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

/// Host, and port where one is written. A colon in brackets belongs to an address.
pub(super) fn split_port(authority: &str) -> Result<(&str, Option<u16>), Refused> {
    let after_brackets = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority[after_brackets..].find(':') else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_brackets + colon);
    let port = &port[1..];
    let is_plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    match port.parse() {
        Ok(port) if is_plain => Ok((host, Some(port))),
        _ => Err(Refused::Port),
    }
}

fn origin_form(path: &str) -> Option<PathAndQuery> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    PathAndQuery::try_from(format!("{slash}{path}")).ok()
}
