//! The pages, and whoever is refused them.

use std::net::TcpStream;

use http::Method;
use jackfield_tests::{NUMBER, TestHost, add_on_sid};
use serde_json::Value;

use super::{LISTENS, ask, builder, operator, page};

const PAGES: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/status"];

#[tokio::test]
async fn every_page_is_given_to_whoever_is_on_this_machine() {
    let host = builder("echo", "").start();
    let operator = operator(&host);
    for path in PAGES {
        let answer = page(&operator, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        let head = ask(&operator, path).method(Method::HEAD).send().await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
    }
    let ready = page(&operator, "/readyz").await.json();
    assert_eq!(ready["ready"], true);
    assert_eq!(
        (&ready["addons"], &ready["unavailable"]),
        (&1.into(), &0.into())
    );
}

#[tokio::test]
async fn the_status_is_that_of_the_command() {
    let host = builder("echo", "").start();
    let page = page(&operator(&host), "/status").await.json();
    let command = host.cli(&["status", "--json"]);
    let command: Value = serde_json::from_slice(&command.stdout).unwrap();
    assert_eq!(page, command);
}

#[tokio::test]
async fn whoever_may_be_a_web_page_is_refused_and_nothing_can_be_changed() {
    let host = builder("echo", "").start();
    let operator = operator(&host);
    for path in PAGES.into_iter().chain(["/lookups", "/", "/pause"]) {
        let ask = || ask(&operator, path);
        for (request, status, code) in [
            (
                ask().header("host", "rebound.example.com"),
                403,
                "host_not_local",
            ),
            (ask().without("host"), 403, "host_not_local"),
            (
                ask().header("origin", "http://localhost"),
                403,
                "origin_refused",
            ),
            (ask().method(Method::POST), 405, "method_not_allowed"),
            (ask().method(Method::DELETE), 405, "method_not_allowed"),
        ] {
            let answer = request.send().await;
            assert_eq!(
                (answer.status.as_u16(), answer.error_code()),
                (status, code.into())
            );
        }
        if !PAGES.contains(&path) {
            assert_eq!(ask().send().await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_token_is_demanded_where_there_is_one_and_can_be_changed_while_the_host_runs() {
    let token = "a-token-of-the-operators";
    let builder = builder("echo", "").toml("token = { file = \"token\" }");
    std::fs::write(builder.path().join("token"), token).unwrap();
    let host = builder.start();
    host.keep_secret(token);
    let operator = operator(&host);
    for path in PAGES {
        let with = |token: &str| ask(&operator, path).header("authorization", token);
        let refused = page(&operator, path).await;
        assert_eq!(refused.status, 401, "{path}");
        assert!(refused.headers.contains_key("www-authenticate"));
        assert_eq!(with("Bearer another").send().await.status, 401);
        let answer = with(&format!("Bearer {token}")).send().await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text().contains(token), "{path}");
    }
    host.put("token", "another");
    let changed = async || {
        let request = ask(&operator, "/healthz").header("authorization", "Bearer another");
        request.send().await.status == 200
    };
    host.until("the other token counts", changed).await;
}

#[tokio::test]
async fn nothing_of_it_is_on_the_public_listener() {
    let host = builder("echo", "").start();
    for path in PAGES {
        let answer = host.twilio().get(path).send().await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[test]
fn an_address_that_others_reach_is_refused() {
    for listen in ["0.0.0.0:0", "[::]:0", "10.0.0.1:8081"] {
        let host = TestHost::builder().toml(&LISTENS.replace("127.0.0.1:0", listen));
        let (status, log) = host.fail();
        assert_eq!(status, Some(2), "{log}");
        assert!(log.contains("can be reached from elsewhere"), "{log}");
    }
}

#[tokio::test]
async fn a_host_that_drains_is_not_ready_and_says_so_until_its_end() {
    let mut host = builder("versioned", SLOW).start();
    let operator = operator(&host);
    let slow = host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let slow = slow
        .target("/lookups?phone=%2B12125550123&wait=3000")
        .send();
    let slow = tokio::spawn(slow);
    let runs = async || {
        let text = page(&operator, "/metrics").await;
        text.text()
            .contains("jackfield_addon_calls_running{addon=\"it\"} 1.0")
    };
    host.until("the call runs", runs).await;
    assert!(host.cli(&["drain"]).status.success());
    let answer = page(&operator, "/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["why"], "draining");
    assert_eq!(page(&operator, "/healthz").await.status, 200);
    while TcpStream::connect(host.address()).is_ok() {}
    assert_eq!(page(&operator, "/readyz").await.status, 503);
    assert_eq!(slow.await.unwrap().status, 200);
    assert_eq!(host.wait(), Some(0));
}

const SLOW: &str = "grants.fields = [\"*\"]\ntimeout = \"15s\"\n";
