//! Who is answered: whoever is on this machine, or knows its name and the token, and no page
//! that a browser shows.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::server::tls::Tls;

/// Where a request has come to.
#[derive(Debug, Default)]
pub(super) struct Here {
    /// The address of this machine's, where the system tells it.
    pub(super) address: Option<IpAddr>,
    /// What is spoken, if not plain text. The names of its certificates are ours.
    pub(super) tls: Option<Arc<Tls>>,
}

/// Why nobody is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// A name of somebody else's may lead here, and a browser with it.
    #[error("the Host header must name this machine, as in `localhost` or `127.0.0.1`")]
    Host,
    /// A browser asks on behalf of a page.
    #[error("requests on behalf of web pages are refused")]
    Origin,
    /// The token is missing, or another.
    #[error("the header `Authorization: Bearer …` must carry the operators' token")]
    Token,
    /// There is no such page.
    #[error("there are /healthz, /readyz, /metrics and /status")]
    Path,
    /// Nothing can be changed here.
    #[error("only GET and HEAD are answered")]
    Method,
}

impl Refused {
    /// The status and the code that go with it.
    pub(super) fn told(self) -> (StatusCode, &'static str) {
        match self {
            Self::Host => (StatusCode::FORBIDDEN, "host_not_local"),
            Self::Origin => (StatusCode::FORBIDDEN, "origin_refused"),
            Self::Token => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Path => (StatusCode::NOT_FOUND, "path_unknown"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        }
    }
}

/// Lets a request in.
///
/// # Errors
/// Where it may not be answered.
pub(super) fn admit<B>(
    request: &Request<B>,
    here: &Here,
    token: Option<&SecretString>,
) -> Result<(), Refused> {
    let of_target = request.uri().authority();
    let named = host_of(request.headers()).filter(|host| here.is_named(host));
    if named.is_none() || of_target.is_some_and(|target| !here.is_named(target)) {
        return Err(Refused::Host);
    }
    if request.headers().contains_key(ORIGIN) {
        return Err(Refused::Origin);
    }
    if token.is_some_and(|token| !carries(request.headers(), token)) {
        return Err(Refused::Token);
    }
    match *request.method() {
        Method::GET | Method::HEAD => Ok(()),
        _ => Err(Refused::Method),
    }
}

/// The one host that the header names.
fn host_of(headers: &HeaderMap) -> Option<Authority> {
    let mut all = headers.get_all(HOST).iter();
    let (host, another) = (all.next()?, all.next());
    let host = another.is_none().then_some(host)?;
    Authority::try_from(host.as_bytes()).ok()
}

impl Here {
    /// Whether a host is a name or an address that is this machine's alone. The port may be
    /// that of a tunnel's other end.
    fn is_named(&self, host: &Authority) -> bool {
        let name = host.host();
        let name = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let name = name.unwrap_or(host.host());
        let is_ours = |address: IpAddr| address.is_loopback() || Some(address) == self.address;
        let is_certified = || self.tls.as_ref().is_some_and(|tls| tls.is_for(name));
        let by_name = name.eq_ignore_ascii_case("localhost") || is_certified();
        !host.as_str().contains('@') && (by_name || name.parse().is_ok_and(is_ours))
    }
}

/// Whether the one `Authorization` is the token. It takes the same time wherever the first
/// difference is.
fn carries(headers: &HeaderMap, token: &SecretString) -> bool {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(sent), None) = (all.next(), all.next()) else {
        return false;
    };
    let sent = sent.as_bytes();
    let Some((scheme, sent)) = sent.split_at_checked("Bearer ".len()) else {
        return false;
    };
    let sent = sent.trim_ascii();
    scheme.eq_ignore_ascii_case(b"Bearer ") && sent.ct_eq(token.expose_secret().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let builder = Request::get("/healthz");
        let builder = headers
            .iter()
            .fold(builder, |it, (name, value)| it.header(*name, *value));
        builder.body(()).unwrap()
    }

    fn admitted(headers: &[(&str, &str)], token: Option<&str>) -> Result<(), Refused> {
        let token = token.map(SecretString::from);
        let here = Here {
            address: "127.0.0.1".parse().ok(),
            tls: None,
        };
        admit(&request(headers), &here, token.as_ref())
    }

    #[test]
    fn a_host_is_this_machine_by_name_or_address() {
        for (host, good) in [
            ("localhost", true),
            ("LOCALHOST:9999", true),
            ("127.0.0.1", true),
            ("127.0.0.1:8081", true),
            ("127.8.9.1", true),
            ("[::1]:8081", true),
            ("[::1]", true),
            ("", false),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("example.com", false),
            ("localhost@example.com", false),
            ("example.com@localhost", false),
            ("10.0.0.1", false),
            ("[::ffff:10.0.0.1]", false),
            ("0.0.0.0", false),
            ("2130706433", false),
            ("127.1", false),
            ("localhost, example.com", false),
        ] {
            let admitted = admitted(&[("host", host)], None);
            let expected = if good { Ok(()) } else { Err(Refused::Host) };
            assert_eq!(admitted, expected, "{host}");
        }
        assert_eq!(admitted(&[], None), Err(Refused::Host));
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(admitted(&twice, None), Err(Refused::Host));
    }

    #[test]
    fn a_target_with_a_host_of_its_own_is_held_to_the_same() {
        let request = Request::get("http://example.com/healthz").header("host", "localhost");
        let request = request.body(()).unwrap();
        assert_eq!(admit(&request, &Here::default(), None), Err(Refused::Host));
    }

    #[test]
    fn a_page_is_refused_whatever_it_is() {
        for origin in ["null", "http://localhost", "https://example.com"] {
            let headers = [("host", "localhost"), ("origin", origin)];
            assert_eq!(admitted(&headers, None), Err(Refused::Origin), "{origin}");
        }
    }

    #[test]
    fn a_token_is_compared_as_a_whole() {
        for (sent, good) in [
            ("Bearer s3cret", true),
            ("bearer s3cret", true),
            ("Bearer  s3cret ", true),
            ("Bearer s3cre", false),
            ("Bearer s3crets", false),
            ("Bearer ", false),
            ("Bearer", false),
            ("Basic s3cret", false),
            ("s3cret", false),
        ] {
            let headers = [("host", "localhost"), ("authorization", sent)];
            let admitted = admitted(&headers, Some("s3cret"));
            let expected = if good { Ok(()) } else { Err(Refused::Token) };
            assert_eq!(admitted, expected, "{sent}");
        }
        let none = [("host", "localhost")];
        assert_eq!(admitted(&none, Some("s3cret")), Err(Refused::Token));
        let good = ("authorization", "Bearer s3cret");
        let twice = [("host", "localhost"), good, good];
        assert_eq!(admitted(&twice, Some("s3cret")), Err(Refused::Token));
    }

    #[test]
    fn nothing_can_be_changed() {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let request = Request::builder()
                .method(method)
                .header("host", "localhost");
            let request = request.body(()).unwrap();
            let admitted = admit(&request, &Here::default(), None);
            assert_eq!(admitted, Err(Refused::Method), "{method}");
        }
    }
}
