//! What HTTP asks of a head where its parser is lenient: that everybody who reads the
//! request, as a proxy in front may, finds the same end of its body and the same host.
//!
//! The parser itself refuses what has no meaning at all: lengths that differ or are no
//! numbers, folded lines, spaces before a colon, broken chunks. Where a length and
//! `Transfer-Encoding` come together it goes by the latter and ends the connection with
//! the answer (RFC 9112, section 6.1), so that nothing behind it is read as a request.

use http::header::{HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Version};

/// Why two programs could read a request differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// RFC 9112, section 6.1: nobody may chunk twice, and no other coding is understood.
    #[error("`Transfer-Encoding` may be `chunked`, once, and nothing else")]
    Coding,
    /// RFC 9112, section 3.2: a request has one valid `Host`, and only HTTP/1.0 none.
    #[error("`Host` must name one host, once")]
    Host,
}

/// Refuses what others could read differently, and lets `Host` say whom the request is for:
/// where the target names a host itself, as HTTP/2 has it and HTTP/1.1 may, that one counts
/// whatever the header says (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
///
/// # Errors
/// Where the body could end elsewhere, or the host could be another.
pub fn settle<B>(request: &mut Request<B>) -> Result<(), FramingError> {
    if !is_chunked_at_most(request.headers()) {
        return Err(FramingError::Coding);
    }
    let may_lack = request.version() != Version::HTTP_11;
    if !names_one(request.headers(), may_lack) {
        return Err(FramingError::Host);
    }
    let Some(authority) = request.uri().authority() else {
        return Ok(());
    };
    let host = HeaderValue::from_str(authority.as_str()).ok();
    let host = host.filter(is_host).ok_or(FramingError::Host)?;
    request.headers_mut().insert(HOST, host);
    Ok(())
}

fn is_chunked_at_most(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

fn names_one(headers: &HeaderMap, may_lack: bool) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => may_lack,
        (Some(host), None) => is_host(host),
        (Some(_), Some(_)) => false,
    }
}

/// Whether it is made of what names, addresses and ports are made of. No list, no user and
/// no path is.
fn is_host(value: &HeaderValue) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%:[]".contains(byte);
    !value.is_empty() && value.as_bytes().iter().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(
        version: Version,
        uri: &str,
        headers: &[(&str, &str)],
    ) -> Result<String, FramingError> {
        let builder = Request::get(uri).version(version);
        let builder = headers
            .iter()
            .fold(builder, |it, (name, value)| it.header(*name, *value));
        let mut request = builder.body(()).unwrap();
        settle(&mut request)?;
        let host = request.headers().get(HOST).map(|it| it.to_str().unwrap());
        Ok(host.unwrap_or("nobody").to_owned())
    }

    /// A version, a target, headers, and the host that is settled on.
    type Row = (
        Version,
        &'static str,
        &'static [(&'static str, &'static str)],
        Result<&'static str, FramingError>,
    );

    #[test]
    fn one_host_is_named_by_the_target_or_else_by_the_header() {
        use Version as V;
        let (far, here) = ("https://a.example:8443/x", "/x");
        let no = Err(FramingError::Host);
        let rows: &[Row] = &[
            (V::HTTP_11, here, &[("host", "a.example")], Ok("a.example")),
            (V::HTTP_11, here, &[("host", "[::1]:80")], Ok("[::1]:80")),
            (V::HTTP_11, here, &[], no),
            (V::HTTP_10, here, &[], Ok("nobody")),
            (V::HTTP_11, here, &[("host", "")], no),
            (V::HTTP_11, here, &[("host", "a"), ("host", "a")], no),
            (V::HTTP_10, here, &[("host", "a"), ("host", "b")], no),
            (V::HTTP_11, here, &[("host", "a, b")], no),
            (V::HTTP_11, here, &[("host", "a@b")], no),
            (V::HTTP_11, here, &[("host", "a/b")], no),
            (
                V::HTTP_11,
                far,
                &[("host", "b.example")],
                Ok("a.example:8443"),
            ),
            (V::HTTP_11, far, &[], no),
            (V::HTTP_2, far, &[], Ok("a.example:8443")),
            (
                V::HTTP_2,
                far,
                &[("host", "b.example")],
                Ok("a.example:8443"),
            ),
            (V::HTTP_2, "http://a@b.example/", &[], no),
        ];
        for (version, uri, headers, expected) in rows {
            let found = settled(*version, uri, headers);
            let expected = expected.map(str::to_owned);
            assert_eq!(found, expected, "{version:?} {uri} {headers:?}");
        }
    }

    #[test]
    fn a_body_is_chunked_once_or_not_at_all() {
        let coded = |codings: &[&str]| {
            let headers = codings.iter().map(|it| ("transfer-encoding", *it));
            let headers: Vec<_> = headers.chain([("host", "a")]).collect();
            settled(Version::HTTP_11, "/", &headers).err()
        };
        for fine in [&[][..], &["chunked"], &["Chunked"]] {
            assert_eq!(coded(fine), None, "{fine:?}");
        }
        for bad in [
            &["gzip, chunked"][..],
            &["chunked, chunked"],
            &["chunked", "chunked"],
            &["identity", "chunked"],
            &["xchunked"],
            &[""],
        ] {
            assert_eq!(coded(bad), Some(FramingError::Coding), "{bad:?}");
        }
    }
}
