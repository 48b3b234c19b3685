//! What is compiled once, and what is tried once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest};

use super::place::Place;
use jackfield_tests::bombs;

fn bytes(name: &str) -> Vec<u8> {
    fs::read(guest(name)).unwrap()
}

/// The first part of a kept file's name, and the rest.
fn parts(file: &Path) -> (String, String) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let (key, rest) = name.split_once('.').unwrap();
    (key.to_owned(), rest.to_owned())
}

#[tokio::test]
async fn a_second_start_takes_what_the_first_has_compiled() {
    let sid = add_on_sid('a');
    // Two of one size, so that either is compiled as the other is.
    let (trap, count) = (Place::with(&bytes("trap")), Place::with(&bytes("count")));
    for place in [&trap, &count] {
        assert_eq!(place.check().status, Some(0));
    }
    // One component's machine code under the other's name is what gets called: it can
    // only have come from there. So nobody else may write to that directory.
    let (kept, other) = (&trap.kept("artifacts")[0], &count.kept("artifacts")[0]);
    let swapped = format!("{}.{}", parts(kept).0, parts(other).1);
    fs::rename(other, kept.with_file_name(swapped)).unwrap();
    fs::remove_file(kept).unwrap();
    let state = trap.path().join(".jackfield");
    let host = TestHost::with("trap", &sid, "")
        .server(&format!("state_dir = \"{}\"", state.display()))
        .start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.json()["results"]["calls"], 1, "{}", answer.text());
}

#[test]
fn an_artifact_that_rotted_is_compiled_anew() {
    let place = Place::with(&bytes("echo"));
    assert_eq!(place.check().status, Some(0));
    let kept = &place.kept("artifacts")[0];
    let sound = fs::read(kept).unwrap();
    let flipped: Vec<u8> = sound.iter().map(|byte| byte ^ 1).collect();
    for rotten in [&sound[..sound.len() / 2], &flipped] {
        fs::write(kept, rotten).unwrap();
        let checked = place.check();
        assert_eq!(checked.status, Some(0), "{}", checked.complaints);
        assert_eq!(&place.kept("artifacts"), std::slice::from_ref(kept));
        assert!(fs::read(kept).unwrap() == sound);
    }
}

#[test]
fn hosts_that_start_at_once_on_one_state_directory_all_start() {
    let place = Place::new().add_on("echo", 'a', &bytes("echo"), "").add_on(
        "count",
        'b',
        &bytes("count"),
        "",
    );
    let hosts: Vec<_> = (0..6).map(|_| place.start()).collect();
    for host in hosts {
        let output = host.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(place.kept("artifacts").len(), 2);
}

#[test]
fn a_state_directory_that_others_can_write_to_is_not_used() {
    let place = Place::with(&bytes("echo"));
    let state = place.path().join(".jackfield");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o777)).unwrap();
    let checked = place.check();
    assert_eq!(checked.status, Some(0));
    assert_snapshot!(checked.complaints, @r#"warning: every start compiles every component again, because `.jackfield` is open to other users: `chmod 755` would close it"#);
    assert_eq!(fs::read_dir(&state).unwrap().count(), 0);

    let mut host = TestHost::with("echo", &add_on_sid('a'), "")
        .server(&format!("state_dir = \"{}\"", state.display()))
        .start();
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    let log = host.log();
    for told in [
        "every start compiles every component",
        "there is no control channel",
    ] {
        assert_eq!(log.matches(told).count(), 1, "{log}");
    }
    assert_eq!(log.matches("is open to other users").count(), 2, "{log}");
}

#[test]
fn what_did_not_compile_is_not_tried_again_until_its_record_is_deleted() {
    let place = Place::with(&bombs::nested_loops(1_000)).server("compile_time = \"1s\"");
    let first = place.check();
    assert_snapshot!(first.complaints, @r#"error: `addons.it`: `plugins/it.wasm` takes longer than 1s to compile (`compile_time`)"#);
    let record = &place.kept("quarantine")[0];
    let name = record.file_name().unwrap().to_str().unwrap();
    let again = place.check();
    assert_eq!(again.status, Some(1));
    assert!(again.took * 2 < first.took, "{:?}", again.took);
    assert_snapshot!(again.complaints.replace(name, "RECORD"), @r#"error: `addons.it`: `plugins/it.wasm` takes longer than 1s to compile (`compile_time`); so it ended before, and was not tried again: to try, delete `.jackfield/quarantine/RECORD`"#);
    assert_eq!(place.check().complaints, again.complaints);
    fs::remove_file(record).unwrap();
    let tried = place.check();
    assert_eq!(tried.complaints, first.complaints);
    assert_eq!(&place.kept("quarantine")[0], record);
    println!("tried {:?}, then {:?}", first.took, place.check().took);
}

#[test]
fn other_limits_are_another_try() {
    let place = Place::with(&bombs::deep_blocks(500_000)).server("compile_memory = \"256MiB\"");
    assert_eq!(place.check().status, Some(1));
    assert_eq!(place.kept("quarantine").len(), 1);
    let place = place.replace("256MiB", "2GiB");
    let checked = place.check();
    let lacks_the_contract = checked.complaints.contains("does not export");
    assert!(lacks_the_contract, "{}", checked.complaints);
}
