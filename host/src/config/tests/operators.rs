//! Where operators are answered.

use secrecy::ExposeSecret;

use super::*;

fn with_operators(keys: &str) -> String {
    format!("{SERVER}[operators]\n{keys}\n")
}

#[test]
fn operators_are_answered_where_it_is_said_and_nowhere_else() {
    assert_eq!(load(SERVER).unwrap().server.operators, None);
    for address in ["127.0.0.1:8081", "[::1]:0", "127.9.9.9:80"] {
        let config = load(&with_operators(&format!("listen = \"{address}\""))).unwrap();
        let operators = config.server.operators.unwrap();
        assert_eq!(operators.listen.to_string(), address);
        assert!(operators.token.is_none());
    }
}

#[test]
fn a_token_is_a_secret_and_part_of_what_is_served() {
    let text = with_operators("listen = \"127.0.0.1:1\"\ntoken = { file = \"token\" }");
    let read = |token: &str| {
        let directory = Directory::of(&[("addons.toml", &text), ("token", token)]);
        directory.load().unwrap().server.operators.unwrap()
    };
    let (one, two) = (read("s3cret\n"), read("another"));
    assert_eq!(one.token.as_ref().unwrap().expose_secret(), "s3cret");
    assert!(!format!("{one:?}").contains("s3cret"));
    assert_eq!(one, read("s3cret"));
    assert_ne!(one, two);
}

#[test]
fn what_is_no_place_for_operators_is_refused_with_the_reason() {
    for (keys, expected) in [
        ("", "there is no address to listen on"),
        ("listen = \"8081\"", "`8081` is no address with a port"),
        ("listen = \"0.0.0.0:8081\"", "can be reached from elsewhere"),
        ("listen = \"[::]:8081\"", "can be reached from elsewhere"),
        ("listen = \"127.0.0.1:1\"\nport = 2", "port"),
        (
            "listen = \"127.0.0.1:1\"\ntoken = { file = \"spaced\" }",
            "other characters than a bearer token may have",
        ),
    ] {
        let text = with_operators(keys);
        let files = [("addons.toml", text.as_str()), ("spaced", "to ken")];
        let complaint = Directory::of(&files).complaint();
        assert!(complaint.contains(expected), "{complaint}");
        assert!(!complaint.contains("to ken"), "{complaint}");
    }
}

#[test]
fn others_reach_operators_by_tls_and_with_a_token_alone() {
    let pair = rcgen::generate_simple_self_signed(["ops.example".to_owned()]).unwrap();
    let (chain, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let read = |keys: &str| {
        let text = with_operators(&format!("listen = \"0.0.0.0:8081\"\n{keys}"));
        let files = [
            ("addons.toml", text.as_str()),
            ("token", "s3cret"),
            ("it.pem", &chain),
            ("it.key", &key),
        ];
        Directory::of(&files)
    };
    let token = "token = { file = \"token\" }";
    let tls = "tls = { certificates = [{ chain = \"it.pem\", key = \"it.key\" }] }";
    let config = read(&format!("{token}\n{tls}")).load().unwrap();
    let operators = config.server.operators.unwrap();
    assert!(operators.tls.unwrap().is_for("OPS.example"));
    for (keys, expected) in [
        (token, "in plain text"),
        (tls, "by anybody"),
        (
            &format!("{token}\n{}", tls.replace("] }", "], http2 = true }")),
            "HTTP/1.1 alone",
        ),
    ] {
        let complaint = read(keys).complaint();
        assert!(complaint.contains(expected), "{complaint}");
        assert!(complaint.contains("operators."), "{complaint}");
    }
}

#[test]
fn an_included_file_has_no_place_for_operators() {
    let text = format!("include = [\"more.toml\"]\n{SERVER}");
    let more = "[operators]\nlisten = \"127.0.0.1:1\"\n";
    let files = [("addons.toml", text.as_str()), ("more.toml", more)];
    let complaint = Directory::of(&files).complaint();
    assert!(
        complaint.contains("cannot have `[operators]`"),
        "{complaint}"
    );
}
