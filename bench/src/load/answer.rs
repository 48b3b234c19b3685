//! One answer of a server, as it stands in what was read.

use std::borrow::Cow;

/// The most headers that an answer may have.
const MOST_HEADERS: usize = 32;

/// An answer that is there as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    /// The status.
    pub(super) status: u16,
    /// The body, put together where it came in chunks.
    pub(super) body: Cow<'a, [u8]>,
    /// The bytes that it takes of what was read.
    pub(super) length: usize,
}

/// What was read is no answer in HTTP/1.1, or one of no known length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

enum Framing {
    Length(usize),
    Chunked,
}

/// Finds an answer at the beginning of what was read; `None` while it is not whole.
pub(super) fn parse(read: &[u8]) -> Result<Option<Answer<'_>>, Malformed> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(read).map_err(|_| Malformed)?;
    let httparse::Status::Complete(head) = parsed else {
        return Ok(None);
    };
    let status = response.code.ok_or(Malformed)?;
    let rest = &read[head..];
    let body = match framing(response.headers)? {
        Framing::Length(length) => rest.get(..length).map(|body| (Cow::Borrowed(body), length)),
        Framing::Chunked => unchunk(rest)?.map(|(body, length)| (Cow::Owned(body), length)),
    };
    Ok(body.map(|(body, length)| Answer {
        status,
        body,
        length: head + length,
    }))
}

fn framing(headers: &[httparse::Header<'_>]) -> Result<Framing, Malformed> {
    for header in headers {
        if header.name.eq_ignore_ascii_case("content-length") {
            let length = std::str::from_utf8(header.value).ok();
            let length = length.and_then(|text| text.trim().parse().ok());
            return length.map(Framing::Length).ok_or(Malformed);
        }
        let transfer = header.name.eq_ignore_ascii_case("transfer-encoding");
        if transfer && header.value.eq_ignore_ascii_case(b"chunked") {
            return Ok(Framing::Chunked);
        }
    }
    Err(Malformed)
}

/// The body that chunks make up, and how many bytes they took.
fn unchunk(read: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let parsed = httparse::parse_chunk_size(&read[at..]).map_err(|_| Malformed)?;
        let httparse::Status::Complete((head, size)) = parsed else {
            return Ok(None);
        };
        let size = usize::try_from(size).map_err(|_| Malformed)?;
        let start = at + head;
        let Some(chunk) = read.get(start..start + size + 2) else {
            return Ok(None);
        };
        let data = chunk.strip_suffix(b"\r\n").ok_or(Malformed)?;
        body.extend_from_slice(data);
        at = start + size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const CHUNKED: &[u8] =
        b"HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\nay!\r\n0\r\n\r\n";

    fn body_of(read: &[u8]) -> (u16, Vec<u8>, usize) {
        let answer = parse(read).unwrap().unwrap();
        (answer.status, answer.body.into_owned(), answer.length)
    }

    #[test]
    fn a_body_is_as_long_as_announced() {
        let two = [PLAIN, PLAIN].concat();
        assert_eq!(body_of(&two), (200, b"ok".to_vec(), PLAIN.len()));
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        assert_eq!(body_of(CHUNKED), (403, b"okay!".to_vec(), CHUNKED.len()));
    }

    #[test]
    fn an_answer_is_none_until_its_last_byte() {
        for whole in [PLAIN, CHUNKED] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole[..end]), Ok(None), "{end}");
            }
        }
    }

    #[test]
    fn what_has_no_length_or_is_no_http_is_refused() {
        let raw: [&[u8]; 4] = [
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nok\r\n",
            b"SSH-2.0\r\n\r\n",
        ];
        for raw in raw {
            assert_eq!(
                parse(raw),
                Err(Malformed),
                "{}",
                String::from_utf8_lossy(raw)
            );
        }
    }
}
