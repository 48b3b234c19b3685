//! Who may ask, and how much, as an operator writes it.

use std::net::IpAddr;

use super::bad::complaints;
use super::*;
use crate::clients::{ClientAddress, ClientRules};
use crate::protocol::forwarded::ForwardedHeader;

fn good(keys: &str) -> ClientRules {
    let config = load(&format!("{SERVER}{keys}"));
    let config = config.unwrap_or_else(|errors| panic!("{}", errors.render(false)));
    ClientRules::clone(&config.server.clients)
}

fn address(text: &str) -> ClientAddress {
    ClientAddress::new(text.parse::<IpAddr>().unwrap())
}

#[test]
fn everybody_may_ask_and_nobody_is_believed_if_nothing_is_said() {
    assert_eq!(good(""), ClientRules::default());
    assert_eq!(
        good("trusted_proxies = []\nproxy_protocol = false\nrates = {}"),
        ClientRules::default()
    );
}

#[test]
fn every_key_of_those_who_ask_is_understood() {
    let rules = good(
        "trusted_proxies = [\"10.0.0.0/8\", \"fd00::1\"]\nproxy_protocol = true\n\
         forwarded = \"x-forwarded-for\"\n\
         allowed_networks = [\"174.129.222.33\", \"2001:db8::/32\"]\n\
         connections_per_address = 100\n\
         rates = { unverified = \"20/s\", account = \"600/m\", install = \"100/10s\" }",
    );
    assert!(rules.trusts(address("10.1.2.3")) && rules.trusts(address("fd00::1")));
    assert!(!rules.trusts(address("fd00::2")));
    assert!(rules.proxy_protocol);
    assert_eq!(rules.forwarded, Some(ForwardedHeader::XForwardedFor));
    assert!(rules.allows(address("2001:db8:7::1")) && !rules.allows(address("10.1.2.3")));
    assert_eq!(rules.connections, Some(100));
    let install = rules.rates.install.unwrap();
    assert_eq!((install.count.get(), install.per.as_secs()), (100, 10));
    assert_eq!(rules.rates.account, "600/m".parse().ok());
    assert_eq!(rules.rates.unverified, "20/s".parse().ok());
}

#[test]
fn those_who_ask_and_their_proxies_that_are_none() {
    let with = |keys: &str| format!("{SERVER}{keys}");
    let proxies = "trusted_proxies = [\"10.0.0.0/8\"]";
    insta::assert_snapshot!(complaints([
        (
            "no block",
            with("trusted_proxies = [\"the proxy\"]\nproxy_protocol = true")
        ),
        (
            "more than a block",
            with("allowed_networks = [\"10.0.0.1/8\"]")
        ),
        ("everybody", with("allowed_networks = [\"0.0.0.0/0\"]")),
        ("nobody", with("allowed_networks = []")),
        ("proxies that tell nothing", with(proxies)),
        ("no proxies", with("forwarded = \"forwarded\"")),
        (
            "no proxies either",
            with("trusted_proxies = []\nproxy_protocol = true")
        ),
        (
            "another header",
            with(&format!("{proxies}\nforwarded = \"x-real-ip\""))
        ),
        (
            "proxies, and no signatures",
            with_server(&format!(
                "public_url = \"http://localhost\"\nverify = false\n{proxies}\nproxy_protocol = true"
            ))
        ),
        ("no connection", with("connections_per_address = 0")),
        (
            "a rate without a time",
            with("rates = { unverified = \"20\" }")
        ),
        ("a rate of nothing", with("rates = { account = \"0/s\" }")),
        (
            "a rate of too long a time",
            with("rates = { install = \"1/9days\" }")
        ),
        ("a number for a rate", with("rates = { install = 1 }")),
        ("another key", with("rates = { address = \"20/s\" }")),
    ]));
}
