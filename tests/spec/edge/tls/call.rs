//! `jackfield call` where the host speaks TLS: it comes as Twilio does.

use std::process::{Command, Output};

use jackfield_tests::{ACCOUNT, Authority, NUMBER, TOKEN, TestHost, add_on_sid, run};

use super::{NAME, one_name, with_tls};

const ENVIRONMENT: [(&str, &str); 2] = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];

fn call(host: &TestHost, to: &str, arguments: &[&str]) -> Output {
    let common = ["call", "--addon", "echo", "--phone", NUMBER, "--to", to];
    run(&[&common, arguments].concat(), &ENVIRONMENT, host.path())
}

/// What is said of a call that cannot be made.
fn complaint(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_call_is_answered_by_a_host_whose_authority_is_named() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let ca = authority.write(host.path());
    let ca = ["--ca", ca.to_str().unwrap()];
    let whole = format!("https://{}/", host.address());
    for to in [host.address(), &whole] {
        let output = call(&host, to, &ca);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains("< 200 OK") && said.contains("\"error_code\": null"),
            "{said}"
        );
    }
}

#[test]
fn a_host_that_is_not_who_twilio_calls_gets_no_call() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (host, _) = one_name(&authority, "");
    let ca = other.write(host.path());
    for arguments in [&[][..], &["--ca", ca.to_str().unwrap()]] {
        let said = complaint(&call(&host, host.address(), arguments));
        let expected = format!(
            "error: no TLS with {}: no authority that is known here has signed its certificate: \
             name yours with --ca\n",
            host.address()
        );
        assert_eq!(said, expected);
    }
    let builder = with_tls(&["it"], "");
    let _ = authority.issue(builder.path(), "it", &["elsewhere.example"]);
    let elsewhere = builder.start();
    let ca = authority.write(elsewhere.path());
    let output = call(
        &elsewhere,
        elsewhere.address(),
        &["--ca", ca.to_str().unwrap()],
    );
    let said = complaint(&output);
    let expected = format!("its certificate is not for `{NAME}`, which is what Twilio calls");
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn a_call_that_speaks_what_the_host_does_not_says_so() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let address = host.address();
    let plainly = format!("http://{address}");
    let said = complaint(&call(&host, &plainly, &[]));
    assert!(
        said.contains(&format!("if it speaks TLS, write `--to https://{address}`")),
        "{said}"
    );
    let ca = authority.write(host.path());
    let said = complaint(&call(&host, &plainly, &["--ca", ca.to_str().unwrap()]));
    assert!(said.contains("or leave out --ca"), "{said}");
    let said = complaint(&call(&host, address, &["--ca", "it.key"]));
    assert!(said.contains("`it.key`"), "{said}");
    let plain = TestHost::with("echo", &add_on_sid('a'), "").start();
    let address = plain.address();
    let said = complaint(&call(&plain, &format!("https://{address}"), &[]));
    assert!(
        said.contains(&format!("write `--to http://{address}`")),
        "{said}"
    );
    for (to, expected) in [
        ("ftp://localhost", "`ftp://localhost` is no address"),
        ("https://localhost/lookups", "has a path"),
    ] {
        let said = complaint(&call(&plain, to, &[]));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn the_curl_command_goes_the_same_way() {
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let ca = authority.write(host.path());
    let output = call(
        &host,
        host.address(),
        &["--curl", "--ca", ca.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let command = String::from_utf8(output.stdout).unwrap();
    let made = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(made.status.success(), "{command}: {made:?}");
    let answer: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(answer["error_code"], serde_json::Value::Null, "{answer}");
}
