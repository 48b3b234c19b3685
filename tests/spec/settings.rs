//! What an operator sets for a provider: it reaches that provider, is checked by it, and
//! the secrets among it are nobody else's.

use std::fs;

use insta::assert_snapshot;
use jackfield_tests::{ACCOUNT, NUMBER, TOKEN, TestHost, TestHostBuilder, add_on_sid, guest, run};

const SECRET: &str = "sk-Ludwig-4711";

/// A host whose one add-on, beside `echo`, has these settings.
fn host(name: &str, settings: &str) -> TestHostBuilder {
    TestHost::with(name, &add_on_sid('a'), settings)
        .add_on("echo", &add_on_sid('e'), &guest("echo"), "")
        .env("API_KEY", SECRET)
}

/// What is said of it by `check`, and by the log of a host that serves it all the same:
/// its own add-on is unavailable, and its neighbour answers.
async fn refused(name: &str, settings: &str) -> String {
    let host = host(name, settings).start();
    host.keep_secret(SECRET);
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    let answer = host.twilio().lookup(&add_on_sid('e'), NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let environment = [
        ("ACCOUNT_SID", ACCOUNT),
        ("AUTH_TOKEN", TOKEN),
        ("API_KEY", SECRET),
    ];
    let checked = run(&["check"], &environment, host.path());
    assert_eq!(checked.status.code(), Some(1));
    let said = String::from_utf8(checked.stderr).unwrap();
    let on_one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason = on_one_line.split_once("error: `addons.").unwrap().1;
    let reason = reason
        .split_once("`: ")
        .unwrap()
        .1
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    assert!(host.log().contains(&reason), "{reason}\n{}", host.log());
    assert!(!said.contains(SECRET), "{said}");
    said
}

#[tokio::test]
async fn a_provider_reads_its_settings() {
    let settings = "settings = { region = \"eu\", api_key = { env = \"API_KEY\" } }";
    let host = host("settings", settings).start();
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_snapshot!(answer.json()["results"], @r#"{"region":"eu","settings":[["api_key","sk-Ludwig-4711"],["region","eu"]]}"#);
}

#[tokio::test]
async fn secret_settings_never_reach_the_log_whoever_writes_them() {
    let settings = "settings = { region = \"eu\", api_key = { env = \"API_KEY\" } }";
    let host = host("settings", settings).start();
    host.keep_secret(SECRET);
    host.keep_secret("Ludwig");
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let log = host.log();
    for line in [
        "wrote add_on=\"settings\" line=\"checked: api_key is …, region is eu\"",
        "wrote add_on=\"settings\" line=\"served: api_key is …, region is eu\"",
    ] {
        assert!(log.contains(line), "{log}");
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_settings_needs_a_table_even_an_empty_one() {
    assert_snapshot!(refused("settings", "").await, @r#"error: `addons.settings`: `plugins/settings.wasm` imports `wasi:config/store@0.2.0-rc.1`, and has no settings: add a table [addons.settings.settings], which may be empty"#);
    let host = host("settings", "settings = {}").start();
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_snapshot!(answer.json()["results"], @r#"{"region":null,"settings":[]}"#);
}

#[tokio::test]
async fn a_provider_is_not_served_with_settings_that_it_does_not_accept() {
    assert_snapshot!(refused("settings", "settings = { act = \"refuse\" }").await, @r#"
    error: `addons.settings`: `plugins/settings.wasm` does not accept its settings:
      - `region`: expected `us` or `eu`
      - `rate`: expected a number of at most 65536
    "#);
}

#[tokio::test]
async fn a_check_is_made_without_settings_too_and_needs_no_import() {
    assert_snapshot!(refused("strict", "").await, @r#"
    error: `addons.strict`: `plugins/strict.wasm` does not accept its settings:
      - `region`: the setting is missing
    "#);
    let host = host("strict", "settings = { region = \"eu\" }").start();
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
}

#[tokio::test]
async fn what_a_check_says_repeats_no_secret() {
    let settings = "settings = { act = \"repeat\", api_key = { env = \"API_KEY\" } }";
    assert_snapshot!(refused("settings", settings).await, @r#"
    error: `addons.settings`: `plugins/settings.wasm` does not accept its settings:
      - act is repeat
      - api_key is …
    "#);
}

#[tokio::test]
async fn a_check_that_floods_says_a_few_plain_lines() {
    let said = refused("settings", "settings = { act = \"flood\" }").await;
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said}");
    assert_eq!(said.lines().count(), 1 + 16 + 1);
    assert!(said.ends_with("\n  - and 134 more\n"), "{said}");
    let longest = said.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= 304, "{said}");
}

#[tokio::test]
async fn a_check_that_brings_no_result_is_told_like_any_call() {
    for (act, told) in [
        (
            "panic",
            "the provider trapped: wasm trap: wasm `unreachable` instruction executed",
        ),
        ("spin", "the provider used up its processor time"),
        ("overflow", "the provider's reply is far too long"),
    ] {
        let settings = format!("cpu = \"50ms\"\nsettings = {{ act = \"{act}\" }}");
        let said = refused("settings", &settings).await;
        let told = format!("fails when it checks its settings: {told}");
        assert!(said.contains(&told), "{said}");
    }
    let said = refused("settings", "settings = { act = \"mute\" }").await;
    assert!(
        said.ends_with("settings:\n  - it does not say why\n"),
        "{said}"
    );
}

#[test]
fn settings_that_nothing_asks_for_are_worth_a_word() {
    let builder = host("settings", "settings = {}").toml("[addons.echo.settings]\nregion = \"eu\"");
    let host = builder.start();
    let log = host.log();
    assert!(
        log.contains("WARN `addons.echo.settings`: the provider does not ask for settings"),
        "{log}"
    );
    assert!(!log.contains("`addons.settings.settings`"), "{log}");
}

#[test]
fn a_check_of_another_shape_is_refused() {
    let component = r#"(component
        (core module $m (func (export "check")))
        (core instance $i (instantiate $m))
        (func $check (canon lift (core func $i "check")))
        (instance $settings (export "check" (func $check)))
        (export "jackfield:addon/settings@1.0.0" (instance $settings)))"#;
    let builder = TestHost::builder();
    let file = builder.path().join("it.wasm");
    fs::write(&file, wat::parse_str(component).unwrap()).unwrap();
    let host = builder.add_on("it", &add_on_sid('a'), &file, "").start();
    let told = "`plugins/it.wasm` exports `jackfield:addon/settings@1.0.0`, but not as the \
                contract has it";
    assert!(host.log().contains(told), "{}", host.log());
}
