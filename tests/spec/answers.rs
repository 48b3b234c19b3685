//! What Twilio gets back, whatever a provider does.

use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, request_sid};

async fn answer_of(guest: &str, number: &str, toml: &str) -> String {
    let sid = add_on_sid('a');
    let host = TestHost::with(guest, &sid, toml).start();
    let request = host
        .twilio()
        .lookup(&sid, number)
        .request_sid(&request_sid(7));
    request.send().await.shown()
}

#[tokio::test]
async fn a_trap_is_an_error_inside_a_200() {
    assert_snapshot!(answer_of("trap", NUMBER, "").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"provider_failed","message":"the provider failed","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
}

#[tokio::test]
async fn a_provider_that_never_returns_is_stopped_at_its_timeout() {
    let started = std::time::Instant::now();
    assert_snapshot!(answer_of("spin", NUMBER, "timeout = \"50ms\"").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"timeout","message":"the provider did not answer in time","request_sid":"XR00000000000000000000000000000007","retryable":true}
    "#);
    assert!(started.elapsed().as_secs() < 10);
}

#[tokio::test]
async fn a_provider_that_hoards_memory_gets_no_more_than_its_limit() {
    assert_snapshot!(answer_of("hoard", NUMBER, "memory = \"4MiB\"").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"out_of_memory","message":"the provider ran out of memory","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
}

#[tokio::test]
async fn a_reply_that_is_not_json_is_not_passed_on() {
    assert_snapshot!(answer_of("not-json", NUMBER, "").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"reply_malformed","message":"the provider's reply is not valid JSON, or nested more than 64 deep","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
}

#[tokio::test]
async fn a_reply_that_is_no_object_is_not_passed_on() {
    assert_snapshot!(answer_of("not-an-object", NUMBER, "").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"reply_malformed","message":"the provider's reply is not a JSON object","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
}

#[tokio::test]
async fn a_reply_over_64_kib_is_not_passed_on() {
    assert_snapshot!(answer_of("too-long", NUMBER, "").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"reply_too_long","message":"the provider's reply is longer than 65536 bytes","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
}

#[tokio::test]
async fn each_kind_of_refusal_keeps_its_code_and_says_whether_to_retry() {
    let refused = |last: char| format!("+1212555012{last}");
    assert_snapshot!(answer_of("refuse", &refused('1'), "").await, @r#"
    200 OK
    {"phone_number":"+12125550121","results":{},"error_code":"not_for_this","message":"this is never answered","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
    assert_snapshot!(answer_of("refuse", &refused('2'), "").await, @r#"
    200 OK
    {"phone_number":"+12125550122","results":{},"error_code":"number_unknown","message":"nothing is known","request_sid":"XR00000000000000000000000000000007","retryable":false}
    "#);
    assert_snapshot!(answer_of("refuse", &refused('3'), "").await, @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"busy_upstream","message":"try again","request_sid":"XR00000000000000000000000000000007","retryable":true}
    "#);
}

#[tokio::test]
async fn a_code_that_is_none_becomes_the_kinds_own_and_a_long_message_is_cut() {
    let answer = answer_of("refuse", "+12125550129", "").await;
    assert!(answer.contains(r#""error_code":"no_result""#), "{answer}");
    assert!(
        answer.contains(&format!(r#""message":"{}""#, "x".repeat(500))),
        "{answer}"
    );
}

#[tokio::test]
async fn a_verbatim_failure_has_the_publishers_own_shape() {
    let toml = r#"envelope = "verbatim"
on_error = { status = "error", reason = "{code}", text = "{message} ({request_sid})" }"#;
    assert_snapshot!(answer_of("trap", NUMBER, toml).await, @r#"
    200 OK
    {"status":"error","reason":"provider_failed","text":"the provider failed (XR00000000000000000000000000000007)"}
    "#);
}

#[tokio::test]
async fn a_template_may_be_json_in_a_text() {
    let toml = "envelope = \"verbatim\"\non_error = '{\"ok\": null, \"code\": \"{code}\"}'";
    assert_snapshot!(answer_of("trap", NUMBER, toml).await, @r#"
    200 OK
    {"ok":null,"code":"provider_failed"}
    "#);
}

#[tokio::test]
async fn a_fallback_answers_for_a_provider_that_fails_and_is_counted_as_degraded() {
    let sid = add_on_sid('a');
    for (guest, toml) in [
        ("trap", ""),
        ("spin", "timeout = \"20ms\""),
        ("hoard", "memory = \"4MiB\""),
        ("not-json", ""),
    ] {
        let toml = format!("{toml}\nfallback = {{ score = 0 }}");
        let host = TestHost::with(guest, &sid, &toml).start();
        let answer = host.twilio().lookup(&sid, NUMBER).send().await;
        let expected =
            format!(r#"{{"phone_number":"{NUMBER}","results":{{"score":0}},"error_code":null}}"#);
        assert_eq!(answer.text(), expected, "{guest}");
        assert!(host.log().contains("degraded=true"), "{}", host.log());
    }
}

#[tokio::test]
async fn a_fallback_does_not_speak_for_a_provider_that_refused() {
    let toml = "envelope = \"verbatim\"\nfallback = { score = 0 }";
    let answer = answer_of("refuse", "+12125550122", toml).await;
    assert!(answer.contains("number_unknown"), "{answer}");
}

#[tokio::test]
async fn an_add_on_at_its_limit_says_so_and_another_is_not_held_up() {
    let (busy, other) = (add_on_sid('a'), add_on_sid('b'));
    let host = TestHost::with("spin", &busy, "timeout = \"400ms\"\nconcurrency = 1")
        .add_on("echo", &other, &jackfield_tests::guest("echo"), "")
        .start();
    let twilio = host.twilio();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        calls.spawn(twilio.lookup(&busy, NUMBER).send());
    }
    let neighbour = twilio.lookup(&other, NUMBER).send().await;
    assert!(neighbour.error_code().is_null(), "{}", neighbour.text());
    let answers = calls.join_all().await;
    let count = |codes: &[&str]| {
        let codes_of = answers.iter().map(|answer| answer.error_code());
        codes_of
            .filter(|code| codes.iter().any(|one| code == one))
            .count()
    };
    let (ended, refused) = (count(&["out_of_cpu", "timeout"]), count(&["overloaded"]));
    assert!(
        ended >= 1 && refused >= 1,
        "{ended} ended, {refused} refused"
    );
    assert_eq!(ended + refused, 8);
}

#[tokio::test]
async fn a_broken_component_stops_neither_the_start_nor_its_neighbours() {
    let (broken, sound) = (add_on_sid('a'), add_on_sid('b'));
    let builder = TestHost::with("echo", &broken, "").add_on(
        "other",
        &sound,
        &jackfield_tests::guest("echo"),
        "",
    );
    std::fs::write(builder.path().join("plugins/echo.wasm"), b"not wasm").unwrap();
    let host = builder.start();
    let answer = host.twilio().lookup(&broken, NUMBER).send().await;
    assert_snapshot!(answer.shown(), @r#"
    200 OK
    {"phone_number":"+12125550123","results":{},"error_code":"unavailable","message":"the add-on's component is not loaded","request_sid":null,"retryable":true}
    "#);
    let neighbour = host.twilio().lookup(&sound, NUMBER).send().await;
    assert!(neighbour.error_code().is_null(), "{}", neighbour.text());
    assert!(
        host.log().contains("is not a WebAssembly component"),
        "{}",
        host.log()
    );
}
