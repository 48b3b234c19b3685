//! Traces: what a collector is told of requests, and that nobody waits for one. What comes
//! is read by OpenTelemetry's own definition of its protocol.

use std::process::Command;

use jackfield_tests::recording::Recording;
use jackfield_tests::{
    Authority, Gate, NUMBER, Receiver, Reply, Seen, Signed, TestHost, TestHostBuilder, add_on_sid,
    guest, python, request_sid,
};
use serde_json::{Value, json};

use crate::operators::{fed, page_of};

/// Where collectors take traces.
const PATH: &str = "/v1/traces";

/// A host whose add-on `it` is this guest, and who is to tell a collector what it does.
fn builder(guest_name: &str, collector: &Receiver, keys: &str) -> TestHostBuilder {
    TestHost::builder()
        .add_on("it", &add_on_sid('a'), &guest(guest_name), "")
        .toml(&table(collector, keys))
}

fn table(collector: &Receiver, keys: &str) -> String {
    format!("[traces]\nendpoint = \"{}\"\n{keys}\n", collector.origin())
}

fn lookup(host: &TestHost) -> Signed {
    host.twilio().lookup(&add_on_sid('a'), NUMBER)
}

/// What a collector was sent, as OpenTelemetry reads it.
fn read(seen: &Seen) -> Vec<Value> {
    let body = seen.body.as_ref().unwrap().kept.as_ref().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/official/traces.py");
    let mut command = Command::new(python());
    command.arg(script);
    let output = fed(command, body);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All spans that a collector was sent.
fn spans(seen: &[Seen]) -> Vec<Value> {
    let read = seen.iter().flat_map(read);
    read.flat_map(|it| it["spans"].as_array().unwrap().clone())
        .collect()
}

/// The spans of whatever is part of nothing else here.
fn wholes(spans: &[Value]) -> Vec<&Value> {
    let is_whole = |span: &&&Value| !spans.iter().any(|it| it["span"] == span["parent"]);
    spans.iter().filter(|it| is_whole(&it)).collect()
}

/// The span of the one request that a collector was told of.
fn the_one(spans: &[Value]) -> &Value {
    let [whole] = wholes(spans)[..] else {
        panic!("{spans:?}")
    };
    whole
}

/// The names of its steps, in their order.
fn steps(spans: &[Value], whole: &Value) -> Vec<String> {
    let steps = spans.iter().filter(|it| it["parent"] == whole["span"]);
    let mut steps: Vec<&Value> = steps.collect();
    steps.sort_by_key(|it| it["from"].as_u64());
    for step in &steps {
        assert_eq!(step["trace"], whole["trace"]);
        assert!(step["from"].as_u64() >= whole["from"].as_u64());
        assert!(step["from"].as_u64() <= step["to"].as_u64());
        assert!(step["to"].as_u64() <= whole["to"].as_u64());
    }
    let names = steps.iter().map(|it| it["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// Waits until a collector was told of so many requests, and returns everything.
async fn told(collector: &Receiver, count: usize) -> Vec<Value> {
    let mut seen = 0;
    loop {
        seen += 1;
        let spans = spans(&collector.answered(PATH, seen).await);
        if wholes(&spans).len() >= count {
            return spans;
        }
    }
}

/// How many traces a page of metrics says became of this.
fn count(page: &str, outcome: &str) -> u64 {
    let name = format!("jackfield_traces_total{{outcome=\"{outcome}\"}} ");
    let line = page.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_request_is_told_of_step_by_step() {
    let collector = Receiver::start();
    let host = builder("echo", &collector, "").start();
    let answer = lookup(&host).request_sid(&request_sid(1)).send().await;
    assert_eq!(answer.status, 200);
    let seen = collector.answered(PATH, 1).await.remove(0);
    assert_eq!(seen.header("content-type"), Some("application/x-protobuf"));
    let read = read(&seen);
    let resource = &read[0]["resource"];
    assert_eq!(resource["service.name"], "jackfield");
    assert_eq!(resource["service.version"], env!("CARGO_PKG_VERSION"));
    let spans = spans(&[seen]);
    let whole = the_one(&spans);
    assert_eq!(whole["name"], "GET /lookups");
    assert_eq!(whole["kind"], "SPAN_KIND_SERVER");
    assert_eq!(whole["status"], "STATUS_CODE_UNSET");
    let attributes = &whole["attributes"];
    assert_eq!(attributes["http.request.method"], "GET");
    assert_eq!(attributes["http.route"], "/lookups");
    assert_eq!(attributes["http.response.status_code"], 200);
    assert_eq!(attributes["jackfield.code"], "success");
    assert_eq!(attributes["jackfield.add_on"], "it");
    assert_eq!(attributes["jackfield.request"], request_sid(1));
    assert!(attributes["jackfield.guest.memory_bytes"].as_u64() > Some(0));
    assert!(attributes["jackfield.guest.processor_ms"].as_f64() > Some(0.0));
    let expected = ["read", "verify", "wait for a turn", "call the provider"];
    assert_eq!(steps(&spans, whole), expected);
    // Whoever reads the log finds the trace by it.
    assert!(host.log().contains(whole["trace"].as_str().unwrap()));
}

#[tokio::test]
async fn nothing_of_what_a_request_said_is_told() {
    let collector = Receiver::start();
    let host = builder("trap", &collector, "").start();
    let request = lookup(&host).request_sid(&request_sid(1));
    let signature = request.signature();
    request.send().await;
    let stranger = host.twilio().get(&format!("/lookups?PhoneNumber={NUMBER}"));
    stranger.add_on("XBsecretlysecret").unsigned().send().await;
    told(&collector, 2).await;
    let number = NUMBER.trim_start_matches('+');
    for seen in collector.seen_at(PATH) {
        let body = seen.body.unwrap().kept.unwrap();
        for text in [number, &signature, "secretly"] {
            let found = body.windows(text.len()).any(|it| it == text.as_bytes());
            assert!(!found, "{text}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_named_and_told_of_whatever_the_share() {
    let collector = Receiver::start();
    let host = builder("trap", &collector, "share = 0")
        .add_on("good", &add_on_sid('b'), &guest("echo"), "")
        .start();
    // Neither what went well nor what a stranger asked is among them.
    let good = host.twilio().lookup(&add_on_sid('b'), NUMBER).send().await;
    assert_eq!(good.status, 200);
    assert_eq!(lookup(&host).unsigned().send().await.status, 403);
    lookup(&host).send().await;
    let spans = told(&collector, 1).await;
    let whole = the_one(&spans);
    assert_eq!(whole["status"], "STATUS_CODE_ERROR");
    assert_eq!(whole["attributes"]["error.type"], "provider_failed");
    assert_eq!(whole["attributes"]["jackfield.code"], "provider_failed");
}

#[tokio::test]
async fn a_trusted_proxys_trace_goes_on_and_a_strangers_does_not() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const CALLER: &str = "00f067aa0ba902b7";
    for (trusted, is_part) in [("127.0.0.1", true), ("127.0.0.2", false)] {
        let collector = Receiver::start();
        // The caller's decision counts, and not the share.
        let share = if is_part { "share = 0" } else { "share = 1" };
        let host = builder("echo", &collector, share)
            .server(&format!(
                "trusted_proxies = [\"{trusted}\"]\nforwarded = \"forwarded\""
            ))
            .start();
        let parent = format!("00-{TRACE}-{CALLER}-01");
        lookup(&host).header("traceparent", &parent).send().await;
        let spans = told(&collector, 1).await;
        let whole = wholes(&spans)[0];
        assert_eq!(whole["trace"] == TRACE, is_part, "{whole}");
        assert_eq!(whole["parent"] == CALLER, is_part, "{whole}");
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_trace_a_request_is_followed() {
    let collector = Receiver::start();
    let host = builder("echo", &collector, "")
        .server("trusted_proxies = [\"127.0.0.1\"]\nforwarded = \"forwarded\"")
        .start();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    lookup(&host).header("traceparent", parent).send().await;
    // What cannot be read is nobody's.
    let broken = lookup(&host).header("traceparent", "00-zz-zz-01");
    broken.send().await;
    let spans = told(&collector, 1).await;
    let whole = the_one(&spans);
    assert_eq!(whole["parent"], "");
}

#[tokio::test]
async fn a_recording_has_one_trace_from_its_acceptance_to_its_callback() {
    let collector = Receiver::start();
    let receiver = Receiver::start();
    let host = TestHost::recorder("echo-recording", &add_on_sid('a'), &receiver, "")
        .toml(&table(&collector, ""))
        .start();
    let recording: Recording = host.twilio().recording(&add_on_sid('a'));
    let recording = recording.request_sid(&request_sid(1));
    let answer = recording.callback(&receiver.url("/callback")).send().await;
    assert_eq!(answer.status, 202);
    let spans = told(&collector, 3).await;
    let mut wholes = wholes(&spans);
    wholes.sort_by_key(|it| it["from"].as_u64());
    let names: Vec<_> = wholes
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let expected = ["POST /recordings", "analyze the recording", "call back"];
    assert_eq!(names, expected);
    let kinds: Vec<_> = wholes
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    let expected = ["SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER", "SPAN_KIND_CLIENT"];
    assert_eq!(kinds, expected);
    for whole in &wholes {
        assert_eq!(whole["trace"], wholes[0]["trace"]);
        assert_eq!(whole["attributes"]["jackfield.request"], request_sid(1));
    }
    assert_eq!(wholes[1]["attributes"]["jackfield.job"], wholes[0]["trace"]);
    assert_eq!(steps(&spans, wholes[0]), ["read", "verify", "keep"]);
    let expected = ["wait for a turn", "call the provider"];
    assert_eq!(steps(&spans, wholes[1]), expected);
}

#[tokio::test]
async fn nobody_waits_for_a_collector_that_is_away() {
    let collector = Receiver::start();
    let host = builder("echo", &collector, "")
        .toml("[operators]\nlisten = \"127.0.0.1:0\"\n")
        .start();
    let refusal = Reply::status(400);
    collector.on(PATH, [refusal, Reply::status(200)]);
    assert_eq!(lookup(&host).send().await.status, 200);
    let line = "the collector does not take traces reason=\"it answered 400\"";
    host.logs(line, 1).await;
    assert_eq!(lookup(&host).send().await.status, 200);
    host.logs("the collector takes traces again", 1).await;
    let counted = async || {
        let page = page_of(&host, "/metrics").await;
        ["sent", "refused", "lost"].map(|outcome| count(&page, outcome)) == [1, 1, 0]
    };
    host.until("both are counted", counted).await;
}

#[tokio::test]
async fn what_there_is_no_room_for_is_counted_and_forgotten() {
    const MANY: u64 = 2_700;
    let collector = Receiver::start();
    let gate = Gate::shut();
    collector.on(PATH, [Reply::status(200).behind(&gate)]);
    let host = builder("echo", &collector, "")
        .toml("[operators]\nlisten = \"127.0.0.1:0\"\n")
        .start();
    for number in 0..MANY {
        let request = lookup(&host).request_sid(&request_sid(number));
        assert_eq!(request.send().await.status, 200);
    }
    let lost = count(&page_of(&host, "/metrics").await, "lost");
    assert!(lost > 0);
    gate.open();
    let all = async || {
        let page = page_of(&host, "/metrics").await;
        let told = count(&page, "sent") + count(&page, "refused");
        told + count(&page, "lost") == MANY
    };
    host.until("every trace is counted once", all).await;
}

#[tokio::test]
async fn what_is_left_is_told_at_the_end_of_the_host() {
    let collector = Receiver::start();
    let host = builder("echo", &collector, "").start();
    lookup(&host).send().await;
    assert_eq!(host.stop().0, Some(0));
    let spans = spans(&collector.seen_at(PATH));
    assert_eq!(wholes(&spans).len(), 1);
}

#[tokio::test]
async fn another_collector_is_taken_up_and_none_as_well() {
    let (first, second) = (Receiver::start(), Receiver::start());
    let host = builder("echo", &first, "").start();
    lookup(&host).send().await;
    told(&first, 1).await;
    host.configure(|config| config.replace(&first.origin(), &second.origin()));
    let moved = async || {
        lookup(&host).send().await;
        !second.seen_at(PATH).is_empty()
    };
    host.until("the second is told", moved).await;
    host.configure(|config| config.split("[traces]").next().unwrap().to_owned());
    let stopped = async || {
        let request = lookup(&host).request_sid(&request_sid(7));
        request.send().await;
        let log = host.log();
        let line = log.lines().rfind(|line| line.contains(&request_sid(7)));
        line.is_some_and(|line| !line.contains("trace="))
    };
    host.until("nobody is told any more", stopped).await;
}

#[tokio::test]
async fn a_collector_is_told_over_tls_with_its_secret() {
    let authority = Authority::new();
    let collector = Receiver::with_tls(authority.server(&["127.0.0.1"]));
    let secret = "Bearer 7d1f-of-the-collector";
    let builder = builder(
        "echo",
        &collector,
        "headers.authorization = { env = \"TOLD\" }",
    );
    let ca = authority.write(builder.path());
    let host = builder
        .egress(&format!("ca = \"{}\"", ca.display()))
        .env("TOLD", secret)
        .env("OTEL_SERVICE_NAME", "front")
        .env(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        )
        .start();
    host.keep_secret(secret);
    lookup(&host).send().await;
    let seen = collector.answered(PATH, 1).await.remove(0);
    assert_eq!(seen.header("authorization"), Some(secret));
    let resource = &read(&seen)[0]["resource"];
    assert_eq!(resource["service.name"], "front");
    assert_eq!(resource["deployment.environment.name"], json!("test"));
}
