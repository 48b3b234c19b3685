//! What is opened, and what is only looked at.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest};

use super::place::Place;

fn echo() -> Vec<u8> {
    fs::read(guest("echo")).unwrap()
}

/// What is said of whatever is put under a component's name.
fn said_of(put: impl FnOnce(&Path)) -> String {
    let place = Place::with(&echo());
    let path = place.path().join("plugins/it.wasm");
    fs::remove_file(&path).unwrap();
    put(&path);
    let checked = place.check();
    assert_eq!(checked.status, Some(1), "{}", checked.complaints);
    checked.complaints
}

#[tokio::test]
async fn a_component_that_leads_out_of_the_plugin_directory_is_not_opened() {
    let sid = add_on_sid('a');
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("echo.wasm");
    fs::copy(guest("echo"), &target).unwrap();
    let builder = TestHost::with("echo", &sid, "");
    let link = builder.path().join("plugins/echo.wasm");
    fs::remove_file(&link).unwrap();
    symlink(&target, &link).unwrap();
    let host = builder.start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    assert!(
        host.log().contains("leads out of the plugin directory"),
        "{}",
        host.log()
    );
}

#[test]
fn neither_a_device_nor_a_directory_outside_is_reached_by_a_link() {
    let said = said_of(|path| symlink("/dev/zero", path).unwrap());
    assert_snapshot!(said, @r#"error: `addons.it`: `plugins/it.wasm` leads out of the plugin directory (links must be relative and stay inside)"#);

    let (place, outside) = (Place::with(&echo()), tempfile::tempdir().unwrap());
    let plugins = place.path().join("plugins");
    fs::rename(plugins.join("it.wasm"), outside.path().join("it.wasm")).unwrap();
    symlink(outside.path(), plugins.join("team")).unwrap();
    symlink("team/it.wasm", plugins.join("it.wasm")).unwrap();
    assert_eq!(place.check().complaints, said);
}

#[tokio::test]
async fn a_link_that_stays_inside_is_followed_as_mounted_volumes_need_it() {
    let sid = add_on_sid('a');
    let builder = TestHost::with("echo", &sid, "");
    let at = |name: &str| builder.path().join("plugins").join(name);
    fs::create_dir(at("..2026_11_22")).unwrap();
    fs::rename(at("echo.wasm"), at("..2026_11_22/echo.wasm")).unwrap();
    symlink("..2026_11_22", at("..data")).unwrap();
    symlink("..data/echo.wasm", at("echo.wasm")).unwrap();
    let host = builder.start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
}

#[test]
fn a_pipe_or_a_directory_under_a_components_name_does_not_hold_up_the_start() {
    for make in [make_pipe, make_directory] {
        let said = said_of(make);
        let expected = "error: `addons.it`: `plugins/it.wasm` is not a regular file\n";
        assert_eq!(said, expected);
    }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn make_directory(path: &Path) {
    fs::create_dir(path).unwrap();
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let said = said_of(|path| {
        let file = File::create(path).unwrap();
        file.set_len(64 * 1024 * 1024 + 1).unwrap();
    });
    assert_snapshot!(said, @r#"error: `addons.it`: `plugins/it.wasm` is larger than 67108864 bytes"#);
}

#[test]
fn a_file_that_is_cut_off_is_refused_with_the_compilers_reason() {
    let said = said_of(|path| fs::write(path, &echo()[..20_000]).unwrap());
    let (before, after) = said.split_once("..").unwrap();
    assert_snapshot!(before, @r#"error: `addons.it`: `plugins/it.wasm` is not a WebAssembly component: failed to parse WebAssembly module: wasm component contains an invalid module section: section range 303"#);
    assert!(
        after
            .trim_end()
            .ends_with(" is out of bounds (bound = 20000)"),
        "{said}"
    );
    let said = said_of(|path| fs::write(path, "").unwrap());
    assert_snapshot!(said, @r#"error: `addons.it`: `plugins/it.wasm` is not a WebAssembly component: failed to parse WebAssembly module: unexpected end-of-file (at offset 0x0)"#);
}

#[test]
fn machine_code_under_a_components_name_is_refused() {
    let place = Place::with(&echo());
    assert_eq!(place.check().status, Some(0));
    let artifact = fs::read(&place.kept("artifacts")[0]).unwrap();
    let said = said_of(|path| fs::write(path, artifact).unwrap());
    assert_snapshot!(said, @r#"error: `addons.it`: `plugins/it.wasm` is precompiled machine code; give the component itself"#);
}

#[tokio::test]
async fn a_pinned_component_is_served_only_with_its_own_bytes() {
    let sid = add_on_sid('a');
    let hash = jackfield_tests::body_hash(&echo());
    let host = TestHost::with("echo", &sid, &format!("sha256 = \"{hash}\"")).start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());

    let host = TestHost::with("trap", &sid, &format!("sha256 = \"{hash}\"")).start();
    let answer = host.twilio().lookup(&sid, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    assert!(host.log().contains("pins another"), "{}", host.log());
}

#[test]
fn a_core_module_and_a_component_of_another_world_are_refused_with_the_reason() {
    for (wat, reason) in [
        ("(module)", "is not a WebAssembly component"),
        (
            "(component)",
            "does not export `jackfield:addon/lookup@1.0.0`",
        ),
        (
            r#"(component (import "wasi:sockets/network@0.2.0" (instance (export "network" (type (sub resource))))))"#,
            "imports what it is not granted",
        ),
    ] {
        let said = said_of(|path| fs::write(path, wat::parse_str(wat).unwrap()).unwrap());
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn what_needs_more_than_it_may_have_is_refused_when_it_is_loaded() {
    let module = |fields: &str| {
        format!("(component (core module $m {fields}) (core instance (instantiate $m)))")
    };
    let said = |fields: &str, toml: &str| {
        let component = wat::parse_str(module(fields)).unwrap();
        let checked = Place::new().add_on("it", 'a', &component, toml).check();
        assert_eq!(checked.status, Some(1));
        checked.complaints
    };
    assert_snapshot!(said("(memory 257)", ""), @r#"error: `addons.it`: `plugins/it.wasm` starts with 16.1 MiB of memory, and its add-on may have 16.0 MiB: raise `memory`"#);
    assert_snapshot!(said("(memory 17)", "memory = \"1MiB\""), @r#"error: `addons.it`: `plugins/it.wasm` starts with 1.1 MiB of memory, and its add-on may have 1.0 MiB: raise `memory`"#);
    // What the pool has no place for is told in the same words.
    assert_snapshot!(said("(memory 1025)", "memory = \"64MiB\""), @r#"error: `addons.it`: `plugins/it.wasm` starts with 64.1 MiB of memory, and its add-on may have 64.0 MiB: raise `memory`"#);
    assert_snapshot!(said(&"(memory 1)".repeat(5), ""), @r#"error: `addons.it`: `plugins/it.wasm` has 5 memories, and a provider may have 4"#);
    assert_snapshot!(said(&"(table 1 funcref)".repeat(9), ""), @r#"error: `addons.it`: `plugins/it.wasm` has 9 tables, and a provider may have 8"#);
    assert_snapshot!(said("(table 20001 funcref)", ""), @r#"error: `addons.it`: `plugins/it.wasm` starts with tables of 20001 elements, and a provider may have 20000"#);
    // It fits, and lacks nothing but the contract.
    let tables = "(table 2500 funcref)".repeat(8);
    let memories = "(memory 64)".repeat(4);
    let fits = said(&format!("{memories} {tables}"), "");
    assert!(fits.contains("does not export"), "{fits}");
}
