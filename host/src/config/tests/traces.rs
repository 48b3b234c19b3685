//! Where requests are traced to.

use http::header::AUTHORIZATION;

use super::*;

fn with_traces(keys: &str) -> String {
    format!("{SERVER}[traces]\n{keys}\n")
}

#[test]
fn requests_are_traced_where_it_is_said_and_nowhere_else() {
    assert_eq!(load(SERVER).unwrap().server.traces, None);
    for (endpoint, whole) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        (
            "https://otlp.example.com/",
            "https://otlp.example.com/v1/traces",
        ),
        (
            "http://collector:4318/a/b/",
            "http://collector:4318/a/b/v1/traces",
        ),
        ("https://[fd12::7]:4318", "https://[fd12::7]:4318/v1/traces"),
    ] {
        let config = load(&with_traces(&format!("endpoint = \"{endpoint}\""))).unwrap();
        let traces = config.server.traces.unwrap();
        assert_eq!((traces.endpoint.as_str(), traces.share), (whole, 1.0));
        assert!(traces.policy.admit(whole).is_ok());
        assert!(traces.policy.admit("https://www.example.com/").is_err());
    }
}

#[test]
fn what_a_collector_wants_is_a_secret_and_part_of_what_is_meant() {
    let text = with_traces(
        "endpoint = \"https://otlp.example.com\"\nshare = 0.25\n\
         headers.Authorization = { file = \"secret\" }",
    );
    let read = |secret: &str| {
        let directory = Directory::of(&[("addons.toml", &text), ("secret", secret)]);
        directory.load().unwrap().server.traces.unwrap()
    };
    let one = read("Bearer s3cret\n");
    let head = one.head();
    assert_eq!((head.len(), one.share), (1, 0.25));
    assert_eq!(head[AUTHORIZATION], "Bearer s3cret");
    assert!(!format!("{one:?} {head:?}").contains("s3cret"));
    assert_eq!(one, read("Bearer s3cret"));
    assert_ne!(one, read("Bearer another"));
}

#[test]
fn what_cannot_be_traced_to_is_refused_with_the_reason() {
    const GOOD: &str = "endpoint = \"http://127.0.0.1:4318\"";
    for (keys, expected) in [
        ("", "there is no collector to send traces to"),
        ("endpoint = \"127.0.0.1:4318\"", "does not begin with"),
        (
            "endpoint = \"grpc://127.0.0.1:4317\"",
            "does not begin with",
        ),
        (
            "endpoint = \"http://u:p@collector\"",
            "a user or a password",
        ),
        (
            "endpoint = \"http://collector?key=k\"",
            "a query or a fragment",
        ),
        ("endpoint = \"http://169.254.169.254\"", "no public address"),
        (&format!("{GOOD}\nshare = 1.5"), "from 0 to 1, found `1.5`"),
        (&format!("{GOOD}\nshare = -1"), "from 0 to 1, found `-1`"),
        (&format!("{GOOD}\nshare = nan"), "from 0 to 1, found `NaN`"),
        (&format!("{GOOD}\nratio = 1"), "ratio"),
        (
            &format!("{GOOD}\nheaders.a = \"s3cret\""),
            "never the secret itself",
        ),
        (
            &format!("{GOOD}\nheaders.\"a b\" = {{ file = \"it\" }}"),
            "`a b` is no name of a header",
        ),
        (
            &format!("{GOOD}\nheaders.a = {{ file = \"it\" }}"),
            "a character that no header may have",
        ),
    ] {
        let text = with_traces(keys);
        let files = [
            ("addons.toml", text.as_str()),
            ("it", "s3cret\nof two lines"),
        ];
        let complaint = Directory::of(&files).complaint();
        assert!(complaint.contains(expected), "{complaint}");
        assert!(!complaint.contains("s3cret"), "{complaint}");
    }
}

#[test]
fn an_included_file_has_no_place_for_traces() {
    let text = format!("include = [\"more.toml\"]\n{SERVER}");
    let more = "[traces]\nendpoint = \"http://127.0.0.1:4318\"\n";
    let files = [("addons.toml", text.as_str()), ("more.toml", more)];
    let complaint = Directory::of(&files).complaint();
    assert!(complaint.contains("cannot have `[traces]`"), "{complaint}");
}
