//! Each mistake, and what it is answered with: file, line, key, what was expected, and
//! what to do.

use super::*;

/// Shows what is said about each of several files.
pub(super) fn complaints<const N: usize>(cases: [(&str, String); N]) -> String {
    let show = |(name, text): (&str, String)| {
        let said = Directory::of(&[("addons.toml", &text)]).complaint();
        format!("#### {name}\n\n{said}\n")
    };
    cases.map(show).join("\n")
}

#[test]
fn a_file_that_is_no_toml() {
    insta::assert_snapshot!(complaints([
        (
            "no quotes",
            with_server("public_url = https://addons.example.com")
        ),
        (
            "an open quote",
            with_server("public_url = \"https://addons.example.com")
        ),
        (
            "an open table",
            "[server\nlisten = \"127.0.0.1:8080\"\n".into()
        ),
        ("a key without a value", with_server("listen =")),
        ("a key twice", with_server("verify = true\nverify = true")),
        ("an add-on twice", with_add_on("[addons.caller-name]")),
    ]));
}

#[test]
fn keys_that_nothing_reads() {
    insta::assert_snapshot!(complaints([
        ("at the top", format!("includes = [\"a.toml\"]\n{SERVER}")),
        (
            "in the server",
            with_server("public-url = \"https://addons.example.com\"")
        ),
        (
            "in the freshness",
            format!("{SERVER}freshness = {{ tll = \"TTL\" }}")
        ),
        (
            "in an account",
            format!("{SERVER}[accounts.{ACCOUNT}]\nauth_token = []")
        ),
        ("in an add-on", with_add_on("time_out = \"800ms\"")),
        (
            "in an add-on's fields",
            with_add_on("fields = { number = \"phone\" }")
        ),
        (
            "in an add-on's grants",
            with_add_on("grants = { http = [\"https://a.example\"] }")
        ),
        (
            "in an add-on's demands",
            with_add_on("require = { cookie = \"c\" }")
        ),
        ("like none", with_add_on("zzz = 1")),
    ]));
}

#[test]
fn values_of_another_shape() {
    insta::assert_snapshot!(complaints([
        ("a number for a text", with_add_on("timeout = 800")),
        ("a text for a number", with_add_on("concurrency = \"64\"")),
        ("a fraction", with_add_on("concurrency = 1.5")),
        ("a text for a switch", format!("{SERVER}verify = \"no\"")),
        ("a text for a list", with_add_on("serves = \"lookups\"")),
        ("a text for a table", with_add_on("grants = \"body\"")),
        ("a list for a path", with_add_on("path = [\"/cnam\"]")),
        (
            "a number for a field",
            with_add_on("fields = { phone = 1 }")
        ),
        (
            "a key of a field's source",
            with_add_on("fields = { phone = { cookie = \"a\" } }")
        ),
        (
            "a text for an add-on",
            format!("{SERVER}[addons]\ncaller-name = \"a\"")
        ),
        (
            "a text for all add-ons",
            format!("addons = \"a\"\n{SERVER}")
        ),
        (
            "a text for the server",
            "server = \"127.0.0.1:8080\"".into()
        ),
        (
            "no SID",
            format!("{SERVER}[addons.a]\ncomponent = \"plugins/a.wasm\"")
        ),
        (
            "no component",
            format!("{SERVER}[addons.a]\nsid = \"{SID}\"")
        ),
        (
            "no password",
            with_add_on("require = { basic = { username = \"u\" } }")
        ),
    ]));
}

#[test]
fn a_server_that_cannot_serve() {
    let url = |url: &str| with_server(&format!("public_url = \"{url}\""));
    insta::assert_snapshot!(complaints([
        ("no address", format!("{SERVER}listen = \"localhost\"")),
        ("no public URL", with_server("listen = \"127.0.0.1:8080\"")),
        ("nothing at all", String::new()),
        ("no scheme", url("addons.example.com")),
        ("another scheme", url("ftp://addons.example.com")),
        ("a query", url("https://addons.example.com/?a=1")),
        ("no port", url("https://addons.example.com:99999")),
        (
            "both spellings",
            format!("{SERVER}public_urls = [\"https://b.example\"]")
        ),
        (
            "a size without bounds",
            format!("{SERVER}body_limit = \"1GiB\"")
        ),
        ("no size", format!("{SERVER}body_limit = \"plenty\"")),
        ("no duration", format!("{SERVER}body_timeout = \"soon\"")),
        (
            "a duration without bounds",
            format!("{SERVER}header_timeout = \"2h\"")
        ),
        ("no connection", format!("{SERVER}connections = 0")),
        (
            "a unit of time",
            format!("{SERVER}freshness = {{ ttl_unit = \"minutes\" }}")
        ),
        ("unverified, for others", format!("{SERVER}verify = false")),
        (
            "unverified, heard by others",
            with_server(
                "public_url = \"http://localhost\"\nlisten = \"0.0.0.0:80\"\nverify = false"
            ),
        ),
    ]));
}

#[test]
fn accounts_that_cannot_sign() {
    let account = |keys: &str| format!("{SERVER}[accounts.{ACCOUNT}]\n{keys}");
    insta::assert_snapshot!(complaints([
        (
            "no SID",
            format!("{SERVER}[accounts.main]\nauth_tokens = []")
        ),
        (
            "another SID",
            format!("{SERVER}[accounts.{SID}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}]")
        ),
        ("no token", account("auth_tokens = []")),
        (
            "a variable that is not set",
            account("auth_tokens = [{ env = \"NO_SUCH_VARIABLE\" }]")
        ),
        (
            "a file that is not there",
            account("auth_tokens = [{ file = \"secrets/token\" }]")
        ),
        (
            "one token for two",
            format!(
                "{}\n[accounts.{OTHER_ACCOUNT}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}]\n",
                account("auth_tokens = [{ env = \"AUTH_TOKEN\" }]")
            ),
        ),
    ]));
}

#[test]
fn no_account_at_all() {
    let directory = Directory::of(&[("addons.toml", &with_add_on(""))]);
    let said = |environment: &Environment| {
        let errors = directory.load_in(environment).unwrap_err();
        directory.relative(&format!("{errors}\n"))
    };
    insta::assert_snapshot!(
        [
            said(&Environment::default()),
            said(&Environment::from([("ACCOUNT_SID", "main")])),
            said(&Environment::from([
                ("ACCOUNT_SID", ACCOUNT),
                ("AUTH_TOKEN", "")
            ])),
        ]
        .concat()
    );
}

#[test]
fn everything_is_said_at_once_in_the_order_of_the_file() {
    let text = format!(
        "{SERVER}listen = \"here\"\nbody_limit = \"plenty\"\n\
         [addons.b]\nsid = \"XB1\"\ncomponent = \"/b.wasm\"\ntimeout = \"never\"\n\
         [addons.a]\nsid = \"{SID}\"\ncomponent = \"plugins/a\"\n"
    );
    let errors = load(&text).unwrap_err();
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "server.listen",
            "server.body_limit",
            "addons.b.sid",
            "addons.b.component",
            "addons.b.timeout",
            "addons.a.component",
        ]
    );
}

#[test]
fn a_wrong_table_does_not_hide_the_next() {
    let text = format!("{SERVER}port = 1\n[addons.b]\nsid = 1\n[addons.a]\nsids = \"{SID}\"\n");
    let errors = load(&text).unwrap_err();
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["server.port", "addons.b.sid", "addons.a.sids"]);
}

#[test]
fn files_that_contradict_each_other() {
    let add_on = |name: &str, sid: &str| {
        format!("[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"plugins/{name}.wasm\"\n")
    };
    let first = format!("include = [\"addons.d/*.toml\", \"more.toml\"]\n{SERVER}");
    let said = Directory::of(&[
        ("addons.toml", &first),
        ("addons.d/one.toml", &add_on("one", SID)),
        (
            "addons.d/two.toml",
            &format!("{}{}", add_on("two", SID), add_on("one", OTHER_SID)),
        ),
        (
            "more.toml",
            &format!("include = [\"even-more.toml\"]\n{SERVER}"),
        ),
    ])
    .complaint();
    insta::assert_snapshot!(said);
}

#[test]
fn files_that_are_not_there() {
    let missing = Directory::of(&[]).complaint();
    let included = Directory::of(&[(
        "addons.toml",
        &format!("include = [\"team-a.toml\", \"a/[\"]\n{SERVER}"),
    )])
    .complaint();
    insta::assert_snapshot!(format!("{missing}\n\n{included}"));
}
