//! What `[addons.NAME.settings]` gives a provider, and what cannot be given.

use super::bad::complaints;
use super::*;
use crate::config::Settings;

fn settings_of(directory: &Directory) -> (Option<Settings>, Vec<String>) {
    let mut config = directory.load().unwrap_or_else(|errors| panic!("{errors}"));
    (config.add_ons.remove(0).settings, config.warnings)
}

fn settings(keys: &str) -> (Option<Settings>, Vec<String>) {
    settings_of(&Directory::of(&[("addons.toml", &with_add_on(keys))]))
}

fn pairs(settings: &Settings) -> Vec<(&str, &str)> {
    settings.pairs().collect()
}

#[test]
fn no_table_is_something_else_than_an_empty_one() {
    assert_eq!(settings("").0, None);
    assert_eq!(settings("settings = {}").0, Some(Settings::default()));
    assert_eq!(
        settings("[addons.caller-name.settings]").0,
        Some(Settings::default())
    );
}

#[test]
fn settings_are_texts_and_secrets_by_their_names() {
    let keys = "[addons.caller-name.settings]\nregion = \"eu\"\n\"api.key\" = { env = \
                \"AUTH_TOKEN\" }\nempty = \"\"\npin = { file = \"secrets/pin\" }";
    let directory = Directory::of(&[("addons.toml", &with_add_on(keys)), ("secrets/pin", "12\n")]);
    let (settings, warnings) = settings_of(&directory);
    let settings = settings.unwrap();
    assert_eq!(
        pairs(&settings),
        [
            ("api.key", "token of the environment"),
            ("empty", ""),
            ("pin", "12"),
            ("region", "eu"),
        ]
    );
    let secrets: Vec<_> = settings.secrets().collect();
    assert_eq!(secrets, ["token of the environment", "12"]);
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn settings_never_print_themselves() {
    let (settings, _) = settings("settings = { region = \"eu-west\" }");
    let shown = format!("{settings:?} {:#?}", with_everything());
    assert!(
        !shown.contains("eu-west") && !shown.contains("meet Zoe"),
        "{shown}"
    );
}

fn with_everything() -> Config {
    load(&with_add_on(
        "settings = { region = \"eu-west\" }\ngrants = { fields = [\"body\"] }\n\
         smoke = { phone = \"+12125550123\", body = \"meet Zoe\" }",
    ))
    .unwrap()
}

#[test]
fn a_text_that_looks_like_a_secret_is_worth_a_word() {
    let (_, warnings) = settings("settings = { key = \"b5d4c1f0e8a94d2c9f7e6b3a21088776\" }");
    insta::assert_snapshot!(warnings.join("\n"), @r#"`addons.caller-name.settings.key` looks like a secret: write { env = "NAME" } or { file = "PATH" }, and it stands in no file of the configuration and in no log"#);
}

#[test]
fn settings_that_cannot_be_given() {
    let many: Vec<_> = (0..65).map(|at| format!("s{at} = \"\"")).collect();
    let long = format!(
        "settings = {{ a = \"{}\", b = \"{}\" }}",
        "x".repeat(40_000),
        "x".repeat(25_535)
    );
    insta::assert_snapshot!(complaints([
        ("a number", with_add_on("settings = { rate = 5 }")),
        (
            "a list",
            with_add_on("settings = { regions = [\"us\", \"eu\"] }")
        ),
        (
            "a table of tables",
            with_add_on("[addons.caller-name.settings.api]\nkey = \"k\"")
        ),
        ("no table", with_add_on("settings = \"region=eu\"")),
        (
            "no variable",
            with_add_on("settings = { key = { env = \"NOT_SET\" } }")
        ),
        (
            "no file",
            with_add_on("settings = { key = { file = \"not-there\" } }")
        ),
        ("no name", with_add_on("settings = { \"\" = \"x\" }")),
        (
            "a name that is none",
            with_add_on("settings = { \"a b\" = \"x\" }")
        ),
    ]));
    let said = |keys: &str| load(&with_add_on(keys)).unwrap_err().to_string();
    let many = said(&format!(
        "[addons.caller-name.settings]\n{}",
        many.join("\n")
    ));
    assert!(
        many.contains("there are 65 settings, and there may be 64"),
        "{many}"
    );
    let long = said(&long);
    assert!(
        long.contains("the settings have 65537 bytes, and may have 65536"),
        "{long}"
    );
}
