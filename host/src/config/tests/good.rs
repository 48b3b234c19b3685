//! Configurations that are good, and what becomes of them.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::config::{AddOnConfig, BreakerRule, Inputs, Overload, Paths};
use crate::protocol::address::AddressKind;
use crate::protocol::point::IntegrationPoint;

#[track_caller]
fn good(text: &str) -> Config {
    load(text).unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

#[test]
fn the_environments_account_is_enough() {
    let config = good(&with_add_on(""));
    assert_eq!(config.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert!(config.server.verify);
    assert_eq!(config.accounts.len(), 1);
    let [
        AddOnConfig {
            name,
            terms,
            paths,
            limits,
            ..
        },
    ] = config.add_ons.as_slice()
    else {
        panic!("one add-on");
    };
    assert_eq!(name.as_str(), "caller-name");
    assert_eq!(terms.account.to_string(), ACCOUNT);
    assert_eq!(terms.add_on.to_string(), SID);
    assert_eq!(
        *paths,
        Paths::Shared(IntegrationPoint::SYNCHRONOUS.to_vec())
    );
    assert!(terms.accept(AddressKind::E164) && !terms.accept(AddressKind::Sip));
    assert_eq!(limits.timeout, Duration::from_millis(800));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn a_file_beside_the_configuration_may_hold_the_environment() {
    let dotenv = format!("ACCOUNT_SID={ACCOUNT}\nAUTH_TOKEN=of-the-file\n");
    let directory = Directory::of(&[("addons.toml", &with_add_on("")), (".env", &dotenv)]);
    assert!(directory.load_in(&Environment::default()).is_err());
    let environment = Environment::load(directory.0.path()).unwrap();
    assert_eq!(directory.load_in(&environment).unwrap().accounts.len(), 1);
}

#[test]
fn the_environment_may_hold_a_second_token_for_a_rotation() {
    let directory = Directory::of(&[("addons.toml", &with_add_on(""))]);
    let environment = Environment::from([
        ("ACCOUNT_SID", ACCOUNT),
        ("AUTH_TOKEN", "first"),
        ("AUTH_TOKEN_SECONDARY", "second"),
    ]);
    let config = directory.load_in(&environment).unwrap();
    assert_eq!(config.accounts[0].tokens.len(), 2);
}

#[test]
fn an_account_may_have_several_tokens_from_several_places() {
    let text = with_add_on(&format!(
        "[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}, {{ file = \"secrets/next\" }}]\n\
         shared_keys = {{ main = {{ file = \"secrets/next\" }} }}"
    ));
    let directory = Directory::of(&[("addons.toml", &text), ("secrets/next", "next-token\n")]);
    let config = directory.load().unwrap();
    assert_eq!(config.accounts[0].tokens.len(), 2);
    assert_eq!(config.accounts[0].shared_keys.len(), 1);
    assert!(!format!("{config:?}").contains("next-token"));
}

#[test]
fn included_files_are_one_configuration() {
    let add_on = |name: &str, sid: &str| {
        format!("[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"plugins/{name}.wasm\"\n")
    };
    let directory = Directory::of(&[
        (
            "addons.toml",
            &format!("include = [\"addons.d/*.toml\", \"none.d/*.toml\"]\n{SERVER}"),
        ),
        ("addons.d/b.toml", &add_on("b", SID)),
        ("addons.d/a.toml", &add_on("a", OTHER_SID)),
        ("addons.d/notes.txt", "no TOML"),
    ]);
    let config = directory.load().unwrap();
    let names: Vec<_> = config
        .add_ons
        .iter()
        .map(|add_on| add_on.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    // Relative paths start from the first file, wherever the including one lies.
    let component = &config.add_ons[0].component.path;
    assert_eq!(*component, directory.0.path().join("plugins/a.wasm"));
}

#[test]
fn the_example_is_good() {
    let text = include_str!("../../../../addons.toml");
    let config = good(text);
    let names: Vec<_> = config
        .add_ons
        .iter()
        .map(|add_on| add_on.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "caller-name",
            "number-insight",
            "message-sentiment",
            "recording-insight"
        ]
    );
    assert!(config.add_ons[2].terms.grants.body);
    assert!(config.add_ons[3].recordings.is_some());
}

#[test]
fn every_key_is_understood() {
    let text = format!(
        r#"
        [server]
        listen = "[::1]:0"
        public_urls = ["http://localhost:8080/base", "https://[::1]"]
        verify = false
        plugin_dir = "components"
        body_limit = "64KiB"
        body_timeout = "2s"
        header_timeout = "10s"
        drain_timeout = "1m"
        connections = 100
        concurrency = 10
        [server.freshness]
        date = ["Date", {{ header = "date" }}]
        ttl = "Ttl"
        ttl_unit = "ms"
        default_ttl = "1m"
        clock_skew = "0s"
        required = true

        [addons.a]
        account = "{ACCOUNT}"
        sid = "{SID}"
        component = "components/a.wasm"
        sha256 = "{}"
        serves = ["lookups", "incoming-sms"]
        path = {{ lookups = "/cnam/lookups", incoming-sms = "/cnam/sms" }}
        methods = ["get", "json"]
        fields = {{ phone = ["phone", {{ header = "x-phone" }}], other = "to", body = "text", extra = {{ plan = "plan" }} }}
        accepts = ["e164", "sip"]
        default_region = "GB"
        require = {{ query = {{ key = {{ env = "AUTH_TOKEN" }} }}, headers = {{ x-key = {{ env = "AUTH_TOKEN" }} }} }}
        envelope = "verbatim"
        on_error = {{ status = "{{code}}" }}
        fallback = '{{"score": 0}}'
        versions = {{ XC00000000000000000000000000000001 = "old", XC00000000000000000000000000000002 = "1.4" }}
        timeout = "1s"
        memory = "4MiB"
        reply_limit = "1KiB"
        concurrency = 2
        queue = 0
        weight = 3
        overload = "retry"
        breaker = {{ failures = 0, pause = "2s", longest_pause = "1m" }}
        grants = {{ fields = ["body", "other", "plan", "*"] }}
        "#,
        "0".repeat(64)
    );
    let config = good(&text);
    let add_on = &config.add_ons[0];
    assert_eq!(config.server.connections, 100);
    assert_eq!(config.server.drain_timeout, Duration::from_secs(60));
    let names: Vec<&str> = add_on.versions.iter().map(|(_, name)| &**name).collect();
    assert_eq!(names, ["old", "1.4"]);
    assert_eq!(config.server.freshness.ttl_unit, Duration::from_millis(1));
    assert_eq!(
        add_on.paths.of(IntegrationPoint::IncomingSms),
        Some("/cnam/sms")
    );
    assert_eq!(add_on.paths.of(IntegrationPoint::IncomingVoiceCall), None);
    assert_eq!(add_on.fallback.as_deref(), Some(r#"{"score":0}"#));
    assert_eq!(add_on.limits.memory, 4 * 1024 * 1024);
    assert_eq!((add_on.limits.queue, add_on.limits.weight), (0, 3));
    assert_eq!(add_on.overload, Overload::Retry);
    let breaker = BreakerRule {
        failures: usize::MAX,
        pause: Duration::from_secs(2),
        longest_pause: Duration::from_secs(60),
    };
    assert_eq!(add_on.breaker, breaker);
    assert_eq!(add_on.require.parameters.len(), 1);
    // Twilio signs no header.
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
}

#[test]
fn paths_are_shown_as_they_are_written() {
    // Without a directory in front, as in `--config addons.toml`.
    let checking = |root: &str| {
        super::super::Checking::new(root.into(), &environment(), &mut Inputs::default())
            .rooted("./plugins/a.wasm")
    };
    assert_eq!(checking(""), Path::new("plugins/a.wasm"));
    assert_eq!(
        checking("/etc/jackfield"),
        Path::new("/etc/jackfield/plugins/a.wasm")
    );
}

#[test]
fn the_plugin_directory_may_be_the_configurations_own() {
    let text = format!(
        "{SERVER}plugin_dir = \".\"\n[addons.a]\nsid = \"{SID}\"\ncomponent = \"./a.wasm\""
    );
    let config = good(&text);
    assert!(
        config.add_ons[0]
            .component
            .path
            .starts_with(&config.server.plugin_dir)
    );
}

#[test]
fn a_host_without_add_ons_is_warned_of() {
    let warnings = good(SERVER).warnings;
    assert_eq!(
        warnings,
        ["there is no add-on: every request will be refused"]
    );
}
