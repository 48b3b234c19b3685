//! TLS, as an operator sets it up: two files for each certificate, and what may be wrong
//! with them.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;
use crate::server::tls::Tls;

/// One certificate, of these files.
const ONE: &str = "{ chain = \"tls/it.pem\", key = \"tls/it.key\" }";
const OTHER: &str = "{ chain = \"tls/other.pem\", key = \"tls/other.key\" }";

/// A chain of two, and its key, in PEM.
struct Issued {
    server: String,
    authority: String,
    key: String,
}

fn issued(params: CertificateParams) -> Issued {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // Who signs has another name than who is signed, as with every authority.
    let name = rcgen::DnType::CommonName;
    authority.distinguished_name.push(name, "an authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap());
    let (authority, key) = (authority.unwrap(), KeyPair::generate().unwrap());
    Issued {
        server: params.signed_by(&key, &authority).unwrap().pem(),
        authority: authority.pem(),
        key: key.serialize_pem(),
    }
}

fn named(names: &[&str]) -> CertificateParams {
    let names = names.iter().map(|name| (*name).to_owned());
    CertificateParams::new(names.collect::<Vec<_>>()).unwrap()
}

impl Issued {
    fn chain(&self) -> String {
        format!("{}{}", self.server, self.authority)
    }
}

fn with_tls(certificates: &str, keys: &str) -> String {
    format!("{SERVER}[server.tls]\ncertificates = [{certificates}]\n{keys}\n")
}

/// A directory with a configuration and these files for `ONE`.
fn directory(text: &str, chain: &str, key: &str) -> Directory {
    let files = [
        ("addons.toml", text),
        ("tls/it.pem", chain),
        ("tls/it.key", key),
    ];
    let directory = Directory::of(&files);
    for key in ["tls/it.key", "tls/other.key"] {
        protect(&directory, key, 0o600);
    }
    directory
}

fn protect(directory: &Directory, file: &str, mode: u32) {
    let file = directory.0.path().join(file);
    if file.exists() {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn good(directory: &Directory) -> (Arc<Tls>, Vec<String>) {
    let config = directory.load().unwrap();
    let warnings = config.warnings.into_iter();
    let warnings = warnings.filter(|warning| !warning.contains("no add-on"));
    (config.server.tls.unwrap(), warnings.collect())
}

#[test]
fn a_listener_speaks_plain_text_if_nothing_is_said() {
    assert_eq!(load(SERVER).unwrap().server.tls, None);
}

#[test]
fn a_certificate_is_its_names_and_its_time() {
    let mut params = named(&["Addons.example.com", "*.example.org", "127.0.0.1"]);
    params.not_after = rcgen::date_time_ymd(2999, 1, 2);
    let it = issued(params);
    let (tls, warnings) = good(&directory(&with_tls(ONE, ""), &it.chain(), &it.key));
    let [certificate] = tls.certificates() else {
        panic!("{tls:?}");
    };
    assert_eq!(certificate.names(), ["addons.example.com", "*.example.org"]);
    assert_eq!(certificate.not_after().to_string(), "2999-01-02T00:00:00Z");
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn the_files_are_watched_and_another_certificate_is_a_change() {
    let (it, next) = (issued(named(&["a.example"])), issued(named(&["a.example"])));
    let directory = directory(&with_tls(ONE, ""), &it.chain(), &it.key);
    let before = directory.load().unwrap();
    for file in ["tls/it.pem", "tls/it.key"] {
        let file = directory.0.path().join(file);
        assert!(before.inputs.files().any(|input| input == file));
    }
    assert_eq!(before.server, directory.load().unwrap().server);
    fs::write(directory.0.path().join("tls/it.pem"), next.chain()).unwrap();
    fs::write(directory.0.path().join("tls/it.key"), &next.key).unwrap();
    assert_ne!(before.server, directory.load().unwrap().server);
}

#[test]
fn what_clients_will_not_accept_and_others_can_read_is_warned_of() {
    let said = |from: i32, to: i32, mode: u32| {
        let mut params = named(&["a.example"]);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let it = issued(params);
        let directory = directory(&with_tls(ONE, ""), &it.chain(), &it.key);
        protect(&directory, "tls/it.key", mode);
        good(&directory).1.join("\n")
    };
    assert_eq!(said(2001, 2999, 0o640), "");
    insta::assert_snapshot!(
        [
            said(2001, 2002, 0o600),
            said(2998, 2999, 0o600),
            said(2001, 2999, 0o644),
        ]
        .join("\n")
    );
}

#[test]
fn certificates_that_are_none() {
    let it = issued(named(&["a.example"]));
    let said = |chain: &str| directory(&with_tls(ONE, ""), chain, &it.key).complaint();
    let torn = it.server.replace("-----END CERTIFICATE-----", "");
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    insta::assert_snapshot!(
        [
            said(""),
            said(&torn),
            said(&it.key),
            said(junk),
            said(&format!("{}{}", it.authority, it.server)),
            said(&format!("{}{junk}", it.server)),
        ]
        .join("\n\n")
    );
}

#[test]
fn keys_that_are_none() {
    let (it, other) = (issued(named(&["a.example"])), issued(named(&["a.example"])));
    let said = |key: &str| directory(&with_tls(ONE, ""), &it.chain(), key).complaint();
    let encrypted = it.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
               DEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let unusable = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let said = [
        said(""),
        said(&it.key.replace("-----END PRIVATE KEY-----", "")),
        said(&encrypted),
        said(old),
        said(unusable),
        said(&other.key),
    ]
    .join("\n\n");
    for secret in [&it.key, &other.key] {
        let line = secret.lines().nth(1).unwrap();
        assert!(!said.contains(line), "{said}");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn files_that_are_missing_or_are_not_named_but_written_out() {
    let it = issued(named(&["a.example"]));
    let text = with_tls(ONE, "");
    let missing = Directory::of(&[("addons.toml", &text)]).complaint();
    let inline = it.key.replace('\n', "\\n");
    let inline = format!("{{ chain = \"tls/it.pem\", key = \"{inline}\" }}");
    let inline = directory(&with_tls(&inline, ""), &it.chain(), &it.key).complaint();
    let secret = it.key.lines().nth(1).unwrap();
    assert!(!inline.contains(secret), "{inline}");
    let mut inline = inline.lines();
    insta::assert_snapshot!([missing.as_str(), inline.next().unwrap()].join("\n\n"));
}

#[test]
fn certificates_that_nobody_could_choose_between() {
    let said = |other: Issued| {
        let it = issued(named(&["a.example", "b.example"]));
        let text = with_tls(&format!("\n  {ONE},\n  {OTHER},\n"), "");
        let directory = directory(&text, &it.chain(), &it.key);
        let at = |file: &str| directory.0.path().join(file);
        fs::write(at("tls/other.pem"), other.chain()).unwrap();
        fs::write(at("tls/other.key"), &other.key).unwrap();
        directory.complaint()
    };
    insta::assert_snapshot!(
        [
            said(issued(named(&["c.example", "B.example"]))),
            said(issued(named(&["127.0.0.1"]))),
        ]
        .join("\n\n")
    );
}

#[test]
fn one_name_may_have_certificates_whose_keys_are_of_different_kinds() {
    let it = issued(named(&["addons.example.com"]));
    let text = with_tls(&format!("{ONE}, {OTHER}"), "");
    let beside = |other: &Issued| {
        let directory = directory(&text, &it.chain(), &it.key);
        let at = |file: &str| directory.0.path().join(file);
        fs::write(at("tls/other.pem"), &other.server).unwrap();
        fs::write(at("tls/other.key"), &other.key).unwrap();
        protect(&directory, "tls/other.key", 0o600);
        directory
    };
    // ring makes no RSA keys, so this one is made once for all.
    let rsa = Issued {
        server: include_str!("../../../../tests/fixtures/rsa.pem").to_owned(),
        authority: String::new(),
        key: include_str!("../../../../tests/fixtures/rsa.key").to_owned(),
    };
    let (tls, warnings) = good(&beside(&rsa));
    let kinds: Vec<_> = tls.certificates().iter().map(|it| it.kind()).collect();
    assert_eq!(kinds, ["ECDSA", "RSA"]);
    assert!(warnings.is_empty(), "{warnings:?}");
    let same = beside(&issued(named(&["addons.example.com"]))).complaint();
    assert!(
        same.contains("another ECDSA certificate is for `addons.example.com` as well"),
        "{same}"
    );
}

#[test]
fn keys_of_the_table_that_are_wrong() {
    let it = issued(named(&["a.example"]));
    let said = |text: &str| directory(text, &it.chain(), &it.key).complaint();
    insta::assert_snapshot!(
        [
            said(&with_tls("", "")),
            said(&with_tls("\"tls/it.pem\"", "")),
            said(&with_tls("{ chain = \"tls/it.pem\" }", "")),
            said(&with_tls(ONE, "handshake_timeout = \"0s\"")),
            said(&with_tls(ONE, "http_2 = true")),
            said(&format!("{SERVER}[server.tls]\n")),
        ]
        .join("\n\n")
    );
}
