//! Other people's generators of load: `wrk` over HTTP/1.1 and `h2load` over HTTP/2, as fast
//! as they can. Not one answer may be wrong, or missing.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};

use jackfield_tests::{ACCOUNT, PUBLIC_URL, TOKEN, scale, sign};

use super::*;

/// What every good answer holds.
const EXPECTED: &str = "\"error_code\":null";

/// A lookup of another number each time: its target, and its headers.
fn signed(number: usize) -> (String, [(&'static str, String); 3]) {
    let target = format!("/lookups?phone=%2B1212555{number:04}");
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{target}"), &[]);
    let headers = [
        ("X-Twilio-VendorAccountSid", ACCOUNT.to_owned()),
        ("X-Twilio-AddOnSid", add_on_sid('a')),
        ("X-Twilio-Signature", signature),
    ];
    (target, headers)
}

/// The same for `wrk`, as a table.
fn table(count: usize) -> String {
    let mut lua = format!("return {{ expected = [[{EXPECTED}]],\n");
    for (target, headers) in (0..count).map(signed) {
        let mut fields = String::new();
        for (name, value) in headers {
            write!(fields, "[\"{name}\"] = \"{value}\", ").unwrap();
        }
        writeln!(
            lua,
            "{{ target = \"{target}\", headers = {{ {fields} }} }},"
        )
        .unwrap();
    }
    lua.push('}');
    lua
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    let both = String::from_utf8_lossy(&both).into_owned();
    assert!(output.status.success(), "{both}");
    both
}

/// The number behind a word.
fn number(said: &str, word: &str) -> u64 {
    let behind = said.split(&format!("{word} ")).nth(1);
    let digits = behind.and_then(|it| it.split_whitespace().next());
    let digits = digits.unwrap_or_else(|| panic!("no `{word}`: {said}"));
    digits.parse().unwrap()
}

#[test]
fn every_answer_to_wrk_over_tls_is_right() {
    let (host, _) = one_name(&Authority::new(), "");
    fs::write(host.path().join("signed.lua"), table(100)).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/edge/tls/wrk.lua");
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", "32", "--script", script])
        .args(["--duration", &format!("{}s", scale(2, 60))])
        .arg(format!("https://{}", host.address()))
        .current_dir(host.path())
        .output()
        .expect("wrk is there");
    let said = said(&output);
    assert!(number(&said, "answers") > 100, "{said}");
    assert_eq!(number(&said, "wrong"), 0, "{said}");
    assert_eq!(number(&said, "broken"), 0, "{said}");
    println!("wrk: {} answers over TLS", number(&said, "answers"));
    assert_eq!(host.stop().0, Some(0));
}

#[test]
fn every_answer_to_h2load_is_one_of_success() {
    let (host, _) = one_name(&Authority::new(), ", http2 = true");
    let count = scale(2_000, 200_000).to_string();
    let (target, headers) = signed(123);
    for (protocol, flag) in [("h2", None), ("http/1.1", Some("--h1"))] {
        let output = Command::new("h2load")
            .args(["--requests", &count, "--clients", "8"])
            .args(flag.map_or(["--max-concurrent-streams", "16"], |_| ["--threads", "1"]))
            .args(flag)
            .args(
                headers
                    .iter()
                    .map(|(name, value)| format!("--header={name}: {value}")),
            )
            .arg(format!("https://{}{target}", host.address()))
            .output()
            .expect("h2load is there");
        let said = said(&output);
        let expected = [
            format!("Application protocol: {protocol}\n"),
            format!("{count} done, {count} succeeded, 0 failed, 0 errored, 0 timeout"),
            format!("status codes: {count} 2xx, 0 3xx, 0 4xx, 0 5xx"),
        ];
        for line in expected {
            assert!(said.contains(&line), "{line}: {said}");
        }
        println!("h2load: {count} answers over {protocol}");
    }
    assert_eq!(host.stop().0, Some(0));
}
