//! `verify = false`, for trying things out: it serves this machine and nobody else.

use insta::assert_snapshot;
use jackfield_tests::{
    ACCOUNT, NUMBER, Signed, TOKEN, TestHost, TestHostBuilder, add_on_sid, guest, run,
};

fn unverified(public_url: &str, more: &str) -> TestHostBuilder {
    TestHost::bare()
        .server(&format!(
            "public_url = \"{public_url}\"\nverify = false\n{more}"
        ))
        .add_on("echo", &add_on_sid('a'), &guest("echo"), "")
}

fn lookup(host: &TestHost) -> Signed {
    host.twilio().lookup(&add_on_sid('a'), NUMBER).unsigned()
}

#[tokio::test]
async fn this_machine_is_served_without_a_signature() {
    let host = unverified("http://localhost:8080", "").start();
    for name in [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "127.0.0.1:8080",
        "[::1]",
        "[::1]:8080",
    ] {
        let answer = lookup(&host).header("host", name).send().await;
        assert_eq!(answer.status, 200, "{name}");
        assert!(answer.error_code().is_null(), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn nobody_else_is_served() {
    let host = unverified("http://127.0.0.1", "").start();
    let local = || lookup(&host).header("host", "localhost");
    for request in [
        lookup(&host),
        lookup(&host).header("host", "localhost.example.com"),
        lookup(&host).header("host", "127.0.0.1.example.com"),
        lookup(&host).header("host", "10.0.0.1"),
        lookup(&host)
            .target("http://example.com/lookups")
            .header("host", "localhost"),
        local().header("x-forwarded-for", "127.0.0.1"),
        local().header("x-forwarded-host", "localhost"),
        local().header("forwarded", "for=127.0.0.1"),
        local().header("via", "1.1 proxy"),
        local().header("x-real-ip", "127.0.0.1"),
    ] {
        let answer = request.send().await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(answer.error_code(), "not_local");
    }
    let answer = local().header("via", "1.1 proxy").send().await;
    assert_snapshot!(answer.shown(), @r#"
    403 Forbidden
    {"error_code":"not_local","message":"without signatures, only this machine is served"}
    "#);
}

#[test]
fn what_others_reach_is_not_served_unverified() {
    for (builder, reason) in [
        (
            unverified("https://addons.example.com", ""),
            "the public URL `https://addons.example.com` is not this machine",
        ),
        (
            unverified("http://localhost", "listen = \"0.0.0.0:0\""),
            "`listen` is `0.0.0.0:0`, which others can reach",
        ),
        (
            unverified("http://localhost", "listen = \"[::]:0\""),
            "`listen` is `[::]:0`, which others can reach",
        ),
    ] {
        let (status, log) = builder.fail();
        assert_eq!(status, Some(2), "{log}");
        assert!(log.contains(reason), "{log}");
    }
}

#[test]
fn the_command_line_cannot_open_it_either() {
    let host = unverified("http://localhost", "").start();
    let arguments = ["serve", "--listen", "0.0.0.0:0"];
    let environment = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];
    let output = run(&arguments, &environment, host.path());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`0.0.0.0:0` is reached by others"), "{said}");
}

#[test]
fn every_start_warns_of_it() {
    let host = unverified("http://localhost", "").start();
    assert!(
        host.log().contains("signatures are NOT checked"),
        "{}",
        host.log()
    );
    let host = TestHost::with("echo", &add_on_sid('a'), "").start();
    assert!(!host.log().contains("NOT checked"), "{}", host.log());
}
