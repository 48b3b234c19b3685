//! What changes in `addons.toml` and in what it includes.

use std::fs;

use jackfield_tests::versions::{REFUSED, version};
use jackfield_tests::{NUMBER, TestHost, TestHostBuilder, add_on_sid};

use super::{
    TERMS, call, first_version, lines, serving, sid, slow_call, until_served_by, until_told,
};

const BROKEN: &str = "plugins/broken.wasm";

/// A host beside whose component lies one that is no good.
fn beside_a_broken_one() -> TestHostBuilder {
    let builder = first_version();
    fs::write(builder.path().join(BROKEN), REFUSED[2].component(1)).unwrap();
    builder
}

/// An add-on, as a file that is included has it.
fn add_on(name: &str, sid: &str, component: &str) -> String {
    format!("[addons.{name}]\nsid = \"{sid}\"\ncomponent = \"{component}\"\n{TERMS}\n")
}

/// Which version answers for an add-on.
async fn version_behind(host: &TestHost, sid: &str) -> Option<u32> {
    super::version_of(&call(host, sid).send().await)
}

#[tokio::test]
async fn files_that_are_included_come_change_and_go() {
    let more = add_on_sid('b');
    let builder = first_version().include("teams/*.toml");
    fs::create_dir(builder.path().join("teams")).unwrap();
    for number in 2..4 {
        let file = format!("plugins/{number}.wasm");
        fs::write(builder.path().join(file), version(number)).unwrap();
    }
    let host = builder.start();
    assert_eq!(
        call(&host, &more).send().await.error_code(),
        "addon_unknown"
    );
    for number in 2..4 {
        host.put(
            "teams/one.toml",
            add_on("more", &more, &format!("plugins/{number}.wasm")),
        );
        let seen = async || version_behind(&host, &more).await == Some(number);
        host.until("the included add-on is served", seen).await;
    }
    fs::remove_file(host.path().join("teams/one.toml")).unwrap();
    until_told(&host, &more, Some("addon_unknown")).await;
    assert_eq!(serving(&host).await, Some(1));
    assert_eq!(lines(&host.log(), &["not taken up"]), 0, "{}", host.log());
}

#[tokio::test]
async fn a_configuration_that_is_no_good_changes_nothing_and_all_that_is_wrong_is_told() {
    let host = first_version().start();
    let good = host.config();
    host.put("plugins/2.wasm", version(2));
    host.configure(|toml| {
        let toml = toml.replace("plugins/it.wasm", "plugins/2.wasm");
        let other = "[addons.other]\nsid = \"XB1\"\ncomponent = \"other.wasm\"\n";
        format!("{toml}timeout = \"soon\"\nmemory = \"much\"\n{other}")
    });
    host.logs("not taken up", 1).await;
    let log = host.log();
    for wrong in ["it.timeout", "it.memory", "other.sid", "other.component"] {
        assert!(log.contains(wrong), "nothing of `{wrong}`:\n{log}");
    }
    assert_eq!(serving(&host).await, Some(1));
    host.configure(|_| "[server\n".to_owned());
    host.logs("not taken up", 2).await;
    assert_eq!(serving(&host).await, Some(1));
    host.configure(|_| good.replace("plugins/it.wasm", "plugins/2.wasm"));
    until_served_by(&host, 2).await;
    assert_eq!(lines(&host.log(), &["not taken up"]), 2, "{}", host.log());
}

#[tokio::test]
async fn an_add_on_whose_component_is_no_good_keeps_its_whole_old_entry() {
    let host = beside_a_broken_one().start();
    host.configure(|toml| {
        let toml = toml.replace("plugins/it.wasm", BROKEN);
        format!("{toml}envelope = \"verbatim\"\n")
    });
    host.logs("not taken up", 1).await;
    assert_eq!(serving(&host).await, Some(1));
    host.put(BROKEN, version(2));
    let bare = async || {
        let answer = call(&host, &sid()).send().await.json();
        let enveloped = answer["results"]["version"].is_string();
        assert!(enveloped != answer["version"].is_string(), "{answer}");
        !enveloped
    };
    host.until("both the component and the settings are new", bare)
        .await;
}

#[tokio::test]
async fn an_old_entry_that_is_in_the_way_of_a_new_one_keeps_everything_as_it_is() {
    let moved = add_on_sid('c');
    let host = beside_a_broken_one().start();
    host.put("plugins/2.wasm", version(2));
    host.configure(|toml| {
        let toml = toml
            .replace("plugins/it.wasm", BROKEN)
            .replace(&sid(), &moved);
        format!("{toml}{}", add_on("heir", &sid(), "plugins/2.wasm"))
    });
    host.logs("would have the same SID", 1).await;
    assert_eq!(serving(&host).await, Some(1));
    assert_eq!(
        call(&host, &moved).send().await.error_code(),
        "addon_unknown"
    );
    host.put(BROKEN, version(3));
    until_served_by(&host, 2).await;
    assert_eq!(version_behind(&host, &moved).await, Some(3));
}

#[tokio::test]
async fn what_only_a_start_can_change_is_told_and_stays_as_it_was() {
    let local = "http://127.0.0.1:8080";
    let builder = TestHost::bare().server(&format!("public_url = \"{local}\""));
    let mut host = builder.add_on_of("it", &sid(), &version(1), TERMS).start();
    host.configure(|toml| {
        let keys = "verify = false\nconnections = 7\nheader_timeout = \"1s\"\n\
                    drain_timeout = \"1s\"\nconcurrency = 9\n\
                    state_dir = \"elsewhere\"\nwatch = false\npoll = \"1h\"";
        toml.replace("[server]", &format!("[server]\n{keys}"))
    });
    host.logs("counts from the next start", 8).await;
    for key in [
        "verify",
        "connections",
        "header_timeout",
        "drain_timeout",
        "concurrency",
        "state_dir",
        "watch",
        "poll",
    ] {
        let said = format!("`server.{key}` counts from the next start");
        assert_eq!(lines(&host.log(), &[&said]), 1, "{}", host.log());
    }
    let unsigned = || {
        call(&host, &sid())
            .header("host", "127.0.0.1:8080")
            .unsigned()
    };
    assert_eq!(unsigned().send().await.status, 403);
    host.restart("TERM");
    let unsigned = call(&host, &sid())
        .header("host", "127.0.0.1:8080")
        .unsigned();
    assert_eq!(unsigned.send().await.status, 200);
}

#[tokio::test]
async fn a_limit_that_changed_counts_for_the_next_call() {
    let host = first_version().start();
    host.configure(|toml| format!("{toml}timeout = \"100ms\"\n"));
    let strict = async || slow_call(&host, 300).send().await.error_code() == "timeout";
    host.until("the shorter timeout counts", strict).await;
    host.configure(|toml| toml.replace("100ms", "15s"));
    let lenient = async || slow_call(&host, 300).send().await.error_code().is_null();
    host.until("the longer timeout counts", lenient).await;
}

#[tokio::test]
async fn an_add_on_comes_and_another_goes_in_one_step() {
    let more = add_on_sid('b');
    let host = first_version().start();
    host.put("plugins/2.wasm", version(2));
    host.configure(|toml| {
        let head = toml.split("[addons.").next().unwrap().to_owned();
        head + &add_on("more", &more, "plugins/2.wasm")
    });
    until_told(&host, &more, None).await;
    until_told(&host, &sid(), Some("addon_unknown")).await;
    let changes = [("it", "removed"), ("more", "added")];
    host.logs("what=\"removed\"", 1).await;
    for (name, what) in changes.map(|(name, what)| (format!("add_on=\"{name}\""), what)) {
        assert_eq!(
            lines(&host.log(), &["taken up", "generation=2", &name, what]),
            1,
            "{}",
            host.log()
        );
    }
    assert!(!host.log().contains(NUMBER));
}
