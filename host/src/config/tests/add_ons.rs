//! Mistakes in `[addons]`, and what each is answered with.

use super::bad::complaints;
use super::*;

#[test]
fn add_ons_that_belong_to_nobody_or_to_two() {
    let two = format!(
        "{SERVER}[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}]\n\
         [accounts.{OTHER_ACCOUNT}]\nauth_tokens = [{{ env = \"ACCOUNT_SID\" }}]\n\
         [addons.a]\nsid = \"{SID}\"\ncomponent = \"plugins/a.wasm\"\n"
    );
    insta::assert_snapshot!(complaints([
        (
            "no SID",
            format!("{SERVER}[addons.a]\nsid = \"XB123\"\ncomponent = \"plugins/a.wasm\"")
        ),
        (
            "another SID",
            format!("{SERVER}[addons.a]\nsid = \"{ACCOUNT}\"\ncomponent = \"plugins/a.wasm\"")
        ),
        (
            "a SID twice",
            with_add_on(&format!(
                "[addons.b]\nsid = \"{SID}\"\ncomponent = \"plugins/b.wasm\""
            ))
        ),
        (
            "no name",
            format!(
                "{SERVER}[addons.\"Caller Name\"]\nsid = \"{SID}\"\ncomponent = \"plugins/a.wasm\""
            )
        ),
        (
            "an account that is unknown",
            with_add_on(&format!("account = \"{OTHER_ACCOUNT}\""))
        ),
        ("an account that is none", with_add_on("account = \"main\"")),
        ("one of two accounts", two),
    ]));
}

#[test]
fn add_ons_that_are_reached_nowhere_or_twice() {
    let second = |keys: &str| {
        with_add_on(&format!(
            "path = \"/cnam\"\nserves = [\"lookups\"]\n\
             [addons.b]\nsid = \"{OTHER_SID}\"\ncomponent = \"plugins/b.wasm\"\n{keys}"
        ))
    };
    let alone = |path: &str| with_add_on(&format!("serves = [\"lookups\"]\npath = {path}"));
    insta::assert_snapshot!(complaints([
        ("an unknown point", with_add_on("serves = [\"lookup\"]")),
        ("no point", with_add_on("serves = []")),
        ("no slash", alone("\"cnam\"")),
        ("a query", alone("\"/cnam?a=1\"")),
        ("where all are reached", alone("\"/lookups\"")),
        ("one for several", with_add_on("path = \"/cnam\"")),
        (
            "none for one",
            with_add_on("serves = [\"lookups\", \"incoming-sms\"]\npath = { lookups = \"/cnam\" }")
        ),
        (
            "for one that is not served",
            alone("{ incoming-sms = \"/cnam\" }")
        ),
        ("for one that is unknown", alone("{ sms = \"/cnam\" }")),
        ("for none", with_add_on("path = {}")),
        (
            "twice within an add-on",
            with_add_on("path = { lookups = \"/cnam\", incoming-sms = \"/cnam\" }"),
        ),
        (
            "twice among add-ons",
            second("serves = [\"incoming-sms\"]\npath = \"/cnam\"")
        ),
        (
            "where another's begins",
            second("serves = [\"lookups\"]\npath = \"/cnam-basic\"")
        ),
    ]));
}

#[test]
fn requests_that_cannot_be_read() {
    insta::assert_snapshot!(complaints([
        ("an empty list", with_add_on("fields = { phone = [] }")),
        ("an empty name", with_add_on("fields = { phone = \"\" }")),
        (
            "a bad header",
            with_add_on("fields = { phone = { header = \"X Phone\" } }")
        ),
        ("an unknown method", with_add_on("methods = [\"PUT\"]")),
        ("no method", with_add_on("methods = []")),
        ("an unknown kind", with_add_on("accepts = [\"mobile\"]")),
        ("no kind", with_add_on("accepts = []")),
        ("no country", with_add_on("default_region = \"Utopia\"")),
        (
            "a bad header that is demanded",
            with_add_on("require.headers.\"X Key\" = { env = \"AUTH_TOKEN\" }")
        ),
        (
            "a user with a colon",
            with_add_on(
                "require.basic = { username = \"u:p\", password = { env = \"AUTH_TOKEN\" } }"
            ),
        ),
    ]));
}

#[test]
fn answers_that_cannot_be_given() {
    let long = format!(
        "envelope = \"verbatim\"\non_error = '{{\"a\": \"{}\"}}'",
        "x".repeat(40_000)
    );
    let long = Directory::of(&[("addons.toml", &with_add_on(&long))])
        .load()
        .unwrap_err();
    assert!(long.to_string().ends_with("shorten it to 32768"), "{long}");
    insta::assert_snapshot!(complaints([
        ("an unknown envelope", with_add_on("envelope = \"none\"")),
        (
            "a template without its envelope",
            with_add_on("on_error = { a = 1 }")
        ),
        (
            "a template that is no object",
            with_add_on("envelope = \"verbatim\"\non_error = [1]")
        ),
        (
            "a text that is no JSON",
            with_add_on("envelope = \"verbatim\"\non_error = \"failed\"")
        ),
        ("a fallback that is no object", with_add_on("fallback = 1")),
    ]));
}

#[test]
fn providers_that_cannot_be_run() {
    let component =
        |path: &str| format!("{SERVER}[addons.a]\nsid = \"{SID}\"\ncomponent = \"{path}\"\n");
    insta::assert_snapshot!(complaints([
        ("elsewhere", component("components/a.wasm")),
        ("from the root", component("/etc/a.wasm")),
        ("a step up", component("plugins/../a.wasm")),
        ("no component", component("plugins/a.so")),
        ("a short hash", with_add_on("sha256 = \"abc\"")),
        (
            "a duration without a unit",
            with_add_on("timeout = \"800\"")
        ),
        ("a timeout without bounds", with_add_on("timeout = \"20s\"")),
        ("no memory", with_add_on("memory = \"1B\"")),
        ("no reply", with_add_on("reply_limit = \"1MiB\"")),
        ("no call", with_add_on("concurrency = 0")),
        ("less than no call", with_add_on("concurrency = -1")),
    ]));
}

#[test]
fn shares_and_pauses_that_cannot_be() {
    insta::assert_snapshot!(complaints([
        ("less than no queue", with_add_on("queue = -1")),
        ("a queue without end", with_add_on("queue = 65537")),
        ("no weight", with_add_on("weight = 0")),
        ("a weight above all", with_add_on("weight = 101")),
        ("an unknown overload", with_add_on("overload = \"drop\"")),
        (
            "less than no failure",
            with_add_on("breaker = { failures = -1 }")
        ),
        ("no pause", with_add_on("breaker.pause = \"0s\"")),
        ("a pause of days", with_add_on("breaker.pause = \"2days\"")),
        (
            "a longest pause that is shorter than the first",
            with_add_on("breaker = { pause = \"10s\", longest_pause = \"5s\" }")
        ),
        (
            "a key of no breaker",
            with_add_on("breaker = { threshold = 3 }")
        ),
        ("a breaker that is none", with_add_on("breaker = false")),
    ]));
}
