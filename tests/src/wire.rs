//! An HTTP/1.1 answer, read from a connection whose other direction may still be in use.

use std::io::{self, ErrorKind};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::twilio::Answer;

/// The longest head that the host sends, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// How many headers it has at most.
const MOST_HEADERS: usize = 64;

/// Reads one answer; those of the 100 range before it are passed over.
///
/// # Errors
/// Where the connection ends before the answer does, or where it is none.
pub(crate) async fn answer(connection: &mut (impl AsyncRead + Unpin)) -> io::Result<Answer> {
    let mut read = BytesMut::new();
    loop {
        let (status, headers) = head(connection, &mut read).await?;
        if !status.is_informational() {
            let body = body(connection, &mut read, &headers).await?;
            return Ok(Answer {
                status,
                headers,
                body,
            });
        }
    }
}

/// Reads a head, and takes it off what was read.
async fn head(
    connection: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
) -> io::Result<(StatusCode, HeaderMap)> {
    loop {
        if let Some((length, status, headers)) = parse(read)? {
            drop(read.split_to(length));
            return Ok((status, headers));
        }
        if read.len() > LONGEST_HEAD {
            return Err(malformed("an endless head"));
        }
        more(connection, read).await?;
    }
}

fn parse(read: &[u8]) -> io::Result<Option<(usize, StatusCode, HeaderMap)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(read).map_err(malformed)? else {
        return Ok(None);
    };
    let status = StatusCode::from_u16(response.code.unwrap_or_default()).map_err(malformed)?;
    let mut map = HeaderMap::new();
    for header in response.headers {
        let name: HeaderName = header.name.parse().map_err(malformed)?;
        map.append(
            name,
            HeaderValue::from_bytes(header.value).map_err(malformed)?,
        );
    }
    Ok(Some((length, status, map)))
}

/// Reads a body of a length that is announced, which the host's answers all are.
async fn body(
    connection: &mut (impl AsyncRead + Unpin),
    read: &mut BytesMut,
    headers: &HeaderMap,
) -> io::Result<Bytes> {
    let length = headers
        .get("content-length")
        .and_then(|it| it.to_str().ok());
    let length: usize = match length.map(str::parse) {
        Some(Ok(length)) => length,
        Some(Err(error)) => return Err(malformed(error)),
        None => return Err(malformed("a body of no length")),
    };
    while read.len() < length {
        more(connection, read).await?;
    }
    Ok(read.split_to(length).freeze())
}

async fn more(connection: &mut (impl AsyncRead + Unpin), read: &mut BytesMut) -> io::Result<()> {
    match connection.read_buf(read).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

fn malformed(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_past_those_that_only_announce_it() {
        let mut raw = &b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nokrest"[..];
        let answer = answer(&mut raw).await.unwrap();
        assert_eq!(answer.status, 202);
        assert_eq!(answer.headers["content-length"], "2");
        assert_eq!(answer.text(), "ok");
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_none() {
        for raw in [
            "",
            "HTTP/1.1 2",
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\n\r\nok",
            "SSH-2.0\r\n\r\n",
        ] {
            assert!(answer(&mut raw.as_bytes()).await.is_err(), "{raw}");
        }
    }
}
