//! What proves the host to whoever it calls back, and where that is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_tests::recording::{Cover, Shape};
use jackfield_tests::{ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, Receiver, Reply, TOKEN, TestHost};
use jackfield_tests::{add_on_sid, request_sid};

use super::{CALLBACK, accepted, builder, echo, recording, result};

/// The value of `Authorization`.
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test]
async fn the_accounts_sid_and_token_go_where_the_signature_covers_the_address() {
    let (host, receiver) = echo("");
    receiver.on("/a", [Reply::status(200).body("no audio")]);
    let sent = |number| {
        let sent = recording(&host, &receiver);
        sent.request_sid(&request_sid(number))
    };
    let at = receiver.url("/a");
    for (number, way) in [
        sent(0).cover(Cover::BodyHash),
        sent(1).cover(Cover::Fields),
        sent(2).at(&at).shape(Shape::Form),
        sent(3).at(&at).shape(Shape::Json),
    ]
    .into_iter()
    .enumerate()
    {
        accepted(way).await;
        let seen = receiver.answered(CALLBACK, number + 1).await;
        let expected = basic(ACCOUNT, TOKEN);
        assert_eq!(
            seen[number].header("authorization"),
            Some(expected.as_str())
        );
    }
    // Nobody who only has the audio is told.
    let fetched = receiver.seen_at("/a");
    assert!(
        fetched
            .iter()
            .all(|it| it.header("authorization").is_none())
    );
}

#[tokio::test]
async fn nothing_goes_along_where_the_address_is_not_signed() {
    let (host, receiver) = echo("signature = [\"url-only\"]");
    accepted(recording(&host, &receiver).cover(Cover::UrlOnly)).await;
    let called = result(&receiver).await;
    assert_eq!(called.header("authorization"), None);
    // An address in the query is signed, also with the URL alone.
    let query: String = form_urlencoded::byte_serialize(receiver.url("/q").as_bytes()).collect();
    let sent = recording(&host, &receiver).request_sid(&request_sid(2));
    let sent = sent.without_field("callback").cover(Cover::UrlOnly);
    accepted(sent.path(&format!("/recordings?callback={query}"))).await;
    let seen = receiver.answered("/q", 1).await;
    let expected = basic(ACCOUNT, TOKEN);
    assert_eq!(seen[0].header("authorization"), Some(expected.as_str()));
}

#[tokio::test]
async fn an_address_from_a_header_is_never_signed() {
    let (host, receiver) = echo("fields = { callback = { header = \"X-Callback\" } }");
    let sent = recording(&host, &receiver).without_field("callback");
    accepted(sent.header("x-callback", &receiver.url(CALLBACK))).await;
    let called = result(&receiver).await;
    assert_eq!(called.header("authorization"), None);
}

#[tokio::test]
async fn named_credentials_go_in_place_of_the_accounts() {
    let receiver = Receiver::start();
    let password = "a password of the callback's alone";
    let toml = "callback = { username = \"results\", password = { env = \"RESULTS\" } }";
    let host = builder("echo-recording", &receiver, toml);
    let host = host.env("RESULTS", password).start();
    host.keep_secret(password);
    receiver.on(
        CALLBACK,
        [Reply::status(200).demanding("results", password)],
    );
    accepted(recording(&host, &receiver)).await;
    assert_eq!(result(&receiver).await.answered().unwrap(), 200);
}

#[tokio::test]
async fn each_account_proves_itself_by_its_own_token_and_by_the_newest() {
    let receiver = Receiver::start();
    let accounts = format!(
        "[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"NEW\" }}, {{ env = \"OLD\" }}]\n\
         [accounts.{OTHER_ACCOUNT}]\nauth_tokens = [{{ env = \"OTHER\" }}]\n"
    );
    let of = |account: &str| format!("account = \"{account}\"");
    let host: TestHost = builder("echo-recording", &receiver, &of(ACCOUNT))
        .recorder("toil", &add_on_sid('b'), &of(OTHER_ACCOUNT))
        .accounts(&accounts)
        .env("NEW", "the token that counts from now on")
        .env("OLD", TOKEN)
        .env("OTHER", OTHER_TOKEN)
        .start();
    // Signed with the old one, and answered with the first.
    accepted(recording(&host, &receiver)).await;
    let called = result(&receiver).await;
    let expected = basic(ACCOUNT, "the token that counts from now on");
    assert_eq!(called.header("authorization"), Some(expected.as_str()));
    let other = host.twilio_as(OTHER_ACCOUNT, OTHER_TOKEN);
    let other = other.recording(&add_on_sid('b'));
    accepted(other.callback(&receiver.url("/other"))).await;
    let seen = receiver.answered("/other", 1).await;
    let expected = basic(OTHER_ACCOUNT, OTHER_TOKEN);
    assert_eq!(seen[0].header("authorization"), Some(expected.as_str()));
}
