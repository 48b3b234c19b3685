//! Which requests of one SID are the same, and what becomes of the others.

use jackfield_tests::versions::version;
use jackfield_tests::{ACCOUNT, NUMBER, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, TestHost, add_on_sid};
use jiff::Timestamp;
use serde_json::json;

use super::{
    INSTALL, LOOKUP, TERMS, answered, builder, call, counted, named, pair, said, same, slow,
};

/// What a request is told that says something else under another's SID.
const REUSED: &str = "409 Conflict\n{\"error_code\":\"request_reused\",\
                      \"message\":\"another request came under this request's SID\"}";

#[tokio::test]
async fn other_content_under_the_same_sid_is_refused_and_the_first_answer_stays() {
    let host = builder("").start();
    let first = said(call(&host, 1)).await;
    let twilio = host.twilio();
    for other in [
        named(twilio.lookup(&add_on_sid('a'), "+12125550199"), 1),
        named(twilio.get("/incoming-sms?phone=%2B12125550123"), 1),
        call(&host, 1).target(&format!("{LOOKUP}&label=other")),
        call(&host, 1).header(INSTALL, "XD0123456789abcdef0123456789abcdef"),
        call(&host, 1).header(
            "x-twilio-addonconfigurationsid",
            "XE0123456789abcdef0123456789abcdef",
        ),
    ] {
        assert_eq!(other.send().await.shown(), REUSED);
    }
    assert_eq!(counted(&host, "conflicts"), 5);
    assert_eq!(said(call(&host, 1)).await, first);
}

#[tokio::test]
async fn other_content_is_refused_while_the_first_still_runs() {
    let host = builder("").start();
    let mut pair = pair(&host, || slow(&host, 1)).await;
    assert_eq!(call(&host, 1).send().await.shown(), REUSED);
    assert!(
        pair.try_join_next().is_none(),
        "the first has ended already"
    );
    answered(&same(pair).await);
    assert_eq!(counted(&host, "conflicts"), 1);
}

#[tokio::test]
async fn another_add_ons_or_accounts_request_of_the_same_sid_is_another_request() {
    let of = |account: &str| format!("{TERMS}account = \"{account}\"");
    let host = TestHost::builder()
        .accounts(&format!(
            "[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"TOKEN_OF_A\" }}]\n\
             [accounts.{OTHER_ACCOUNT}]\nauth_tokens = [{{ env = \"TOKEN_OF_B\" }}]"
        ))
        .env("TOKEN_OF_A", TOKEN)
        .env("TOKEN_OF_B", OTHER_TOKEN)
        .add_on_of("it", &add_on_sid('a'), &version(1), &of(ACCOUNT))
        .add_on_of("other", &add_on_sid('b'), &version(1), &of(ACCOUNT))
        .add_on_of("others", &add_on_sid('c'), &version(1), &of(OTHER_ACCOUNT))
        .start();
    let others = host.twilio_as(OTHER_ACCOUNT, OTHER_TOKEN).get(LOOKUP);
    let answers = [
        said(call(&host, 1)).await,
        said(call(&host, 1).add_on(&add_on_sid('b'))).await,
        said(named(others, 1).add_on(&add_on_sid('c'))).await,
    ];
    assert_eq!(said(call(&host, 1)).await, answers[0]);
    assert_ne!(answers[0], answers[1]);
    assert_ne!(answers[0], answers[2]);
    assert_ne!(answers[1], answers[2]);
    assert_eq!(
        (counted(&host, "entries"), counted(&host, "replayed")),
        (3, 1)
    );
}

#[tokio::test]
async fn a_genuine_repetition_may_differ_in_how_and_when_it_is_sent() {
    let host = builder("").start();
    let twilio = host.twilio();
    let dated = |age: i64| {
        let date = (Timestamp::now().as_second() - age).to_string();
        let form = [
            ("phone", NUMBER),
            ("InvocationDate", date.as_str()),
            ("TTL", if age > 0 { "600" } else { "300" }),
        ];
        named(twilio.form("/lookups", &form), 1)
    };
    host.keep_secret(NUMBER);
    let first = said(dated(60)).await;
    for again in [
        dated(0),
        call(&host, 1),
        call(&host, 1).title_case(),
        call(&host, 1).header(
            "x-twilio-addonversionsid",
            "XC0123456789abcdef0123456789abcdef",
        ),
        named(twilio.form("/lookups", &[("phone", NUMBER)]), 1),
        named(twilio.form(LOOKUP, &[("TTL", "300")]), 1),
        named(
            twilio.json("/lookups", &json!({ "phone": NUMBER }).to_string()),
            1,
        ),
    ] {
        assert_eq!(said(again).await, first);
    }
    assert_eq!(counted(&host, "replayed"), 7);
    assert_eq!(counted(&host, "conflicts"), 0);
}
