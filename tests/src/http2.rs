//! HTTP/2, frame by frame (RFC 9113), for clients that do with it what no library would.

/// Kinds of frames.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// Flags of a frame of headers: the request has no body, and no more headers follow.
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A flag of frames that answer one of ours: settings and pings are acknowledged, or an answer
/// is at its end.
const ANSWERS: u8 = 1;

/// An error code: the stream is not needed any more.
const CANCEL: u32 = 8;

/// The longest frame that a client may send, in bytes.
pub const LONGEST_FRAME: usize = 16 * 1024;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// What a client says first: that it speaks HTTP/2, and that it wants nothing special.
#[must_use]
pub fn greeting() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), settings()].concat()
}

/// Settings, of which there are none.
#[must_use]
pub fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

/// A sign of life that is asked for.
#[must_use]
pub fn ping() -> Vec<u8> {
    frame(PING, 0, 0, &[0; 8])
}

/// Leave for a host to send 64 KiB more of answers.
#[must_use]
pub fn more_window() -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, 0, &(64_u32 * 1024).to_be_bytes())
}

/// A whole request, `GET /`. Streams have odd numbers that grow.
#[must_use]
pub fn request(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &head())
}

/// A request whose headers go on.
#[must_use]
pub fn open_request(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_STREAM, stream, &head())
}

/// More headers, which go on: as many small ones as a frame of such a length takes.
#[must_use]
pub fn more_headers(stream: u32, length: usize) -> Vec<u8> {
    // A literal that is not kept, named `a`, of the value `b`.
    let header = [0, 1, b'a', 1, b'b'];
    frame(
        CONTINUATION,
        0,
        stream,
        &header.repeat(length / header.len()),
    )
}

/// A request that is taken back.
#[must_use]
pub fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
}

/// `GET`, `https`, `/`, of which HPACK knows the numbers, and the host.
fn head() -> Vec<u8> {
    let host = b"addons.example.com";
    let length = u8::try_from(host.len()).expect("a short name");
    [&[0x82, 0x87, 0x84, 0x01, length][..], host].concat()
}

/// Whether a farewell is among the frames that a host has sent: the number of a frame's
/// end that is not there yet ends the search.
#[must_use]
pub fn says_goodbye(mut frames: &[u8]) -> bool {
    while let [a, b, c, kind, ..] = frames {
        if *kind == GOAWAY {
            return true;
        }
        frames = frames.get(whole([*a, *b, *c])..).unwrap_or_default();
    }
    false
}

/// Takes away what frames are whole of those that a host has sent, and counts those that
/// answer one of ours.
pub fn take_answers(frames: &mut Vec<u8>) -> usize {
    let (mut answers, mut taken) = (0, 0);
    while let [a, b, c, _, flags, ..] = frames[taken..] {
        let end = taken + whole([a, b, c]);
        if end > frames.len() {
            break;
        }
        answers += usize::from(flags & ANSWERS);
        taken = end;
    }
    frames.drain(..taken);
    answers
}

/// How long a frame of this length is with its head.
fn whole([a, b, c]: [u8; 3]) -> usize {
    9 + u32::from_be_bytes([0, a, b, c]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_once_they_are_whole() {
        let answer = frame(PING, ANSWERS, 0, &[0; 8]);
        let mut said = [&ping()[..], &answer, &answer[..10]].concat();
        assert_eq!(take_answers(&mut said), 1);
        assert_eq!(said, answer[..10]);
        said.extend_from_slice(&answer[10..]);
        assert_eq!((take_answers(&mut said), said.len()), (1, 0));
    }

    #[test]
    fn a_farewell_is_found_behind_other_frames() {
        let goodbye = frame(GOAWAY, 0, 0, &[0; 8]);
        assert!(says_goodbye(
            &[ping(), settings(), goodbye.clone()].concat()
        ));
        assert!(!says_goodbye(&[ping(), settings()].concat()));
        // What only looks like one inside of another frame is none.
        let inside = frame(PING, 0, 0, &goodbye);
        assert!(!says_goodbye(&inside));
    }
}
