//! How queries and forms are read, by the letter of the URL standard
//! (<https://url.spec.whatwg.org/#urlencoded-parsing>), to hold the host's own reading to.

use jackfield::protocol::parameters::{MOST_PARAMETERS, Parameter, TooMany, decode};

/// Reads parameters as the host does, and claims that it reads what was written, and again
/// the same once that is written anew.
pub(crate) fn read(encoded: &[u8]) -> Option<Vec<Parameter>> {
    let expected = by_the_letter(encoded);
    let read = decode(encoded);
    match expected.len() > MOST_PARAMETERS {
        true => assert_eq!(read, Err(TooMany)),
        false => {
            assert_eq!(read.as_ref(), Ok(&expected));
            assert_eq!(decode(written(&expected).as_bytes()), Ok(expected));
        }
    }
    read.ok()
}

/// Parameters as a client writes them.
pub(crate) fn written(parameters: &[Parameter]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

fn by_the_letter(encoded: &[u8]) -> Vec<Parameter> {
    let pairs = encoded.split(|byte| *byte == b'&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    let read = pairs.map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || unescaped(halves.next().unwrap_or_default());
        (half(), half())
    });
    read.collect()
}

fn unescaped(mut rest: &[u8]) -> String {
    let mut plain = Vec::with_capacity(rest.len());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        plain.push(match (first, escaped(behind)) {
            (b'+', _) => b' ',
            (b'%', Some(byte)) => {
                rest = &behind[2..];
                byte
            }
            (first, _) => *first,
        });
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn escaped(behind: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}
