//! One request and its answer, read from what `jackfield call` prints: the request
//! in lines with `> `, the answer's status and headers in lines with `< `, and then
//! the body as JSON.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The answer's part of an exchange.
#[derive(Debug, PartialEq)]
pub(crate) struct Exchange {
    /// The HTTP status code.
    pub(crate) status: u16,
    /// The answer itself.
    pub(crate) body: Value,
}

impl Exchange {
    /// Reads what `jackfield call` printed.
    pub(crate) fn parse(printed: &str) -> Result<Self> {
        let mut head = printed.lines().filter_map(|line| line.strip_prefix('<'));
        let first = head
            .next()
            .context("`jackfield call` printed no status line")?;
        let status = status(first).with_context(|| format!("`{first}` holds no HTTP status"))?;
        let body = printed.lines().filter(|line| !line.starts_with(['<', '>']));
        let body = body.collect::<Vec<_>>().join("\n");
        let body = serde_json::from_str(&body).context("the answer's body is not JSON")?;
        Ok(Self { status, body })
    }
}

/// The first number of three digits: `HTTP/1.1 200 OK` and `200 OK` both have it.
fn status(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace();
    words.find_map(|word| word.parse().ok().filter(|code| (100..600).contains(code)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn status_and_body_are_read_past_the_request() {
        let printed = "> POST /addons HTTP/1.1\n> content-length: 200\n>\n> phone=%2B15005550006\n\
                       < HTTP/1.1 200 OK\n< content-type: application/json\n<\n\
                       {\n  \"phone_number\": \"+15005550006\"\n}\n";
        let expected = Exchange {
            status: 200,
            body: json!({ "phone_number": "+15005550006" }),
        };
        assert_eq!(Exchange::parse(printed).unwrap(), expected);
    }

    #[test]
    fn an_answer_without_a_status_is_refused() {
        let error = Exchange::parse("> GET / HTTP/1.1\n{}\n").unwrap_err();
        assert_eq!(error.to_string(), "`jackfield call` printed no status line");
        assert!(Exchange::parse("< HTTP/1.1 OK\n{}\n").is_err());
    }

    #[test]
    fn a_body_that_is_not_json_is_refused() {
        let error = Exchange::parse("< HTTP/1.1 200 OK\n<html>\noops\n").unwrap_err();
        assert_eq!(error.to_string(), "the answer's body is not JSON");
    }
}
