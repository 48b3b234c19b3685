//! What an operator gets for a configuration, from the real binary: a start, a refusal,
//! or a part of it.

use std::path::Path;
use std::process::Output;

use insta::assert_snapshot;
use jackfield_tests::{ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, TestHost, add_on_sid, guest, run};
use tempfile::TempDir;

/// A directory with a configuration and two components, one of them broken.
fn directory(add_ons: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let plugins = directory.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    std::fs::copy(guest("echo"), plugins.join("echo.wasm")).unwrap();
    std::fs::write(plugins.join("broken.wasm"), "not wasm").unwrap();
    write(
        directory.path(),
        &format!("[server]\npublic_url = \"{PUBLIC_URL}\"\n{add_ons}"),
    );
    directory
}

fn write(directory: &Path, text: &str) {
    std::fs::write(directory.join("addons.toml"), text).unwrap();
}

fn add_on(name: &str, digit: char) -> String {
    let sid = add_on_sid(digit);
    format!("[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"plugins/{name}.wasm\"\n")
}

fn jackfield(arguments: &[&str], directory: &Path) -> Output {
    let environment = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];
    run(arguments, &environment, directory)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_bad_configuration_is_not_served_and_every_mistake_is_shown() {
    let directory = directory("listen = \"here\"\n[addons.echo]\nsid = \"XB1\"\n");
    for (arguments, status) in [(["serve"], 2), (["check"], 1)] {
        let output = jackfield(&arguments, directory.path());
        assert_eq!(output.status.code(), Some(status));
        assert_eq!(text(&output.stdout), "");
        assert!(
            text(&output.stderr).contains("`addons.echo.component`: the key is missing"),
            "{output:?}"
        );
    }
    let output = directory_with_two_mistakes();
    assert_snapshot!(text(&output.stderr), @r#"
    error: `server.listen`: `here` is no address with a port
     --> addons.toml:3:10
      |
    3 | listen = "here"
      |          ^^^^^^
      |
      = help: write an address and a port, as in "127.0.0.1:8080" or "[::]:8080"

    error: `addons.echo.timeout`: expected a duration, found `soon`
     --> addons.toml:7:11
      |
    7 | timeout = "soon"
      |           ^^^^^^
      |
      = help: write a number and its unit, as in "800ms", "5s" or "2m"

    2 errors; nothing was changed
    "#);
}

fn directory_with_two_mistakes() -> Output {
    let directory = directory(&format!(
        "listen = \"here\"\n{}timeout = \"soon\"\n",
        add_on("echo", 'a')
    ));
    jackfield(&["serve"], directory.path())
}

#[test]
fn a_literal_token_is_refused_and_not_shown() {
    let account = format!("[accounts.{ACCOUNT}]\nauth_tokens = [\"{TOKEN}\"]\n");
    let directory = directory(&account);
    let output = jackfield(&["serve"], directory.path());
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("never the secret itself"), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
}

#[test]
fn check_says_yes_or_no() {
    let sound = directory(&add_on("echo", 'a'));
    let output = jackfield(&["check"], sound.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(text(&output.stderr), "");

    let broken = directory(&(add_on("echo", 'a') + &add_on("broken", 'b')));
    let output = jackfield(&["check"], broken.path());
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(text(&output.stdout), @"
    ──────────────────────────────────────────────────────────────────────────────────────────
     add-on   reached at             SID                                  state
    ══════════════════════════════════════════════════════════════════════════════════════════
     broken   /lookups               XBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb   UNAVAILABLE
              /incoming-sms                                               plugins/broken.wasm
              /incoming-voice-call
    ──────────────────────────────────────────────────────────────────────────────────────────
     echo     /lookups               XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa   ready
              /incoming-sms
              /incoming-voice-call
    ──────────────────────────────────────────────────────────────────────────────────────────
    ");
    assert_snapshot!(text(&output.stderr), @"error: `addons.broken`: `plugins/broken.wasm` is not a WebAssembly component: failed to parse WebAssembly module: magic header not detected: bad magic number - expected=[ 0x0, 0x61, 0x73, 0x6d, ] actual=[ 0x6e, 0x6f, 0x74, 0x20, ] (at offset 0x0)");
}

#[test]
fn check_warns_of_a_stack_that_every_call_pays_for() {
    let directory = directory(&add_on("echo", 'a'));
    let component = directory.path().join("plugins/echo.wasm");
    std::fs::copy(guest("trap"), component).unwrap();
    let output = jackfield(&["check"], directory.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.contains("`addons.echo`: every call sets 1.0 MiB of stack aside"),
        "{said}"
    );
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let output = jackfield(&["serve", "--config", "other.toml"], empty.path());
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(text(&output.stderr), @"
    error: the file cannot be read: No such file or directory (os error 2)
     --> other.toml:1:1
      |
    1 |
      | ^
      |
      = help: name another file with --config, or create this one

    1 error; nothing was changed
    ");
}

#[test]
fn strict_serves_all_or_nothing() {
    let (sound, broken) = (add_on_sid('a'), add_on_sid('b'));
    let builder = || {
        let builder = TestHost::with("echo", &sound, "");
        let component = builder.path().join("broken-by-hand.wasm");
        std::fs::write(&component, "not wasm").unwrap();
        builder.add_on("broken", &broken, &component, "")
    };
    let (status, log) = builder().arg("--strict").fail();
    assert_eq!(status, Some(2), "{log}");
    assert!(log.contains("1 add-on(s) are unavailable"), "{log}");

    let host = builder().start();
    let (status, table) = host.stop();
    assert_eq!(status, Some(0));
    assert_snapshot!(table, @"
    ──────────────────────────────────────────────────────────────────────────────────────────
     add-on   reached at             SID                                  state
    ══════════════════════════════════════════════════════════════════════════════════════════
     broken   /lookups               XBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb   UNAVAILABLE
              /incoming-sms                                               plugins/broken.wasm
              /incoming-voice-call
    ──────────────────────────────────────────────────────────────────────────────────────────
     echo     /lookups               XBaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa   ready
              /incoming-sms
              /incoming-voice-call
    ──────────────────────────────────────────────────────────────────────────────────────────
    ");
}

#[test]
fn a_port_that_is_taken_is_told_before_anything_is_compiled() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = directory(&add_on("broken", 'b'));
    let output = jackfield(&["serve", "--listen", &address], directory.path());
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr).replace(&address, "ADDRESS");
    assert_snapshot!(said, @"error: cannot listen on ADDRESS: choose another address with --listen: Address already in use (os error 98)");
}

#[tokio::test]
async fn included_files_are_served_with_the_first() {
    let (first, second) = (add_on_sid('a'), add_on_sid('b'));
    let builder = TestHost::with("echo", &first, "");
    let included = builder.path().join("addons.d");
    std::fs::create_dir(&included).unwrap();
    let team = format!("[addons.second]\nsid = \"{second}\"\ncomponent = \"plugins/echo.wasm\"\n");
    std::fs::write(included.join("team.toml"), team).unwrap();
    let main = format!(
        "include = [\"addons.d/*.toml\"]\n[server]\npublic_url = \"{PUBLIC_URL}\"\n{}",
        add_on("echo", 'a')
    );
    std::fs::write(builder.path().join("main.toml"), main).unwrap();
    let host = builder.arg("--config").arg("main.toml").start();
    for sid in [first, second] {
        let answer = host.twilio().lookup(&sid, NUMBER).send().await;
        assert!(answer.error_code().is_null(), "{}", answer.text());
    }
}

#[test]
fn every_command_explains_its_options() {
    let directory = tempfile::tempdir().unwrap();
    for (command, options) in [
        ("serve", vec!["--config", "--listen", "--strict", "--log"]),
        ("check", vec!["--config"]),
        (
            "call",
            vec![
                "--config", "--addon", "--phone", "--via", "--method", "--body", "--other",
                "--param", "--from", "--to", "--curl",
            ],
        ),
        (
            "verify",
            vec!["--url", "--form", "--body-file", "--signature"],
        ),
        ("observe", vec!["--public-url", "--listen", "--out"]),
    ] {
        let output = jackfield(&[command, "--help"], directory.path());
        assert_eq!(output.status.code(), Some(0));
        let said = text(&output.stdout);
        for option in options {
            assert!(said.contains(option), "{command} {option}: {said}");
        }
    }
    let output = jackfield(&["--help"], directory.path());
    assert_eq!(output.status.code(), Some(0));
    let output = jackfield(&["dance"], directory.path());
    assert_eq!(output.status.code(), Some(2));
}
