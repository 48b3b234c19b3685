//! Whatever way a file changes, it is taken up, and nobody is told of files that were
//! half written on the way.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use jackfield_tests::versions::version;
use jackfield_tests::{TestHost, add_on_sid};

use super::{TERMS, first_version, lines, serving, sid, until_served_by};

const PLUGIN: &str = "plugins/it.wasm";

/// Makes a link lead elsewhere in one step, as `ln -sfn` and Kubernetes do.
fn relink(link: &Path, target: &str) {
    let draft = link.with_file_name("..draft");
    symlink(target, &draft).unwrap();
    fs::rename(&draft, link).unwrap();
}

/// Writes a file and the directories on the way to it.
fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Nothing on the way was told as a failure.
fn assert_silent(host: &TestHost) {
    assert_eq!(lines(&host.log(), &["not taken up"]), 0, "{}", host.log());
}

#[tokio::test]
async fn a_component_that_is_copied_over_the_old_one() {
    let host = first_version().start();
    for number in 2..5 {
        fs::write(host.path().join(PLUGIN), version(number)).unwrap();
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_component_that_is_moved_over_the_old_one() {
    let host = first_version().start();
    for number in 2..5 {
        host.put(PLUGIN, version(number));
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_component_behind_the_link_that_kubernetes_switches() {
    let builder = first_version();
    let plugins = builder.path().join("plugins");
    write(&plugins.join("..1/it.wasm"), version(1));
    fs::remove_file(plugins.join("it.wasm")).unwrap();
    symlink("..1", plugins.join("..data")).unwrap();
    symlink("..data/it.wasm", plugins.join("it.wasm")).unwrap();
    let host = builder.start();
    for number in 2..5 {
        write(
            &plugins.join(format!("..{number}/it.wasm")),
            version(number),
        );
        relink(&plugins.join("..data"), &format!("..{number}"));
        fs::remove_dir_all(plugins.join(format!("..{}", number - 1))).unwrap();
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_component_in_the_release_that_is_current() {
    let builder = first_version();
    let plugins = builder.path().join("plugins");
    write(&plugins.join("releases/1/it.wasm"), version(1));
    symlink("releases/1", plugins.join("current")).unwrap();
    let host = builder.start();
    host.configure(|toml| toml.replace(PLUGIN, "plugins/current/it.wasm"));
    for number in 2..5 {
        write(
            &plugins.join(format!("releases/{number}/it.wasm")),
            version(number),
        );
        relink(&plugins.join("current"), &format!("releases/{number}"));
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_configuration_in_the_release_that_is_current() {
    let host = first_version().start();
    let at = |name: &str| host.path().join(name);
    for number in 1..4 {
        fs::write(at(&format!("plugins/{number}.wasm")), version(number)).unwrap();
        let toml = host
            .config()
            .replace(PLUGIN, &format!("plugins/{number}.wasm"));
        write(&at(&format!("releases/{number}/addons.toml")), toml);
    }
    symlink("releases/1", at("current")).unwrap();
    relink(&at("addons.toml"), "current/addons.toml");
    for number in 2..4 {
        relink(&at("current"), &format!("releases/{number}"));
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_component_that_is_deleted_is_served_on_until_another_comes() {
    let host = first_version().start();
    let plugin = host.path().join(PLUGIN);
    fs::remove_file(&plugin).unwrap();
    host.logs("cannot be read", 1).await;
    assert_eq!(serving(&host).await, Some(1));
    fs::write(&plugin, version(2)).unwrap();
    until_served_by(&host, 2).await;
    assert_eq!(lines(&host.log(), &["not taken up"]), 1, "{}", host.log());
}

#[tokio::test]
async fn a_plugin_directory_that_is_replaced() {
    // So that it is not found by looking.
    let host = first_version().server("poll = \"1h\"").start();
    let at = |name: &str| host.path().join(name);
    for number in 2..4 {
        write(&at("next/it.wasm"), version(number));
        fs::rename(at("plugins"), at(&format!("old-{number}"))).unwrap();
        fs::rename(at("next"), at("plugins")).unwrap();
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

/// Writes a version in parts, with pauses between them, while calls are answered.
async fn write_slowly(host: &TestHost, number: u32, keep_open: bool) {
    let (plugin, bytes) = (host.path().join(PLUGIN), version(number));
    let (last, parts) = {
        let mut parts: Vec<&[u8]> = bytes.chunks(bytes.len().div_ceil(4)).collect();
        (parts.pop().unwrap(), parts)
    };
    let mut open = Some(File::create(&plugin).unwrap());
    for part in parts {
        let again = || File::options().append(true).open(&plugin).unwrap();
        let mut file = open.take().unwrap_or_else(again);
        file.write_all(part).unwrap();
        open = keep_open.then_some(file);
        assert_served_during_a_pause(host, number - 1).await;
    }
    let again = || File::options().append(true).open(&plugin).unwrap();
    open.unwrap_or_else(again).write_all(last).unwrap();
}

/// Calls for as long as somebody pauses who copies over a slow line.
async fn assert_served_during_a_pause(host: &TestHost, number: u32) {
    let paused = Instant::now();
    while paused.elapsed() < Duration::from_millis(300) {
        assert_eq!(serving(host).await, Some(number), "{}", host.log());
    }
}

#[tokio::test]
async fn a_component_that_is_written_slowly_is_taken_up_once_it_is_whole() {
    let host = first_version().start();
    for (number, keep_open) in [(2, true), (3, false)] {
        write_slowly(&host, number, keep_open).await;
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_hangup_has_everything_read_again() {
    let host = first_version().server("watch = false").start();
    host.put(PLUGIN, version(2));
    host.hang_up();
    until_served_by(&host, 2).await;
    host.configure(|toml| format!("{toml}\nenvelope = \"verbatim\""));
    host.hang_up();
    let bare = async || {
        let answer = super::call(&host, &sid()).send().await;
        answer.json()["version"].is_string()
    };
    host.until("the settings count", bare).await;
}

#[tokio::test]
async fn what_nobody_told_is_found_by_looking() {
    let host = first_version().server("poll = \"100ms\"").start();
    // Whoever writes through another name of the file stirs another directory.
    let elsewhere = host.path().join("elsewhere.wasm");
    fs::hard_link(host.path().join(PLUGIN), &elsewhere).unwrap();
    for number in 2..4 {
        fs::write(&elsewhere, version(number)).unwrap();
        until_served_by(&host, number).await;
    }
    assert_silent(&host);
}

#[tokio::test]
async fn a_file_that_is_touched_and_stays_the_same_changes_nothing() {
    let other = add_on_sid('b');
    let host = first_version()
        .add_on_of("other", &other, &version(1), TERMS)
        .start();
    let plugin = host.path().join(PLUGIN);
    File::open(&plugin)
        .unwrap()
        .set_modified(SystemTime::UNIX_EPOCH)
        .unwrap();
    fs::write(&plugin, version(1)).unwrap();
    host.put(PLUGIN, version(1));
    host.configure(|toml| toml);
    host.configure(|toml| format!("{toml}\n# nobody reads this\n"));
    // What comes afterwards is told, and is the second registry of this host.
    host.put("plugins/other.wasm", version(2));
    host.logs("taken up", 1).await;
    let changed = lines(
        &host.log(),
        &["taken up", "generation=2", "add_on=\"other\""],
    );
    assert_eq!(changed, 1, "{}", host.log());
    assert_eq!(lines(&host.log(), &["taken up"]), 1, "{}", host.log());
}
