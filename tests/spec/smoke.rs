//! What a provider is put to before it serves: that it starts, and that it answers as its
//! operator expects.

use insta::assert_snapshot;
use jackfield_tests::{
    ACCOUNT, NUMBER, TOKEN, TestHost, TestHostBuilder, add_on_sid, guest, run, wat_guest,
};

/// A host whose one add-on, beside `echo`, has these keys.
fn host(name: &str, toml: &str) -> TestHostBuilder {
    let sid = add_on_sid('a');
    TestHost::with("echo", &add_on_sid('e'), "").add_on(
        &format!("a-{name}"),
        &sid,
        &guest(name),
        toml,
    )
}

/// Whether the add-on serves, by its host's own word and by an answer; and that its
/// neighbour does in any case.
async fn serves(host: &TestHost) -> bool {
    let answer = host.twilio().lookup(&add_on_sid('e'), NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    let serves = answer.error_code() != "unavailable";
    let environment = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];
    let checked = run(&["check"], &environment, host.path());
    assert_eq!(
        checked.status.code(),
        Some(i32::from(!serves)),
        "{checked:?}"
    );
    serves
}

/// Why it does not.
async fn refused(builder: TestHostBuilder) -> String {
    let host = builder.start();
    assert!(!serves(&host).await);
    let log = host.log();
    let reason = log.split_once("ERROR unavailable ").unwrap().1;
    reason.lines().next().unwrap().to_owned()
}

const ASKED: &str = "grants = { fields = [\"body\", \"other\"] }\n[addons.a-echo.smoke]\n\
                     phone = \"+12125550199\"\nother = \"+12125550188\"\nbody = \"my pin is 4711\"\n";

#[tokio::test]
async fn a_provider_that_answers_as_expected_serves() {
    let expect = "via = \"incoming-sms\"\nexpect = { integration_point = \"incoming-sms\", attempt \
                  = 1, address = { kind = \"e164\", e164 = \"+12125550199\" }, secondary_address = \
                  { raw = \"+12125550188\" }, body = \"my pin is 4711\", fields = [] }";
    assert!(serves(&host("echo", &format!("{ASKED}{expect}")).start()).await);
    assert!(serves(&host("echo", ASKED).start()).await);
}

#[tokio::test]
async fn a_provider_that_answers_something_else_does_not_and_nothing_of_it_is_repeated() {
    let asked = |expect: &str| host("echo", &format!("{ASKED}expect = {{ {expect} }}"));
    for expect in ["body = \"hello\"", "address = { e164 = true }"] {
        let host = asked(expect).start();
        host.keep_secret("+12125550199");
        host.keep_secret("4711");
        assert!(!serves(&host).await);
    }
    let said = refused(asked("body = \"hello\"")).await;
    assert_snapshot!(said, @r#"add_on="a-echo" reason="`plugins/a-echo.wasm` fails its smoke request: expected a text of 5 characters at `/body`, found a text of 14 characters""#);
    let said = refused(asked("attempt = 2")).await;
    assert_snapshot!(said, @r#"add_on="a-echo" reason="`plugins/a-echo.wasm` fails its smoke request: expected `2` at `/attempt`, found `1`""#);
    let said = refused(asked("address = { name = \"\" }")).await;
    assert_snapshot!(said, @r#"add_on="a-echo" reason="`plugins/a-echo.wasm` fails its smoke request: expected a text of 0 characters at `/address/name`, found nothing""#);
}

#[tokio::test]
async fn a_refusal_is_good_where_it_is_expected_and_nowhere_else() {
    let smoke = |phone: &str, keys: &str| format!("smoke = {{ phone = \"{phone}\"{keys} }}");
    let unknown = ", refusal = \"number_unknown\"";
    assert!(serves(&host("refuse", &smoke("+12125550122", unknown)).start()).await);
    let said = refused(host("refuse", &smoke("+12125550122", ""))).await;
    assert_snapshot!(said, @r#"add_on="a-refuse" reason="`plugins/a-refuse.wasm` fails its smoke request: expected an answer, and it refused (`no_result`)""#);
    let said = refused(host("refuse", &smoke("+12125550121", unknown))).await;
    assert_snapshot!(said, @r#"add_on="a-refuse" reason="`plugins/a-refuse.wasm` fails its smoke request: expected a refusal with the code `number_unknown`, and it refused with another (`caller_error`)""#);
    let said = refused(host("count", &smoke("+12125550121", unknown))).await;
    assert_snapshot!(said, @r#"add_on="a-count" reason="`plugins/a-count.wasm` fails its smoke request: expected a refusal with the code `number_unknown`, and it answered""#);
}

#[tokio::test]
async fn a_provider_that_fails_its_smoke_request_does_not_serve() {
    let smoke = "cpu = \"50ms\"\nsmoke = { phone = \"+12125550120\" }";
    for (name, told) in [
        (
            "trap",
            "the provider trapped: wasm trap: wasm `unreachable` instruction executed",
        ),
        ("spin", "the provider used up its processor time"),
        (
            "not-json",
            "the provider's reply is not valid JSON, or nested more than 64 deep",
        ),
        ("not-an-object", "the provider's reply is not a JSON object"),
        (
            "too-long",
            "the provider's reply is longer than 65536 bytes",
        ),
    ] {
        let said = refused(host(name, smoke)).await;
        assert!(
            said.contains(&format!("fails its smoke request: {told}")),
            "{said}"
        );
    }
}

#[tokio::test]
async fn without_a_smoke_request_a_provider_is_only_started() {
    assert!(serves(&host("trap", "").start()).await);
}

#[tokio::test]
async fn a_provider_that_does_not_get_through_its_start_does_not_serve() {
    for (name, told) in [
        (
            "trap-in-start",
            "does not start: the provider trapped: wasm trap",
        ),
        (
            "loop-in-start",
            "does not start: the provider used up its processor time",
        ),
    ] {
        let builder = TestHost::with("echo", &add_on_sid('e'), "");
        let sid = add_on_sid('a');
        let said = refused(builder.add_on_of(name, &sid, &wat_guest(name), "cpu = \"50ms\"")).await;
        assert!(said.contains(told), "{said}");
    }
}

#[tokio::test]
async fn more_are_tried_than_may_run_at_once() {
    let few = TestHost::builder().server("concurrency = 1");
    let names = ["one", "two", "three", "four", "five", "six"];
    let host = names
        .into_iter()
        .zip("abcdef".chars())
        .fold(few, |host, (name, digit)| {
            let toml = "smoke = { phone = \"+12125550123\" }";
            host.add_on(name, &add_on_sid(digit), &guest("echo"), toml)
        });
    let host = host.start();
    for digit in "abcdef".chars() {
        let answer = host
            .twilio()
            .lookup(&add_on_sid(digit), NUMBER)
            .send()
            .await;
        assert!(answer.error_code().is_null(), "{}", answer.text());
    }
}
