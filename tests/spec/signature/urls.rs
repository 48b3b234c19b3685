//! Which URLs a signature may cover.

use jackfield_tests::{Signed, TestHost, TestHostBuilder, add_on_sid, guest};

use super::{INVALID, LOOKUP, assert_answered, shown};

fn bare(server: &str) -> TestHostBuilder {
    TestHost::bare()
        .server(server)
        .add_on("echo", &add_on_sid('a'), &guest("echo"), "")
}

/// A request that was signed for one URL and arrives under a host's name.
fn arriving(host: &TestHost, signed_for: &str, name: &str) -> Signed {
    host.twilio()
        .at(signed_for)
        .get(LOOKUP)
        .header("host", name)
}

const FIRST: &str = "https://one.example.com";
const SECOND: &str = "https://two.example.com:8443";

#[tokio::test]
async fn the_host_header_chooses_between_public_urls() {
    let host = bare(&format!("public_urls = [\"{FIRST}\", \"{SECOND}\"]")).start();
    for (signed_for, name, believed) in [
        (FIRST, "one.example.com", true),
        (FIRST, "ONE.example.com:443", true),
        (FIRST, "two.example.com:8443", false),
        (SECOND, "two.example.com:8443", true),
        (SECOND, "two.example.com", true),
        (SECOND, "one.example.com", false),
        ("https://three.example.com", "three.example.com", false),
        ("https://three.example.com", "one.example.com", false),
    ] {
        let request = arriving(&host, signed_for, name);
        match believed {
            true => assert_answered(request).await,
            false => assert_eq!(shown(request).await, INVALID, "{signed_for} {name}"),
        }
    }
}

#[tokio::test]
async fn behind_a_proxy_that_renames_the_host_every_public_url_may_be_signed() {
    let host = bare(&format!("public_urls = [\"{FIRST}\", \"{SECOND}\"]")).start();
    for signed_for in [FIRST, SECOND] {
        assert_answered(arriving(&host, signed_for, "localhost:8080")).await;
        assert_answered(arriving(&host, signed_for, "10.0.0.1")).await;
    }
    let stranger = arriving(&host, "https://localhost:8080", "localhost:8080");
    assert_eq!(shown(stranger).await, INVALID);
}

#[tokio::test]
async fn no_header_of_a_proxy_changes_the_signed_url() {
    let host = bare(&format!("public_url = \"{FIRST}\"")).start();
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "8443"),
        ("x-original-url", "/incoming-sms?phone=%2B12125550199"),
        ("forwarded", "host=evil.example;proto=http"),
    ] {
        let evil = arriving(&host, "https://evil.example", "one.example.com");
        assert_eq!(shown(evil.header(name, value)).await, INVALID, "{name}");
        let plain = arriving(&host, "http://one.example.com", "one.example.com");
        assert_eq!(shown(plain.header(name, value)).await, INVALID, "{name}");
        assert_answered(arriving(&host, FIRST, "one.example.com").header(name, value)).await;
    }
}

#[tokio::test]
async fn a_path_that_a_proxy_removes_is_part_of_the_signed_url() {
    for written in ["/twilio/v1", "/twilio/v1/"] {
        let host = bare(&format!("public_url = \"{FIRST}{written}\"")).start();
        for (signed_for, believed) in [
            (format!("{FIRST}/twilio/v1"), true),
            (format!("{FIRST}:443/twilio/v1"), true),
            (FIRST.to_owned(), false),
            (format!("{FIRST}/twilio"), false),
            (format!("{FIRST}/twilio/v1/"), false),
            (format!("{FIRST}/Twilio/v1"), false),
        ] {
            let request = arriving(&host, &signed_for, "one.example.com");
            match believed {
                true => assert_answered(request).await,
                false => assert_eq!(shown(request).await, INVALID, "{signed_for}"),
            }
        }
    }
}
