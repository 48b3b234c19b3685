//! Where the host connects to, as an operator writes it.

use super::bad::complaints;
use super::*;
use crate::config::EgressConfig;

fn certificate() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new([]).unwrap();
    parameters.self_signed(&key).unwrap().pem()
}

fn with_egress(keys: &str) -> String {
    format!("{SERVER}[egress]\n{keys}\n")
}

/// The table, and what is warned of besides that there is no add-on.
fn good(directory: &Directory) -> (EgressConfig, Vec<String>) {
    let config = directory.load().unwrap();
    let warnings = config.warnings.into_iter();
    let warnings = warnings.filter(|warning| !warning.contains("no add-on"));
    (config.server.egress, warnings.collect())
}

fn admits(egress: &EgressConfig, url: &str) -> bool {
    egress.policy.admit(url).is_ok()
}

#[test]
fn twilio_is_connected_to_and_nobody_else_if_nothing_is_said() {
    for text in [SERVER.to_owned(), with_egress("")] {
        let (egress, warnings) = good(&Directory::of(&[("addons.toml", &text)]));
        assert_eq!(egress, EgressConfig::default());
        assert!(admits(&egress, "https://api.twilio.com/"));
        assert!(!admits(&egress, "https://example.com/"));
        assert!(!egress.policy.admits([127, 0, 0, 1].into()));
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn hosts_networks_and_authorities_are_the_operators() {
    let text = with_egress(
        "hosts = [\"twilio.com\", \"*.example.com\", \"10.1.0.7:8443\"]\n\
         networks = [\"10.1.0.0/16\", \"::1\"]\nca = \"ca/ours.pem\"",
    );
    let pem = certificate();
    let directory = Directory::of(&[("addons.toml", &text), ("ca/ours.pem", &pem)]);
    let (egress, warnings) = good(&directory);
    for url in ["https://a.example.com/", "https://10.1.0.7:8443/"] {
        assert!(admits(&egress, url), "{url}");
    }
    assert!(!admits(&egress, "https://api.twilio.com/"));
    assert!(egress.policy.admits("::1".parse().unwrap()));
    assert_eq!(format!("{:?}", egress.authorities), "Authorities(1)");
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn nothing_may_be_connected_to_at_all() {
    let text = with_egress("hosts = []");
    let (egress, _) = good(&Directory::of(&[("addons.toml", &text)]));
    assert!(!admits(&egress, "https://twilio.com/"));
}

#[test]
fn a_file_of_authorities_is_watched_and_its_change_is_a_change() {
    let text = with_egress("ca = \"ours.pem\"");
    let directory = Directory::of(&[("addons.toml", &text), ("ours.pem", &certificate())]);
    let file = directory.0.path().join("ours.pem");
    let before = directory.load().unwrap();
    assert!(before.inputs.files().any(|input| input == file));
    fs::write(&file, certificate()).unwrap();
    let after = directory.load().unwrap();
    assert_ne!(before.inputs, after.inputs);
    assert_ne!(before.server, after.server);
}

#[test]
fn what_is_open_to_others_is_warned_of() {
    let text = with_egress("hosts = [\"http://receiver:8080\", \"*.internal\"]");
    let (_, warnings) = good(&Directory::of(&[("addons.toml", &text)]));
    assert_eq!(
        warnings,
        [
            "`egress.hosts` has `http://receiver:8080`: whoever is on the way there reads what is \
             sent, credentials too, and can change what is fetched",
            "`egress.hosts` has `*.internal`: whoever gets a name there can be connected to",
        ]
    );
}

#[test]
fn hosts_that_are_none() {
    let hosts = |host: &str| with_egress(&format!("hosts = [\"twilio.com\", \"{host}\"]"));
    insta::assert_snapshot!(complaints([
        ("everything", hosts("*")),
        ("anybody's functions", hosts("*.twil.io")),
        ("one of them", hosts("mine-1234.twil.io")),
        ("a star within", hosts("api.*.twilio.com")),
        ("another scheme", hosts("ftp://a.example")),
        ("a path", hosts("https://a.example/callbacks")),
        ("no port", hosts("a.example:https")),
        ("a number", hosts("2130706433")),
        ("other letters", hosts("bücher.example")),
        ("no list", with_egress("hosts = \"a.example\"")),
        ("no such key", with_egress("host = [\"a.example\"]")),
    ]));
}

#[test]
fn networks_that_are_none() {
    let networks = |network: &str| with_egress(&format!("networks = [\"{network}\"]"));
    insta::assert_snapshot!(complaints([
        ("a word", networks("loopback")),
        ("everything", networks("0.0.0.0/0")),
        ("an address and a length", networks("10.1.2.3/8")),
        ("IPv4 within IPv6", networks("::ffff:10.0.0.0/104")),
    ]));
}

#[test]
fn authorities_that_are_none() {
    let text = with_egress("ca = \"ours.pem\"");
    let said = |pem: Option<&str>| {
        let mut files = vec![("addons.toml", text.as_str())];
        files.extend(pem.map(|pem| ("ours.pem", pem)));
        Directory::of(&files).complaint()
    };
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    insta::assert_snapshot!([said(None), said(Some("")), said(Some(&key))].join("\n\n"));
}

#[test]
fn an_included_file_cannot_connect_to_more() {
    let first = format!("include = [\"more.toml\"]\n{SERVER}");
    let more = "[egress]\nhosts = [\"a.example\"]\n";
    let directory = Directory::of(&[("addons.toml", &first), ("more.toml", more)]);
    insta::assert_snapshot!(directory.complaint());
}
