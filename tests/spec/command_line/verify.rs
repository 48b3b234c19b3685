//! `jackfield verify`: the answer to "why does Twilio get a 403".

use jackfield_tests::{TOKEN, body_hash, run, sign};

use super::text;

const URL: &str = "https://addons.example.com/lookups?phone=%2B12125550123";
const FORM: &str = "phone=%2B12125550123&body=a+b";

/// Exit status and what was said, on either stream.
fn verify(arguments: &[&str]) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("body"), "{\"a\":1}").unwrap();
    let arguments = [&["verify"], arguments].concat();
    let output = run(&arguments, &[("AUTH_TOKEN", TOKEN)], directory.path());
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(!said.contains(TOKEN), "{said}");
    (output.status.code(), said)
}

fn form() -> Vec<(String, String)> {
    [("phone", "+12125550123"), ("body", "a b")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn with_port(port: u16) -> String {
    URL.replace("example.com/", &format!("example.com:{port}/"))
}

#[track_caller]
fn assert_said(said: (Option<i32>, String), status: i32, words: &[&str]) {
    assert_eq!(said.0, Some(status), "{}", said.1);
    for word in words {
        assert!(said.1.contains(word), "{word}: {}", said.1);
    }
}

#[test]
fn a_signature_is_good_over_its_url_with_or_without_a_port() {
    for (signed, given, over) in [
        (URL.to_owned(), URL.to_owned(), "com/lookups"),
        (with_port(443), URL.to_owned(), "com:443/lookups"),
        (URL.to_owned(), with_port(443), "com/lookups"),
        (with_port(8443), with_port(8443), "com:8443/lookups"),
    ] {
        let signature = sign(TOKEN, &signed, &[]);
        let said = verify(&["--url", &given, "--signature", &signature]);
        assert_said(said, 0, &["good", over]);
    }
}

#[test]
fn a_form_and_a_body_are_part_of_it() {
    let signature = sign(TOKEN, URL, &form());
    let said = verify(&["--url", URL, "--form", FORM, "--signature", &signature]);
    assert_said(said, 0, &["good"]);

    let url = format!("{URL}&bodySHA256={}", body_hash(b"{\"a\":1}"));
    let signature = sign(TOKEN, &url, &[]);
    let said = verify(&[
        "--url",
        &url,
        "--body-file",
        "body",
        "--signature",
        &signature,
    ]);
    assert_said(said, 0, &["good"]);
}

#[test]
fn what_is_bad_is_told_with_the_likeliest_reason() {
    let of_the_url = sign(TOKEN, URL, &[]);
    let of_http = sign(TOKEN, &URL.replace("https", "http"), &[]);
    let of_another = sign("another", URL, &[]);
    let other_body = format!("{URL}&bodySHA256={}", body_hash(b"other"));
    let of_other_body = sign(TOKEN, &other_body, &[]);
    for (arguments, words) in [
        (
            vec!["--url", URL, "--signature", &of_another],
            "compare scheme, host, path and query",
        ),
        (vec!["--url", URL, "--signature", "no base64"], "bad"),
        (
            vec!["--url", URL, "--form", FORM, "--signature", &of_the_url],
            "leave --form out",
        ),
        (
            vec!["--url", URL, "--signature", &of_http],
            "correct the scheme of `public_url`",
        ),
        (
            vec![
                "--url",
                URL,
                "--body-file",
                "body",
                "--signature",
                &of_the_url,
            ],
            "it has no bodySHA256",
        ),
        (
            vec![
                "--url",
                &other_body,
                "--body-file",
                "body",
                "--signature",
                &of_other_body,
            ],
            "its bodySHA256 is of another body",
        ),
    ] {
        assert_said(verify(&arguments), 1, &["bad", words]);
    }
}

#[test]
fn a_question_that_cannot_be_asked_has_a_status_of_its_own() {
    let signature = sign(TOKEN, URL, &[]);
    let said = verify(&["--url", "addons.example.com", "--signature", &signature]);
    assert_said(said, 2, &["--url"]);
    let said = verify(&[
        "--url",
        URL,
        "--body-file",
        "none",
        "--signature",
        &signature,
    ]);
    assert_said(said, 2, &["`none` cannot be read"]);

    let directory = tempfile::tempdir().unwrap();
    let arguments = ["verify", "--url", URL, "--signature", &signature];
    let output = run(&arguments, &[], directory.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("set AUTH_TOKEN"),
        "{output:?}"
    );
}
