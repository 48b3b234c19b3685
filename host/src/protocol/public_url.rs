//! The URL under which Twilio calls this host, which is what its signatures cover,
//! whatever proxies stand between.

use std::fmt;

/// A URL in the pieces that a signature check varies: its port may be written or not.
///
/// Nothing is normalised: case, escapes, dots and slashes stay as they are, because
/// Twilio signed the bytes it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UrlParts<'a> {
    /// Scheme, credentials and host, as in `https://addons.example.com`.
    pub origin: &'a str,
    /// The port, where it is written.
    pub port: Option<&'a str>,
    /// Path and query.
    pub rest: &'a str,
}

/// Why a text is no absolute URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no `http://` or `https://` in front.
    #[error("expected a URL that starts with `https://` or `http://`")]
    Scheme,
    /// There is nothing between scheme and path.
    #[error("expected a host after the scheme")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("expected a port from 1 to 65535")]
    Port,
    /// A public URL carries no user or password: Twilio removes them before it signs.
    #[error("expected no user or password: Twilio removes them before it signs")]
    Credentials,
    /// A public URL has neither query nor fragment.
    #[error("expected no query and no fragment")]
    Query,
    /// A character that no URL has.
    #[error("expected visible ASCII characters, with others percent-encoded")]
    Character,
}

impl<'a> UrlParts<'a> {
    /// Splits an absolute URL. A fragment is dropped: it is never sent, nor signed.
    ///
    /// # Errors
    /// Where scheme, host or port are missing or malformed.
    pub fn parse(url: &'a str) -> Result<Self, UrlError> {
        let url = url.split('#').next().unwrap_or_default();
        let scheme = url.find("://").ok_or(UrlError::Scheme)?;
        if !["http", "https"].contains(&url[..scheme].to_ascii_lowercase().as_str()) {
            return Err(UrlError::Scheme);
        }
        let start = scheme + "://".len();
        let end = url[start..]
            .find(['/', '?'])
            .map_or(url.len(), |at| start + at);
        let host_at = url[start..end]
            .rfind('@')
            .map_or(start, |at| start + at + 1);
        let (host_end, port) = split_port(&url[host_at..end])?;
        if host_end == 0 {
            return Err(UrlError::Host);
        }
        Ok(Self {
            origin: &url[..host_at + host_end],
            port,
            rest: &url[end..],
        })
    }

    /// The port that the scheme implies. The official libraries use 443 for `https`
    /// and 80 for everything else.
    #[must_use]
    pub fn default_port(&self) -> &'static str {
        match self.origin.split_once(':') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => "443",
            _ => "80",
        }
    }
}

/// Where the host ends, and the port behind it. Colons inside `[…]` are an IPv6 address.
fn split_port(authority: &str) -> Result<(usize, Option<&str>), UrlError> {
    let after_ipv6 = authority.rfind(']').unwrap_or(0);
    match authority[after_ipv6..].find(':') {
        None => Ok((authority.len(), None)),
        Some(at) => {
            let colon = after_ipv6 + at;
            let port = &authority[colon + 1..];
            match port.parse::<u16>() {
                Ok(number) if number > 0 && port.bytes().all(|b| b.is_ascii_digit()) => {
                    Ok((colon, Some(port)))
                }
                _ => Err(UrlError::Port),
            }
        }
    }
}

/// The configured base of every signed URL: scheme, host, optional port, and optional
/// path that a proxy removes before the request arrives here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicUrl {
    origin: String,
    port: Option<String>,
    prefix: String,
}

impl PublicUrl {
    /// Parses the base.
    ///
    /// # Errors
    /// Where it is no absolute `http` or `https` URL, or has what a base cannot have.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Character);
        }
        if url.contains(['?', '#']) {
            return Err(UrlError::Query);
        }
        let parts = UrlParts::parse(url)?;
        if parts.origin.contains('@') {
            return Err(UrlError::Credentials);
        }
        Ok(Self {
            origin: parts.origin.to_owned(),
            port: parts.port.map(str::to_owned),
            prefix: parts.rest.trim_end_matches('/').to_owned(),
        })
    }

    /// Scheme and host.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The port, where the URL writes it.
    #[must_use]
    pub fn port(&self) -> Option<&str> {
        self.port.as_deref()
    }

    /// The path in front of every target, without a slash at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The host alone, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether a `Host` header names this URL, with or without a port.
    #[must_use]
    pub fn answers_to(&self, host_header: &str) -> bool {
        let parts = format!("http://{host_header}");
        UrlParts::parse(&parts).is_ok_and(|parts| {
            let named = parts.origin.trim_start_matches("http://");
            let ours = self.origin.split_once("://").map_or("", |(_, host)| host);
            named.eq_ignore_ascii_case(ours)
                && (parts.port.is_none() || self.port.is_none() || parts.port == self.port())
        })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)?;
        if let Some(port) = &self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_url_is_split_without_changing_a_byte() {
        for (url, origin, port, rest) in [
            ("https://a.example", "https://a.example", None, ""),
            (
                "https://a.example:8443/x",
                "https://a.example",
                Some("8443"),
                "/x",
            ),
            (
                "HTTPS://A.Example/x?y=%7e#z",
                "HTTPS://A.Example",
                None,
                "/x?y=%7e",
            ),
            (
                "http://u:p@a.example:80?q",
                "http://u:p@a.example",
                Some("80"),
                "?q",
            ),
            ("http://[::1]:8080/", "http://[::1]", Some("8080"), "/"),
            ("http://[::1]/a:b", "http://[::1]", None, "/a:b"),
        ] {
            let expected = UrlParts { origin, port, rest };
            assert_eq!(UrlParts::parse(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn a_public_url_is_only_a_base() {
        for (url, error) in [
            ("addons.example.com", UrlError::Scheme),
            ("ftp://a.example", UrlError::Scheme),
            ("https://", UrlError::Host),
            ("https://:443", UrlError::Host),
            ("https://a.example:0", UrlError::Port),
            ("https://a.example:99999", UrlError::Port),
            ("https://a.example:+1", UrlError::Port),
            ("https://u:p@a.example", UrlError::Credentials),
            ("https://a.example/?x=1", UrlError::Query),
            ("https://a.example/é", UrlError::Character),
        ] {
            assert_eq!(PublicUrl::parse(url), Err(error), "{url}");
        }
        let url = PublicUrl::parse("https://a.example:8443/twilio/").unwrap();
        assert_eq!(url.to_string(), "https://a.example:8443/twilio");
    }

    #[test]
    fn a_host_header_chooses_its_url() {
        let url = PublicUrl::parse("https://a.example").unwrap();
        assert!(url.answers_to("A.example"));
        assert!(url.answers_to("a.example:443"));
        assert!(!url.answers_to("b.example"));
        assert!(!url.answers_to("a.example.evil.example"));
    }

    proptest! {
        #[test]
        fn splitting_never_panics_and_loses_nothing(url in ".{0,60}") {
            if let Ok(parts) = UrlParts::parse(&url) {
                let port = parts.port.map(|port| format!(":{port}")).unwrap_or_default();
                let whole = format!("{}{port}{}", parts.origin, parts.rest);
                prop_assert_eq!(Some(whole.as_str()), url.split('#').next());
            }
        }
    }
}
