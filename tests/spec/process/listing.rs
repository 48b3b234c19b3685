//! The versions of an add-on's listing: who still asks as before.

use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest};
use serde_json::{Value, json};

const HEADER: &str = "x-twilio-addonversionsid";

fn version(digit: char) -> String {
    format!("XC{}", digit.to_string().repeat(32))
}

/// A host that knows two versions.
fn host() -> TestHost {
    let (old, new) = (version('1'), version('2'));
    let versions = format!("versions = {{ {old} = \"old\", {new} = \"new\" }}");
    TestHost::builder()
        .add_on("it", &add_on_sid('a'), &guest("echo"), &versions)
        .start()
}

fn status(host: &TestHost) -> Value {
    let status = host.cli(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    status["addons"][0]["listing"].clone()
}

fn counts(old: u64, new: u64, unknown: u64, unsaid: u64) -> Value {
    json!({
        "named": [
            { "sid": version('1'), "name": "old", "requests": old },
            { "sid": version('2'), "name": "new", "requests": new },
        ],
        "unknown": unknown,
        "unsaid": unsaid,
    })
}

#[tokio::test]
async fn requests_are_counted_by_the_version_that_they_name() {
    let host = host();
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let from = |digit| lookup().header(HEADER, &version(digit));
    for request in [from('1'), from('1'), from('2'), from('3'), from('4')] {
        assert_eq!(request.send().await.status, 200);
    }
    assert_eq!(lookup().send().await.status, 200);
    assert_eq!(lookup().header(HEADER, "junk").send().await.status, 200);
    assert_eq!(status(&host), counts(2, 1, 2, 2));
    let shown = host.cli(&["status"]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    let line = "it: requests by version: 2 old, 1 new, 2 unknown, 2 without\n";
    assert!(shown.contains(line), "{shown}");
}

#[tokio::test]
async fn whoever_proves_nothing_is_not_counted() {
    let host = host();
    let lookup = host.twilio().lookup(&add_on_sid('a'), NUMBER);
    let unsigned = lookup.header(HEADER, &version('1')).unsigned();
    assert_eq!(unsigned.send().await.status, 403);
    assert_eq!(status(&host), counts(0, 0, 0, 0));
}

#[tokio::test]
async fn counts_go_on_when_the_configuration_changes() {
    let host = host();
    let lookup = || host.twilio().lookup(&add_on_sid('a'), NUMBER);
    for digit in ['1', '3'] {
        let request = lookup().header(HEADER, &version(digit));
        assert_eq!(request.send().await.status, 200);
    }
    host.configure(|toml| {
        toml.replace("\"old\"", "\"older\"")
            .replace(&version('2'), &version('3'))
    });
    host.until("the new names are taken up", async || {
        status(&host)["named"][0]["name"] == "older"
    })
    .await;
    let request = lookup().header(HEADER, &version('3'));
    assert_eq!(request.send().await.status, 200);
    let expected = json!({
        "named": [
            { "sid": version('1'), "name": "older", "requests": 1 },
            { "sid": version('3'), "name": "new", "requests": 1 },
        ],
        "unknown": 1,
        "unsaid": 0,
    });
    assert_eq!(status(&host), expected);
}

#[test]
fn versions_that_cannot_be_meant_are_refused_where_they_stand() {
    for (versions, complaint) in [
        (
            "XB00000000000000000000000000000001 = \"old\"",
            "expected `XC` and 32 hexadecimal digits",
        ),
        (
            "XC00000000000000000000000000000001 = \"the old one\"",
            "expected a name of at most 64",
        ),
        (
            "XC00000000000000000000000000000001 = \"\"",
            "expected a name of at most 64",
        ),
    ] {
        let host = TestHost::builder();
        let toml = format!("versions = {{ {versions} }}");
        let host = host.add_on("it", &add_on_sid('a'), &guest("echo"), &toml);
        let (status, said) = host.fail();
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(complaint), "{said}");
        assert!(said.contains("addons.it.versions."), "{said}");
    }
}
