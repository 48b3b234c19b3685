//! The operators' listener: who is answered, and what.

mod logs;
mod metrics;
mod pages;
mod secure;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use http::Method;
use jackfield_tests::{Answer, Signed, TestHost, TestHostBuilder, Twilio, add_on_sid, python};
use serde_json::Value;

const LISTENS: &str = "[operators]\nlisten = \"127.0.0.1:0\"\n";

/// A host that operators can ask, whose add-on `it` is this guest.
fn builder(guest: &str, toml: &str) -> TestHostBuilder {
    let guest = jackfield_tests::guest(guest);
    let builder = TestHost::builder().add_on("it", &add_on_sid('a'), &guest, toml);
    builder.toml(LISTENS)
}

/// A client that connects to the operators' listener, whose address the log tells.
fn operator(host: &TestHost) -> Twilio {
    host.twilio().to(&listens_at(host, "127.0.0.1"))
}

/// Where operators reach a host that listens for them at an address.
fn listens_at(host: &TestHost, address: &str) -> String {
    let log = host.log();
    let line = log
        .lines()
        .find(|line| line.contains("operators are answered"));
    let port = line.and_then(|line| line.split(&format!("{address}:")).nth(1));
    let port = port.unwrap().chars().take_while(char::is_ascii_digit);
    format!("127.0.0.1:{}", port.collect::<String>())
}

/// A request as a program on this machine makes it.
fn ask(operator: &Twilio, path: &str) -> Signed {
    let request = operator.request(Method::GET, path).unsigned();
    request
        .without("x-twilio-vendoraccountsid")
        .header("host", "localhost")
}

/// What a host's operators read at a path.
pub(crate) async fn page_of(host: &TestHost, path: &str) -> String {
    page(&operator(host), path).await.text().to_owned()
}

/// What a host tells its operators of a series, which is named as `/metrics` names it.
pub(crate) async fn count_of(host: &TestHost, series: &str) -> u64 {
    let page = page_of(host, "/metrics").await;
    let value = |line: &str| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok();
    let value: Option<f64> = page.lines().find_map(value);
    value.unwrap_or_else(|| panic!("{series}: {page}")) as u64
}

async fn page(operator: &Twilio, path: &str) -> Answer {
    ask(operator, path).send().await
}

/// Runs a program to its end that reads this.
pub(crate) fn fed(mut command: Command, input: &[u8]) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever reads nothing, as some checks do, may be gone already.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// What `/metrics` says, as Prometheus' own client reads it.
struct Metrics(Value);

impl Metrics {
    async fn of(operator: &Twilio) -> Self {
        let answer = page(operator, "/metrics").await;
        assert_eq!(answer.status, 200);
        Self::read(answer.text())
    }

    fn read(text: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/official/metrics.py");
        let mut command = Command::new(python());
        command.arg(script);
        let output = fed(command, text.as_bytes());
        assert!(output.status.success(), "{text}");
        Self(serde_json::from_slice(&output.stdout).unwrap())
    }

    fn families(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.as_object().unwrap().iter()
    }

    fn samples(&self) -> impl Iterator<Item = &Value> {
        let families = self.families();
        families.flat_map(|(_, family)| family["samples"].as_array().unwrap())
    }

    /// The sum of the samples of a name that have all of these labels; nothing where there
    /// is none.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Value| {
            let mut labels = labels.iter();
            sample["name"] == name && labels.all(|(label, value)| sample["labels"][label] == *value)
        };
        let values = self.samples().filter(fits);
        let values = values.map(|it| it["value"].as_str().unwrap().parse::<f64>().unwrap());
        values.reduce(|sum, value| sum + value)
    }
}
