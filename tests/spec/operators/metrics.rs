//! What is counted is what happened, in series that nobody else's requests multiply.

use std::collections::BTreeSet;
use std::process::Command;

use jackfield_tests::{ACCOUNT, NUMBER, TOKEN, TestHost, add_on_sid, guest, promtool};

use super::{LISTENS, Metrics, builder, fed, operator, page};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const REQUESTS: &str = "jackfield_requests_total";
const AGAINST: &str = "jackfield_publisher_errors_total";

#[tokio::test]
async fn requests_are_counted_by_what_came_of_them() {
    let host = builder("echo", "").start();
    let (twilio, operator) = (host.twilio(), operator(&host));
    for _ in 0..7 {
        twilio.lookup(&add_on_sid('a'), NUMBER).send().await;
    }
    for _ in 0..3 {
        let request = twilio.lookup(&add_on_sid('a'), NUMBER);
        request.signature_of("AAAA").send().await;
    }
    twilio
        .lookup(&add_on_sid('a'), NUMBER)
        .target("/nowhere")
        .send()
        .await;
    twilio.get("/lookups").add_on(&add_on_sid('a')).send().await;
    let metrics = Metrics::of(&operator).await;
    let at = |addon, outcome| {
        let labels = [("addon", addon), ("point", "lookups"), ("outcome", outcome)];
        metrics.sum(REQUESTS, &labels)
    };
    assert_eq!(at("it", "success"), Some(7.0));
    assert_eq!(at("it", "address_missing"), Some(1.0));
    assert_eq!(at("(none)", "signature_invalid"), Some(3.0));
    assert_eq!(
        metrics.sum(REQUESTS, &[("outcome", "path_unknown")]),
        Some(1.0)
    );
    assert_eq!(metrics.sum(REQUESTS, &[]), Some(12.0));
    let labels = [
        ("status", "403"),
        ("reason", "signature_invalid"),
        ("verified", "false"),
    ];
    assert_eq!(metrics.sum(AGAINST, &labels), Some(3.0));
    assert_eq!(metrics.sum(AGAINST, &[]), Some(4.0));
    let took = |what: &str| format!("jackfield_request_duration_seconds_{what}");
    let of_it = [("addon", "it"), ("point", "lookups")];
    assert_eq!(metrics.sum(&took("count"), &of_it), Some(8.0));
    let beyond = [("addon", "it"), ("point", "lookups"), ("le", "+Inf")];
    assert_eq!(metrics.sum(&took("bucket"), &beyond), Some(8.0));
    assert!(metrics.sum(&took("sum"), &of_it).unwrap() > 0.0);
    let guests = metrics.sum("jackfield_guest_cpu_seconds_count", &[("addon", "it")]);
    assert_eq!(guests, Some(7.0));
    let memory = metrics.sum("jackfield_guest_memory_bytes_sum", &[("addon", "it")]);
    assert!(memory.unwrap() >= 7.0 * 65_536.0, "{memory:?}");
    let slot = [("account", ACCOUNT), ("kind", "auth_token"), ("slot", "1")];
    let used = metrics.sum("jackfield_token_last_use_timestamp_seconds", &slot);
    assert!(used.unwrap() > 1.7e9, "{used:?}");
}

#[tokio::test]
async fn what_was_tried_and_never_called_has_no_memory_in_the_pool() {
    let host = builder("echo", "").start();
    let operator = operator(&host);
    let warm = async || {
        let metrics = Metrics::of(&operator).await;
        metrics.sum("jackfield_pool_memories_warm", &[])
    };
    assert_eq!(warm().await, Some(0.0));
    host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_eq!(warm().await, Some(1.0));
}

#[tokio::test]
async fn a_provider_s_own_code_is_no_label_and_nothing_of_a_request_is_told() {
    let host = builder("refuse", "").start();
    let operator = operator(&host);
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    let own = answer.error_code();
    let metrics = Metrics::of(&operator).await;
    let kinds = ["caller_error", "no_result", "retry"];
    let refused = kinds.map(|kind| metrics.sum(REQUESTS, &[("outcome", kind)]));
    assert_eq!(refused.into_iter().flatten().sum::<f64>(), 1.0);
    for path in ["/metrics", "/status", "/readyz"] {
        let text = page(&operator, path).await.text().to_owned();
        for secret in [TOKEN, NUMBER, NUMBER.trim_start_matches('+'), "12125550123"] {
            assert!(!text.contains(secret), "{path} tells {secret}");
        }
        let own = own.as_str().filter(|own| !kinds.contains(own));
        assert!(
            own.is_none_or(|own| !text.contains(own)),
            "{path} tells {own:?}"
        );
    }
}

#[tokio::test]
async fn a_thousand_unknown_add_ons_are_one_series() {
    let host = builder("echo", "").start();
    let (twilio, operator) = (host.twilio(), operator(&host));
    let series = async || Metrics::of(&operator).await.samples().count();
    twilio.lookup(&format!("XB{:032x}", 0), NUMBER).send().await;
    let before = series().await;
    for number in 1..1_000 {
        twilio
            .lookup(&format!("XB{number:032x}"), NUMBER)
            .send()
            .await;
    }
    assert_eq!(series().await, before);
    let unknown = [("addon", "(none)"), ("outcome", "addon_unknown")];
    let metrics = Metrics::of(&operator).await;
    assert_eq!(metrics.sum(REQUESTS, &unknown), Some(1_000.0));
}

#[tokio::test]
async fn the_series_of_an_add_on_go_with_it_and_outlast_its_versions() {
    let other = format!(
        "[addons.other]\nsid = \"{}\"\ncomponent = \"plugins/it.wasm\"\n",
        add_on_sid('b')
    );
    let host = builder("echo", "").toml(&other).start();
    let operator = operator(&host);
    for digit in ['a', 'b'] {
        host.twilio()
            .lookup(&add_on_sid(digit), NUMBER)
            .send()
            .await;
    }
    let metrics = Metrics::of(&operator).await;
    assert_eq!(metrics.sum(REQUESTS, &[("addon", "other")]), Some(1.0));
    host.configure(|config| config.replace(&other, ""));
    let gone = async || {
        let text = page(&operator, "/metrics").await.text().to_owned();
        !text.contains("addon=\"other\"")
    };
    host.until("its series are gone", gone).await;
    host.put("plugins/it.wasm", std::fs::read(guest("refuse")).unwrap());
    host.logs("what=\"component\"", 1).await;
    let metrics = Metrics::of(&operator).await;
    assert_eq!(metrics.sum(REQUESTS, &[("addon", "it")]), Some(1.0));
}

/// Every word of a text that begins as a metric's name does, without what a histogram's
/// series add.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names = words.filter(|word| word.starts_with("jackfield_") || word.starts_with("process_"));
    let family = |name: &str| {
        let ends = ["_bucket", "_sum", "_count"].into_iter();
        let mut cut = ends.filter_map(|end| name.strip_suffix(end));
        cut.next().unwrap_or(name).to_owned()
    };
    names.map(family).collect()
}

/// What a host exports of which everything is told.
async fn whole_page() -> String {
    let recorder = "serves = [\"recordings\"]";
    let shadow = "[addons.it.shadow]\ncomponent = \"plugins/it.wasm\"\n";
    let host = TestHost::builder()
        .add_on("it", &add_on_sid('a'), &guest("echo"), shadow)
        .add_on(
            "recorder",
            &add_on_sid('b'),
            &guest("echo-recording"),
            recorder,
        )
        .toml(LISTENS)
        .start();
    host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    host.twilio().get("/lookups").send().await;
    let unsigned = host.twilio().lookup(&add_on_sid('a'), NUMBER).unsigned();
    unsigned.send().await;
    let operator = operator(&host);
    let opened = async || {
        let text = page(&operator, "/metrics").await.text().to_owned();
        text.contains("jackfield_jobs_store_up 1.0")
    };
    host.until("the store of jobs is open", opened).await;
    page(&operator, "/metrics").await.text().to_owned()
}

fn families(text: &str) -> BTreeSet<String> {
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let families = families.map(|line| line.split(' ').next().unwrap().to_owned());
    families.collect()
}

#[tokio::test]
async fn what_dashboard_alerts_and_documentation_name_is_exported_and_all_of_it_is_documented() {
    let exported = families(&whole_page().await);
    // Nothing is told of these before there is a job, and without TLS.
    let later = [
        "jackfield_jobs_oldest_accepted_timestamp_seconds",
        "jackfield_certificate_expiry_timestamp_seconds",
    ];
    let read = |file: &str| std::fs::read_to_string(format!("{REPOSITORY}/{file}")).unwrap();
    for file in [
        "docs/monitoring/dashboard.json",
        "docs/monitoring/alerts.yaml",
    ] {
        let named = named(&read(file));
        assert!(named.len() > 5, "{file}: {named:?}");
        for name in named.iter().filter(|name| !later.contains(&name.as_str())) {
            assert!(exported.contains(name), "{file} names {name}");
        }
    }
    let documented = named(&read("docs/operations.md"));
    for name in &exported {
        assert!(documented.contains(name), "{name} is not documented");
    }
    for name in documented
        .iter()
        .filter(|name| !later.contains(&name.as_str()))
    {
        assert!(exported.contains(name), "{name} is documented alone");
    }
}

#[tokio::test]
async fn prometheus_finds_nothing_amiss_in_metrics_and_rules() {
    let rules = format!("{REPOSITORY}/docs/monitoring/alerts.yaml");
    let page = whole_page().await;
    for (what, input) in [
        (vec!["check", "metrics"], page.as_str()),
        (vec!["check", "rules", &rules], ""),
    ] {
        let mut command = Command::new(promtool());
        command.args(&what);
        let output = fed(command, input.as_bytes());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what:?}: {said}");
    }
}
