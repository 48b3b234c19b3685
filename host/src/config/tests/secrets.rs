//! A secret in the wrong place is refused without being repeated.

use super::*;

const LITERAL: &str = "Sup3rS3cret";
const TOKEN: &str = "b5d4c1f0e8a94d2c9f7e6b3a21088776";

/// Files in which `SECRET` stands where it should not.
fn misplaced() -> Vec<String> {
    let account = format!("{SERVER}[accounts.{ACCOUNT}]\n");
    let recordings = |keys: &str| with_add_on(&format!("serves = [\"recordings\"]\n{keys}"));
    vec![
        format!("{account}auth_tokens = [\"SECRET\"]"),
        format!("{account}auth_tokens = [\n  \"SECRET\",\n]"),
        format!("{account}auth_tokens = \"SECRET\""),
        format!("{account}auth_tokens = [[\"SECRET\"]]"),
        format!("{account}auth_tokens = SECRET"),
        format!("{account}auth_tokens = [\"SECRET]"),
        format!("{account}auth_token = \"SECRET\""),
        format!("{account}auth_tokens = [{{ value = \"SECRET\" }}]"),
        format!("{account}auth_tokens = [{{ env = [\"SECRET\"] }}]"),
        format!("{account}shared_keys = {{ main = \"SECRET\" }}"),
        format!("{account}shared_keys.main = 'SECRET'"),
        format!("{SERVER}accounts = {{ {ACCOUNT} = \"SECRET\" }}"),
        format!("[accounts]\n{ACCOUNT} = \"SECRET\"\n{SERVER}"),
        format!("accounts = \"SECRET\"\n{SERVER}"),
        format!("{SERVER}auth_token = \"SECRET\""),
        with_add_on("require.query.apikey = \"SECRET\""),
        with_add_on("require = { query = { apikey = \"SECRET\" } }"),
        with_add_on("require = { headers = { x-key = \"SECRET\" } }"),
        with_add_on("[addons.caller-name.require.query]\napikey = \"SECRET\""),
        with_add_on("[addons.caller-name.require.query]\napikey = SECRET"),
        with_add_on("require.basic = { username = \"u\", password = \"SECRET\" }"),
        with_add_on("require.basic = { username = \"u\", pass = \"SECRET\" }"),
        with_add_on("api_key = \"SECRET\""),
        with_add_on("settings = \"SECRET\""),
        with_add_on("settings = { region = [\"SECRET\"] }"),
        with_add_on("settings.region = { value = \"SECRET\" }"),
        with_add_on("[addons.caller-name.settings]\nregion = SECRET"),
        with_add_on("[addons.caller-name.settings]\nregion = \"SECRET\"\nrate = 5"),
        with_server("public_url = \"https://user:SECRET@addons.example.com\""),
        with_server("public_url = \"https://SECRET@addons.example.com\""),
        format!("{SERVER}[egress]\nhosts = [\"user:SECRET@a.example\"]"),
        format!("{SERVER}[egress]\nhosts = [\"a.example\", \"https://SECRET@b.example\"]"),
        format!("{SERVER}[jobs]\nstore = \"SECRET\""),
        format!("{SERVER}[jobs]\nstore = \"postgres://u:SECRET@h/d\""),
        format!("{SERVER}[jobs]\nstore = {{ postgres = \"SECRET\" }}"),
        format!("{SERVER}[jobs]\nstore = {{ url = \"SECRET\" }}"),
        format!("{SERVER}[jobs]\nstore = {{ postgres = SECRET }}"),
        format!("{SERVER}[jobs]\nstore = postgres://h/d?user=SECRET"),
        format!("{SERVER}[jobs.store]\npostgres = \"SECRET\""),
        format!("{SERVER}[jobs]\nseal = \"SECRET\""),
        format!("{SERVER}[jobs]\nseal = [\"SECRET\"]"),
        format!("{SERVER}[jobs]\nseal = [\n  \"SECRET\",\n]"),
        format!("{SERVER}[jobs]\nseal = [SECRET]"),
        format!("{SERVER}[jobs]\nseals = [\"SECRET\"]"),
        recordings("callback = \"u:SECRET\""),
        recordings("callback = { username = \"u\", password = \"SECRET\" }"),
        recordings("callback = { username = \"u\", pass = \"SECRET\" }"),
        recordings("callback = { username = \"u:SECRET\", password = { env = \"AUTH_TOKEN\" } }"),
        recordings("[addons.caller-name.callback]\nusername = \"u\"\npassword = SECRET"),
    ]
}

/// Files in which it gives itself away by its looks alone.
fn recognised() -> Vec<String> {
    let account = format!("{SERVER}[accounts.{ACCOUNT}]\n");
    vec![
        format!("{account}auth_tokens = [{{ env = \"SECRET\" }}]"),
        format!("{account}auth_tokens = [{{ file = \"SECRET\" }}]"),
        format!("{account}SECRET = 1"),
        format!("{SERVER}[accounts.SECRET]\nauth_tokens = []"),
        with_add_on("account = \"SECRET\""),
        with_add_on("SECRET = 1"),
        with_add_on("settings = { region = { env = \"SECRET\" } }"),
        with_server("public_url = \"SECRET\""),
        with_server("listen = \"SECRET\""),
    ]
}

fn refuse_in_silence(text: &str, secret: &str) {
    let text = text.replace("SECRET", secret);
    let errors = load(&text).expect_err(&text);
    for shown in [
        errors.to_string(),
        errors.render(false),
        errors.render(true),
        format!("{:#}", anyhow::Error::from(errors.clone())),
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_literal_secret_is_refused_and_never_shown() {
    for text in misplaced() {
        refuse_in_silence(&text, LITERAL);
        refuse_in_silence(&text, TOKEN);
    }
}

#[test]
fn a_token_is_never_shown_wherever_it_stands() {
    for text in recognised() {
        refuse_in_silence(&text, TOKEN);
    }
}

#[test]
fn the_line_of_a_literal_secret_is_shown_without_it() {
    let shown: Vec<String> = [0, 5, 16, 28]
        .into_iter()
        .map(|at| misplaced()[at].replace("SECRET", LITERAL))
        .chain([recognised()[0].replace("SECRET", TOKEN)])
        .map(|text| Directory::of(&[("addons.toml", &text)]).complaint())
        .collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn the_content_of_a_secrets_file_is_not_shown_either() {
    let text = format!("{SERVER}[accounts.{ACCOUNT}]\nauth_tokens = [{{ file = \"token\" }}]");
    for content in ["", "\n", &"s".repeat(65 * 1024)] {
        let directory = Directory::of(&[("addons.toml", &text), ("token", content)]);
        let said = directory.complaint();
        assert!(
            said.contains("the secret in `token` cannot be read"),
            "{said}"
        );
        assert!(!said.contains("ssss"), "{said}");
    }
}
