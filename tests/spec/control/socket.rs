//! The socket itself: where it is, who reaches it, and whose it is.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use jackfield_tests::{ACCOUNT, TOKEN, TestHost, add_on_sid, binary, run};
use serde_json::{Value, json};

use super::{answers, bytes, done, host, said, status};

const SOCKET: &str = ".jackfield/control/socket";

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn only_the_hosts_own_user_gets_to_the_socket() {
    let host = host("");
    let socket = host.path().join(SOCKET);
    assert_eq!(mode(&socket), 0o600);
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    let shown = status(&host);
    assert_eq!(shown["pid"], host.process());
    assert_eq!(shown["config"], "addons.toml");
    let keys = json!([{"account": ACCOUNT, "kind": "auth_token", "slot": 1, "last_use": null}]);
    assert_eq!(shown["keys"], keys);
    let text = shown.to_string();
    assert!(!text.contains(TOKEN), "{text}");
    drop(host);
}

#[test]
fn a_stranger_is_refused_even_where_the_modes_let_him_through() {
    let host = host("");
    let state = host.path().join(".jackfield");
    if fs::metadata(&state).unwrap().uid() != 0
        || Command::new("setpriv").arg("-V").output().is_err()
    {
        println!("not tried: only root can be somebody else");
        return;
    }
    let program = host.path().join("jackfield");
    fs::copy(binary(), &program).unwrap();
    for (path, mode) in [
        (host.path().to_owned(), 0o755),
        (program.clone(), 0o755),
        (state.clone(), 0o755),
        (state.join("control"), 0o755),
        (state.join("control/socket"), 0o666),
    ] {
        chmod(&path, mode);
    }
    let asked = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["drain", "--state-dir"])
        .arg(&state)
        .current_dir("/")
        .output()
        .unwrap();
    let refused = said(&asked, 1);
    assert!(refused.contains("and not from user 65534"), "{refused}");
    assert_eq!(status(&host)["draining"], false);
}

#[tokio::test]
async fn a_state_directory_may_have_any_length() {
    let state = format!("{}/{}", "s".repeat(120), "t".repeat(120));
    let host = TestHost::builder()
        .server(&format!("state_dir = \"{state}\""))
        .add_on_of("it", &add_on_sid('a'), &bytes("echo"), "")
        .start();
    done(&host, &["status"]);
    done(&host, &["status", "--state-dir", &state]);
    let (code, _) = host.stop();
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn what_a_killed_host_left_is_no_obstacle() {
    let mut host = host("");
    let inode = |host: &TestHost| fs::metadata(host.path().join(SOCKET)).unwrap().ino();
    let before = inode(&host);
    // A name that is held, so that the number cannot be given again.
    let kept = host.path().join("kept");
    fs::hard_link(host.path().join(SOCKET), &kept).unwrap();
    host.restart("KILL");
    assert_ne!(inode(&host), before);
    assert_eq!(status(&host)["pid"], host.process());
    host.restart("TERM");
    assert_eq!(status(&host)["pid"], host.process());
}

#[test]
fn the_newest_host_answers_and_an_older_one_takes_nothing_away_when_it_ends() {
    let mut older = host("");
    let state = older.path().join(".jackfield");
    let newer = TestHost::builder()
        .server(&format!("state_dir = \"{}\"", state.display()))
        .add_on_of("it", &add_on_sid('a'), &bytes("echo"), "")
        .start();
    assert_eq!(status(&newer)["pid"], newer.process());
    assert_eq!(status(&older)["pid"], newer.process());
    let ended = Command::new("kill")
        .args(["-s", "TERM", &older.process().to_string()])
        .status();
    assert!(ended.unwrap().success());
    assert_eq!(older.wait(), Some(0));
    assert_eq!(status(&newer)["pid"], newer.process());
    let socket = state.join("control/socket");
    let (code, _) = newer.stop();
    assert_eq!(code, Some(0));
    assert!(!socket.exists());
}

#[tokio::test]
async fn without_a_state_directory_there_is_no_channel_and_all_else_works() {
    let place = tempfile::tempdir().unwrap();
    let state = place.path().join("state");
    fs::create_dir(&state).unwrap();
    chmod(&state, 0o777);
    let mut host = TestHost::builder()
        .server(&format!("state_dir = \"{}\"", state.display()))
        .add_on_of("it", &add_on_sid('a'), &bytes("echo"), "")
        .start();
    assert_eq!(answers(&host).await, "echo");
    let refused = said(&host.cli(&["status"]), 2);
    assert!(refused.contains("no host answers at"), "{refused}");
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    let log = host.log();
    assert_eq!(
        log.matches("there is no control channel: ").count(),
        1,
        "{log}"
    );
}

#[test]
fn an_operator_is_told_where_no_host_answers() {
    let place = tempfile::tempdir().unwrap();
    let verbs: [&[&str]; 11] = [
        &["status"],
        &["status", "--json"],
        &["reload"],
        &["rollback", "it"],
        &["approve", "it"],
        &["pause", "it", "--reason", "r"],
        &["resume", "it"],
        &["freeze", "--reason", "r"],
        &["thaw"],
        &["drain"],
        &["check", "--diff"],
    ];
    for verb in verbs {
        let refused = said(&run(verb, &[], place.path()), 2);
        let expected = "error: no host answers at `.jackfield/control/socket`";
        assert!(refused.starts_with(expected), "{refused}");
        let elsewhere = [verb, &["--state-dir", "elsewhere"]].concat();
        let refused = said(&run(&elsewhere, &[], place.path()), 2);
        assert!(refused.contains("`elsewhere/control/socket`"), "{refused}");
        let config = [verb, &["--config", "etc/addons.toml"]].concat();
        let refused = said(&run(&config, &[], place.path()), 2);
        assert!(
            refused.contains("`etc/.jackfield/control/socket`"),
            "{refused}"
        );
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn the_status_names_versions_and_fits_a_terminal() {
    let host = host("");
    let shown = done(&host, &["status"]);
    assert!(
        shown.lines().all(|line| line.chars().count() <= 100),
        "{shown}"
    );
    let told: Value = status(&host);
    for key in ["version", "wasmtime"] {
        assert!(shown.contains(told[key].as_str().unwrap()), "{shown}");
    }
    assert!(
        shown.contains(&told["addons"][0]["serves"].as_str().unwrap()[..12]),
        "{shown}"
    );
}
