//! Hides what may be a secret before a line of a file is shown: an operator's terminal,
//! and the log of a deployment, are read by others.

use std::ops::Range;

/// Tables that hold secrets, by the names that their keys have.
const OF_SECRETS: [&str; 11] = [
    "accounts", "auth", "headers", "key", "password", "postgres", "require", "seal", "secret",
    "settings", "token",
];
/// Tables at the top of a file: what starts with one of these in brackets is a header.
const HEADERS: [&str; 7] = [
    "accounts",
    "addons",
    "egress",
    "jobs",
    "operators",
    "server",
    "traces",
];
/// Words that stay readable where they name a key.
const READABLE: [&str; 10] = [
    "auth_tokens",
    "basic",
    "env",
    "file",
    "headers",
    "password",
    "postgres",
    "query",
    "shared_keys",
    "username",
];

/// Whether a text looks like an auth token: 32 hexadecimal digits and no prefix.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A sentence without anything that looks like an auth token.
pub(super) fn sentence(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        match c.is_alphanumeric() {
            true => word.push(c),
            false => {
                push_word(&mut shown, &word);
                word.clear();
                shown.push(c);
            }
        }
    }
    push_word(&mut shown, &word);
    shown
}

fn push_word(shown: &mut String, word: &str) {
    match is_token(word) {
        true => shown.push_str(&stars(word)),
        false => shown.push_str(word),
    }
}

/// A file's text with the same length, lines and places, and no secret in it. `place` is
/// held to be secret, whatever it looks like.
pub(super) fn file(text: &str, place: Option<&Range<usize>>) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut of_secrets, mut depth) = (false, 0_i64);
    for line in text.split_inclusive('\n') {
        let span = shown.len()..shown.len() + line.len();
        if is_header(line) {
            of_secrets = names_secrets(line);
            depth = 0;
            shown.push_str(&sentence(line));
            continue;
        }
        let pointed_at =
            place.is_some_and(|at| at.start < span.end && span.start < at.end.max(at.start + 1));
        if of_secrets || depth > 0 || pointed_at || names_secrets(line) {
            depth = (depth + nesting(line)).max(0);
            shown.push_str(&values_hidden(line));
        } else {
            shown.push_str(&sentence(&credentials_hidden(line)));
        }
    }
    shown
}

fn is_header(line: &str) -> bool {
    line.trim_start().strip_prefix('[').is_some_and(|rest| {
        let name = rest.trim_start_matches(['[', ' ', '\t', '"', '\'']);
        HEADERS.iter().any(|header| name.starts_with(header))
    })
}

/// Whether a key of the line, or of the table that it opens, may hold secrets.
fn names_secrets(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    OF_SECRETS.iter().any(|word| line.contains(word))
}

fn nesting(line: &str) -> i64 {
    line.bytes()
        .map(|byte| match byte {
            b'[' | b'{' => 1,
            b']' | b'}' => -1,
            _ => 0,
        })
        .sum()
}

/// The line with everything behind its first `=` hidden, but for the structure and for
/// the names of variables and files.
fn values_hidden(line: &str) -> String {
    let start = line.find('=').map_or(0, |at| at + 1);
    let mut shown = sentence(&line[..start]);
    let mut rest = &line[start..];
    let mut referring = false;
    while let Some(c) = rest.chars().next() {
        let piece = match c {
            '"' | '\'' => &rest[..quoted(rest, c)],
            c if is_structure(c) => &rest[..c.len_utf8()],
            _ => &rest[..rest.find(is_structure_or_quote).unwrap_or(rest.len())],
        };
        rest = &rest[piece.len()..];
        let is_key = READABLE.contains(&piece) && rest.trim_start().starts_with('=');
        match c {
            // One that is not closed goes on for the rest of the line.
            '"' | '\'' if referring => shown.push_str(&sentence(piece)),
            '"' | '\'' => shown.push_str(&inside_hidden(piece)),
            c if is_structure(c) => shown.push(c),
            _ if is_key => shown.push_str(piece),
            _ => shown.push_str(&stars(piece)),
        }
        referring = match c {
            '=' | ' ' | '\t' => referring,
            _ => is_key && ["env", "file"].contains(&piece),
        };
    }
    shown
}

fn is_structure(c: char) -> bool {
    c.is_whitespace() || ['[', ']', '{', '}', ',', '=', '#'].contains(&c)
}

fn is_structure_or_quote(c: char) -> bool {
    is_structure(c) || ['"', '\''].contains(&c)
}

/// The length of a quoted text, its quotes included; to the end where it is not closed.
fn quoted(text: &str, quote: char) -> usize {
    let closing = text[1..].find(quote);
    closing.map_or(text.len(), |at| at + 2)
}

fn inside_hidden(quoted: &str) -> String {
    quoted
        .chars()
        .map(|c| match c {
            '"' | '\'' | '\n' | '\r' => c.to_string(),
            c => "*".repeat(c.len_utf8()),
        })
        .collect()
}

/// User and password of a URL are hidden, and of what would be one.
fn credentials_hidden(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for word in line.split_inclusive(['/', '"', '\'', ' ']) {
        let at = word.rfind('@').unwrap_or(0);
        let (before, after) = word.split_at(at);
        match shown.ends_with("://") || before.contains(':') {
            true => shown.push_str(&stars(before)),
            false => shown.push_str(before),
        }
        shown.push_str(after);
    }
    shown
}

/// As many stars as the text has bytes, so that places stay where they are.
fn stars(text: &str) -> String {
    "*".repeat(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_stay_readable_and_values_do_not() {
        for (line, expected) in [
            (
                r#"auth_tokens = [{ env = "AUTH_TOKEN" }]"#,
                r#"auth_tokens = [{ env = "AUTH_TOKEN" }]"#,
            ),
            (
                r#"auth_tokens = ["s3cret"] # s3cret"#,
                r#"auth_tokens = ["******"] # ******"#,
            ),
            (r#"api_key = s3cret"#, r#"api_key = ******"#),
            (
                r#"require = { query = { k = "s3cret" } }"#,
                r#"require = { query = { * = "******" } }"#,
            ),
            (
                r#"key = { env = "b5d4c1f0e8a94d2c9f7e6b3a21088776""#,
                r#"key = { env = "********************************""#,
            ),
            (
                "key = { env = \"b5d4c1f0e8a94d2c9f7e6b3a21088776\u{1} x",
                "key = { env = \"********************************\u{1} x",
            ),
            (
                r#"password = { file = 'secrets/p' }"#,
                r#"password = { file = 'secrets/p' }"#,
            ),
            (
                r#"listen = "127.0.0.1:8080""#,
                r#"listen = "127.0.0.1:8080""#,
            ),
            (
                r#"public_url = "https://u:p@host/""#,
                r#"public_url = "https://***@host/""#,
            ),
            (
                r#"hosts = ["a.example", "u:p@host"]"#,
                r#"hosts = ["a.example", "***@host"]"#,
            ),
            (
                r#"phone = "alice@a.example""#,
                r#"phone = "alice@a.example""#,
            ),
            (
                r#"sid = "b5d4c1f0e8a94d2c9f7e6b3a21088776""#,
                r#"sid = "********************************""#,
            ),
        ] {
            assert_eq!(file(line, None), expected);
        }
    }

    #[test]
    fn a_table_of_secrets_ends_at_the_next_header() {
        let text = "[accounts.AC1]\nx = [\n'a',\n[ 'b' ],\n]\n[addons.a]\nsid = \"XB\"\n";
        let shown = "[accounts.AC1]\nx = [\n'*',\n[ '*' ],\n]\n[addons.a]\nsid = \"XB\"\n";
        assert_eq!(file(text, None), shown);
    }

    proptest! {
        #[test]
        fn nothing_moves(text in "(\\PC|\n|[\\[\\]{}=\"'#@]|token|://){0,60}", start in 0_usize..80) {
            let shown = file(&text, Some(&(start..start + 3)));
            prop_assert_eq!(shown.len(), text.len());
            prop_assert_eq!(shown.lines().count(), text.lines().count());
        }
    }
}
