//! Every known way to have one thing checked and another connected to, a row for each.

mod arbitrary;
mod parsers;
mod redirects;

use super::*;

fn policy(rules: &[&str], networks: &[&str]) -> EgressPolicy {
    let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let networks = networks.iter().map(|net| net.parse().unwrap()).collect();
    EgressPolicy::new(rules, networks)
}

/// An operator's policy with all that there is: names, plain text, a port, addresses, and
/// a rule that is wider than is good.
fn opened() -> EgressPolicy {
    policy(
        &[
            "twilio.com",
            "*.twilio.com",
            "http://plain.example",
            "port.example:8443",
            "*.io",
            "127.0.0.1",
            "10.1.0.7:8443",
            "http://[::1]:9000",
            "[fd00:ec2::254]",
            "http://169.254.169.254",
            "0.0.0.0",
        ],
        &["10.1.0.0/16", "::1", "fd00::/8"],
    )
}

/// What an admitted URL is taken for.
fn taken(url: &str) -> Result<String, Refused> {
    opened().admit(url).map(|target| target.url())
}

fn not_listed(origin: &str) -> Refused {
    Refused::NotListed(origin.to_owned())
}

#[test]
fn what_is_listed_is_admitted_byte_for_byte() {
    for (url, taken_for) in [
        ("https://twilio.com", "https://twilio.com/"),
        (
            "https://api.twilio.com/a?b=c",
            "https://api.twilio.com/a?b=c",
        ),
        ("https://a.b.c.twilio.com/", "https://a.b.c.twilio.com/"),
        ("HTTPS://API.Twilio.COM/Ab", "https://api.twilio.com/Ab"),
        ("https://api.twilio.com:443/", "https://api.twilio.com/"),
        ("https://api.twilio.com?x", "https://api.twilio.com/?x"),
        ("https://api.twilio.com/#x", "https://api.twilio.com/"),
        (
            "https://api.twilio.com#@evil.example/",
            "https://api.twilio.com/",
        ),
        (
            "https://api.twilio.com/@evil.example",
            "https://api.twilio.com/@evil.example",
        ),
        (
            "https://api.twilio.com//evil.example/",
            "https://api.twilio.com//evil.example/",
        ),
        (
            "https://api.twilio.com/../%2e%2e/./'",
            "https://api.twilio.com/../%2e%2e/./'",
        ),
        (
            "https://api.twilio.com/a?b[c]=%zz&&=",
            "https://api.twilio.com/a?b[c]=%zz&&=",
        ),
        (
            "https://api.twilio.com/http://evil.example/",
            "https://api.twilio.com/http://evil.example/",
        ),
        ("http://plain.example/x", "http://plain.example/x"),
        ("http://plain.example:80/x", "http://plain.example/x"),
        ("https://port.example:8443/x", "https://port.example:8443/x"),
        ("https://10.1.0.7:8443/x", "https://10.1.0.7:8443/x"),
        ("http://[::1]:9000/x", "http://[::1]:9000/x"),
        ("http://[0:0:0:0:0:0:0:1]:9000/x", "http://[::1]:9000/x"),
    ] {
        assert_eq!(taken(url).as_deref(), Ok(taken_for), "{url}");
    }
}

#[test]
fn another_name_than_the_listed_is_refused_however_alike_it_is() {
    for (url, origin) in [
        ("https://evil.example/", "https://evil.example"),
        ("https://eviltwilio.com/", "https://eviltwilio.com"),
        (
            "https://twilio.com.evil.example/",
            "https://twilio.com.evil.example",
        ),
        ("https://twilio.co/", "https://twilio.co"),
        ("https://com/", "https://com"),
        ("https://xn--twlio-yva.com/", "https://xn--twlio-yva.com"),
        ("https://localhost/", "https://localhost"),
        (
            "https://api.twilio.com:8443/",
            "https://api.twilio.com:8443",
        ),
        ("https://api.twilio.com:80/", "https://api.twilio.com:80"),
        ("http://api.twilio.com/", "http://api.twilio.com"),
        ("http://api.twilio.com:443/", "http://api.twilio.com:443"),
        ("https://plain.example/", "https://plain.example"),
        ("https://port.example/", "https://port.example"),
        (
            "https://sub.port.example:8443/",
            "https://sub.port.example:8443",
        ),
        ("https://1.1.1.1/", "https://1.1.1.1"),
        ("https://10.1.0.7/", "https://10.1.0.7"),
        ("https://10.1.0.8:8443/", "https://10.1.0.8:8443"),
        ("https://[::1]/", "https://[::1]"),
        ("https://[::ffff:127.0.0.1]/", "https://[::ffff:127.0.0.1]"),
        ("https://[::ffff:7f00:1]/", "https://[::ffff:127.0.0.1]"),
        ("https://[64:ff9b::7f00:1]/", "https://[64:ff9b::7f00:1]"),
        ("https://io/", "https://io"),
    ] {
        assert_eq!(taken(url), Err(not_listed(origin)), "{url}");
    }
}

#[test]
fn nobody_in_particular_is_refused_under_any_rule() {
    for host in [
        "twil.io",
        "mine-1234.twil.io",
        "a.b.twil.io",
        "MINE.Twil.IO",
    ] {
        let url = format!("https://{host}/callback");
        let refused = Refused::Anybodys(host.to_ascii_lowercase());
        assert_eq!(taken(&url), Err(refused), "{url}");
    }
    assert!(taken("https://nottwil.io/").is_ok());
    assert_eq!(
        EgressPolicy::default().admit("https://mine.twil.io/").err(),
        Some(Refused::Anybodys("mine.twil.io".to_owned()))
    );
}

#[test]
fn an_address_needs_a_rule_and_a_network_as_well() {
    for host in ["127.0.0.1", "[fd00:ec2::254]", "0.0.0.0"] {
        let refused = Refused::Address(host.to_owned());
        assert_eq!(taken(&format!("https://{host}/")), Err(refused));
    }
    let metadata = Refused::Address("169.254.169.254".to_owned());
    let url = "http://169.254.169.254/latest/meta-data";
    assert_eq!(taken(url), Err(metadata));
    let opened = policy(&["127.0.0.1"], &["127.0.0.0/8"]);
    assert!(opened.admit("https://127.0.0.1/").is_ok());
}

#[test]
fn neither_path_nor_query_nor_credentials_are_ever_told() {
    let target = opened()
        .admit("https://api.twilio.com/s3cret?s3cret")
        .unwrap();
    assert_eq!(format!("{target:?}"), "Target(https://api.twilio.com/…)");
    for url in [
        "https://s3cret:s3cret@api.twilio.com/s3cret",
        "https://evil.example/s3cret?s3cret#s3cret",
        "https://x.twil.io/s3cret?s3cret",
        "https://127.0.0.1/s3cret",
        "https://api.twilio.com/s3cret s3cret",
        "https://api.twilio.com:s3cret/",
        "https://s3cret\\/",
        "s3cret://api.twilio.com/",
    ] {
        let refused = opened().admit(url).unwrap_err();
        assert!(
            !format!("{refused} {refused:?}").contains("s3cret"),
            "{refused}"
        );
    }
}

#[test]
fn towards_one_place_there_is_no_way_to_another() {
    for url in [
        "http://127.0.0.1:4318/v1",
        "http://collector:4318/",
        "https://[fd12::7]/v1",
        "https://otlp.example.com/",
    ] {
        let policy = EgressPolicy::towards(url).unwrap();
        assert!(policy.admit(url).is_ok(), "{url}");
        for other in [
            "https://www.example.com/",
            "http://127.0.0.1:80/",
            "http://collector/",
        ] {
            assert!(policy.admit(other).is_err(), "{url} {other}");
        }
    }
    for url in [
        "collector:4318",
        "https://u:p@collector/",
        "http://169.254.169.254/latest",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0:4318/",
        "https://anybody.twil.io/",
    ] {
        assert!(EgressPolicy::towards(url).is_err(), "{url}");
    }
}
