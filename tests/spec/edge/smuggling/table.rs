//! The cases.
//!
//! `$POST` is the head of a good form but for what ends its body, `$HEAD` the same without
//! its first line, `$IDENTITY` without its host as well; `$BODY` is `$LENGTH` bytes, `$HEX`
//! in hexadecimal, and `$CHUNKS` is the same body in one chunk.

/// One case.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) outcome: Outcome,
}

/// What has to come of it.
pub(super) enum Outcome {
    /// It is refused, and the connection ends: the follower is not answered.
    Refused,
    /// It is answered with this status, and then the follower, each for itself.
    Whole(u16),
    /// It is answered with this status, and the connection ends.
    Last(u16),
    /// The connection ends without a word.
    Cut,
}

use Outcome::{Cut, Last, Refused, Whole};

const fn case(name: &'static str, outcome: Outcome, text: &'static str) -> Case {
    Case {
        name,
        text,
        outcome,
    }
}

pub(super) const CASES: &[Case] = &[
    // Nothing odd: what the others are measured by.
    case(
        "a length",
        Whole(200),
        "$POSTcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "chunks",
        Whole(200),
        "$POSTtransfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    // Two ways to end a body (RFC 9112, section 6.3).
    case(
        "a length, then chunks",
        Last(200),
        "$POSTcontent-length: $LENGTH\r\ntransfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "chunks, then a length",
        Last(200),
        "$POSTtransfer-encoding: chunked\r\ncontent-length: $LENGTH\r\n\r\n$CHUNKS",
    ),
    case(
        "chunks, then a length that is none",
        Last(200),
        "$POSTtransfer-encoding: chunked\r\ncontent-length: many\r\n\r\n$CHUNKS",
    ),
    case(
        "a length and chunks of nothing",
        Last(403),
        "$POSTcontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    // Codings (section 6.1).
    case(
        "chunks, said twice",
        Refused,
        "$POSTtransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "chunks, said twice in a list",
        Refused,
        "$POSTtransfer-encoding: chunked, chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "chunks of gzip",
        Refused,
        "$POSTtransfer-encoding: gzip, chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "identity, then chunks",
        Refused,
        "$POSTtransfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "chunks, then identity",
        Refused,
        "$POSTtransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding that is no chunking",
        Refused,
        "$POSTtransfer-encoding: xchunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding that is no chunking, and a length",
        Refused,
        "$POSTcontent-length: $LENGTH\r\ntransfer-encoding: xchunked\r\n\r\n$BODY",
    ),
    case(
        "a quoted coding",
        Refused,
        "$POSTtransfer-encoding: \"chunked\"\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding with a parameter",
        Refused,
        "$POSTtransfer-encoding: chunked;a=b\r\n\r\n$CHUNKS",
    ),
    case(
        "an empty coding",
        Refused,
        "$POSTtransfer-encoding:\r\n\r\n$CHUNKS",
    ),
    case(
        "an empty coding in front of chunks",
        Refused,
        "$POSTtransfer-encoding: , chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding behind a vertical tab",
        Refused,
        "$POSTtransfer-encoding: \u{b}chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding behind a tab",
        Whole(200),
        "$POSTtransfer-encoding:\tchunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding in capitals",
        Whole(200),
        "$POSTTRANSFER-ENCODING: CHUNKED\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding in a folded line",
        Refused,
        "$POSTtransfer-encoding:\r\n chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a space before the colon",
        Refused,
        "$POSTtransfer-encoding : chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a space before the name",
        Refused,
        "$POST transfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding in HTTP/1.0",
        Refused,
        "POST /lookups HTTP/1.0\r\n$HEADtransfer-encoding: chunked\r\n\r\n$CHUNKS",
    ),
    case(
        "a coding under a name that only looks like it",
        Whole(200),
        "$POSTtransfer_encoding: chunked\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    // Lengths (section 6.2, and RFC 9110, section 8.6).
    case(
        "a length twice",
        Whole(200),
        "$POSTcontent-length: $LENGTH\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "two lengths",
        Refused,
        "$POSTcontent-length: $LENGTH\r\ncontent-length: 5\r\n\r\n$BODY",
    ),
    case(
        "a list of lengths",
        Refused,
        "$POSTcontent-length: $LENGTH, $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a length with a plus",
        Refused,
        "$POSTcontent-length: +$LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a length below nothing",
        Refused,
        "$POSTcontent-length: -1\r\n\r\n$BODY",
    ),
    case(
        "a length with a space in it",
        Refused,
        "$POSTcontent-length: 3 2\r\n\r\n$BODY",
    ),
    case(
        "a length in hexadecimal",
        Refused,
        "$POSTcontent-length: 0x20\r\n\r\n$BODY",
    ),
    case(
        "an empty length",
        Refused,
        "$POSTcontent-length:\r\n\r\n$BODY",
    ),
    case(
        "a length with a NUL",
        Refused,
        "$POSTcontent-length: $LENGTH\0\r\n\r\n$BODY",
    ),
    case(
        "a length over 64 bits",
        Refused,
        "$POSTcontent-length: 18446744073709551648\r\n\r\n$BODY",
    ),
    case(
        "a length of all that there is",
        Refused,
        "$POSTcontent-length: 18446744073709551615\r\n\r\n$BODY",
    ),
    case(
        "a length with zeros in front",
        Whole(200),
        "$POSTcontent-length: 000$LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a length with spaces around it",
        Whole(200),
        "$POSTcontent-length: \t $LENGTH \r\n\r\n$BODY",
    ),
    case("no length at all", Whole(403), "$POST\r\n"),
    // Chunks (section 7.1).
    case(
        "a chunk over 64 bits",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n10000000000000020\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk's length with an underscore",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n2_0\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk's length with 0x",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n0x$HEX\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk's length with a plus",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n+$HEX\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk without a length",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk's line that ends with a lone LF",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk that ends with a lone LF",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX\r\n$BODY\n0\r\n\r\n",
    ),
    case(
        "a chunk that ends with nothing",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX\r\n$BODY0\r\n\r\n",
    ),
    case(
        "a chunk that is longer than it says",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n5\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk with an extension",
        Whole(200),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX;name=value\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk with an extension in which a line ends",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX;a\nb\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "a chunk with an extension without end",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX;$LONG\r\n$BODY\r\n0\r\n\r\n",
    ),
    case(
        "chunks with a trailer that names a length",
        Whole(200),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX\r\n$BODY\r\n0\r\ncontent-length: 5\r\n\r\n",
    ),
    case(
        "chunks with a trailer that is none",
        Last(400),
        "$POSTtransfer-encoding: chunked\r\n\r\n$HEX\r\n$BODY\r\n0\r\nno trailer\r\n\r\n",
    ),
    // Lines and values (sections 2.2 and 5).
    case(
        "a header with a NUL",
        Refused,
        "$POSTx: a\0b\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a header with a lone CR",
        Refused,
        "$POSTx: a\rcontent-length: 5\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a header in a folded line",
        Refused,
        "$POSTx: a\r\n content-length: 5\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a header without a colon",
        Refused,
        "$POSTx\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a header without a name",
        Refused,
        "$POST: x\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "lines that end with a lone LF",
        Whole(200),
        "$POSTx: a\ncontent-length: $LENGTH\n\n$BODY",
    ),
    case(
        "empty lines in front",
        Whole(200),
        "\r\n\r\n$POSTcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    // Whom it is for (section 3.2).
    case(
        "two hosts",
        Refused,
        "$POSThost: b.example\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "one host twice",
        Refused,
        "$POSThost: addons.example.com\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "two hosts in one",
        Refused,
        "POST /lookups HTTP/1.1\r\n$IDENTITYhost: addons.example.com, b.example\r\n\
         content-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a host with a path",
        Refused,
        "POST /lookups HTTP/1.1\r\n$IDENTITYhost: addons.example.com/lookups\r\n\
         content-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "an empty host",
        Refused,
        "POST /lookups HTTP/1.1\r\n$IDENTITYhost:\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "no host",
        Refused,
        "POST /lookups HTTP/1.1\r\n$IDENTITYcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "no host in HTTP/1.0",
        Last(200),
        "POST /lookups HTTP/1.0\r\n$IDENTITYcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a target that names another host",
        Whole(200),
        "POST http://b.example/lookups HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a target that names a user",
        Refused,
        "POST http://a@addons.example.com/lookups HTTP/1.1\r\n$HEAD\
         content-length: $LENGTH\r\n\r\n$BODY",
    ),
    // First lines (sections 2.3 and 3).
    case("a first line alone", Refused, "POST /lookups\r\n"),
    case(
        "a space in the target",
        Refused,
        "POST /lookups HTTP/1.1 HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "two spaces before the target",
        Refused,
        "POST  /lookups HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a version that is none",
        Refused,
        "POST /lookups HTTP/1.2\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "the preface of HTTP/2",
        Cut,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
    ),
    // What asks for more than an answer.
    case(
        "an upgrade to HTTP/2",
        Whole(200),
        "$POSTupgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\
         content-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "an upgrade to a web socket",
        Whole(200),
        "$POSTupgrade: websocket\r\nconnection: upgrade\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "an expectation that nobody knows",
        Whole(200),
        "$POSTexpect: miracles\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "an expectation of what comes anyway",
        Whole(200),
        "$POSTexpect: 100-continue\r\ncontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a tunnel that is not dug",
        Whole(404),
        "CONNECT addons.example.com:443 HTTP/1.1\r\n$HEAD\r\n",
    ),
    // Bodies where none is expected, or none is read.
    case(
        "a GET with a body",
        Whole(200),
        "GET /lookups HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "an OPTIONS with a body",
        Whole(204),
        "OPTIONS /lookups HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a path that nobody serves, with a body",
        Whole(404),
        "POST /nowhere HTTP/1.1\r\n$HEADcontent-length: $LENGTH\r\n\r\n$BODY",
    ),
    case(
        "a path that nobody serves, with a request for its body",
        Whole(404),
        "POST /nowhere HTTP/1.1\r\n$HEADcontent-length: 37\r\n\r\n\
         GET /smuggled HTTP/1.1\r\nhost: b\r\n\r\n\r\n",
    ),
];
