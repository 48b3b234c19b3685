//! Answers that no host should pass on as they are.

use jackfield_sdk::Answer;

/// The answer of that name, if it is one.
pub(crate) fn answer(act: &str) -> Option<Answer> {
    let json = match act {
        "just-too-long" => padded(64 * 1024 + 1),
        "as-long-as-allowed" => padded(60 * 1024),
        "ten-mebibytes" => padded(10 * 1024 * 1024),
        "deep-arrays" => format!("{{\"a\":{}", "[".repeat(60_000)),
        "deep-objects" => "{\"a\":".repeat(12_000),
        "deep-and-closed" => format!("{{\"a\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000)),
        "deepest" => "[".repeat(100_000),
        "plain-text" => "hello".to_owned(),
        "array" => "[{}]".to_owned(),
        "empty" => String::new(),
        "only-spaces" => "   ".to_owned(),
        "two-objects" => "{}{}".to_owned(),
        "trailing" => "{} and more".to_owned(),
        "not-a-number" => r#"{"a":NaN}"#.to_owned(),
        "infinity" => r#"{"a":-Infinity}"#.to_owned(),
        "lone-surrogate" => r#"{"a":"\ud800"}"#.to_owned(),
        "swapped-surrogates" => r#"{"a":"\udc00\ud800"}"#.to_owned(),
        "same-key-twice" => r#"{"a":1,"a":2}"#.to_owned(),
        "thousand-digits" => format!("{{\"a\":{}}}", "7".repeat(1000)),
        "huge-exponent" => r#"{"a":1e999999999}"#.to_owned(),
        "raw-control" => "{\"a\":\"\u{0}\n\"}".to_owned(),
        "byte-order-mark" => "\u{feff}{}".to_owned(),
        "comment" => "{/* hello */}".to_owned(),
        "no-utf8" => no_utf8(),
        "overlong-utf8" => overlong_utf8(),
        "many-facts" => return Some(many_facts()),
        "huge-fact" => return Some(huge_fact()),
        _ => return None,
    };
    Some(Answer::from_json(json))
}

/// An object of so many bytes, made in one piece, so that it fits into the memory that
/// the guest may have.
fn padded(length: usize) -> String {
    let mut text = vec![b'x'; length];
    text[..6].copy_from_slice(b"{\"a\":\"");
    text[length - 2..].copy_from_slice(b"\"}");
    raw(text)
}

fn no_utf8() -> String {
    raw(b"{\"a\":\"\xff\xfe\"}".to_vec())
}

/// A slash in two bytes where one would do: decoders that take it let `..%2f` through.
fn overlong_utf8() -> String {
    raw(b"{\"a\":\"\xc0\xaf\"}".to_vec())
}

fn raw(bytes: Vec<u8>) -> String {
    // SAFETY: there is none, on purpose. The text is only handed to the host, which
    // must not believe that it is one.
    unsafe { String::from_utf8_unchecked(bytes) }
}

fn many_facts() -> Answer {
    let mut answer = Answer::from_json("{}".to_owned());
    answer.meta = vec![(String::new(), String::new()); 100_000];
    answer
}

fn huge_fact() -> Answer {
    let mut answer = Answer::from_json("{}".to_owned());
    let fact = "x".repeat(4 * 1024 * 1024);
    answer.meta = vec![("max-age".to_owned(), fact)];
    answer
}
