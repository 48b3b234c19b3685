//! On the way to the collector: traces wait here, whole, until there are enough of them or
//! the first has waited long enough.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter as Otlp, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::warn;

use super::Counts;
use super::collector::Collector;
use crate::config::TracesConfig;

/// How many traces wait at most. One takes a few kilobytes.
const QUEUE: usize = 2_048;
/// How many are sent in one go, at most, and for how long the first waits for others.
const BATCH: usize = 256;
const DELAY: Duration = Duration::from_secs(1);

/// How long a collector is tried for with what it does not take at once, and waited for at
/// the end of the host.
const PATIENCE: Duration = Duration::from_secs(10);
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// A trace, as the spans that it consists of.
type Spans = Vec<SpanData>;

/// Where traces wait, and who sends them.
type Queue = (mpsc::Sender<Spans>, JoinHandle<()>);

/// What sends traces to a collector, for as long as there is anything that could be traced.
pub(super) struct Exporter {
    /// Nothing once it has ended.
    queue: Mutex<Option<Queue>>,
    counts: Arc<Counts>,
}

impl Exporter {
    pub(super) fn start(config: &TracesConfig, counts: Arc<Counts>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let sending = tokio::spawn(send(config.clone(), waiting, Arc::clone(&counts)));
        Self {
            queue: Mutex::new(Some((queue, sending))),
            counts,
        }
    }

    /// Takes a trace, where there is room for it.
    pub(super) fn take(&self, trace: Spans) {
        let queue = self.queue();
        let taken = queue.as_ref().map(|(queue, _)| queue.try_send(trace));
        if !matches!(taken, Some(Ok(()))) {
            Counts::add(&self.counts.lost, 1);
        }
    }

    /// Takes nothing more, and waits until what it has is sent.
    pub(super) async fn finish(&self) {
        let Some((queue, sending)) = self.queue().take() else {
            return;
        };
        drop(queue);
        if timeout(LAST_PATIENCE, sending).await.is_err() {
            warn!("the collector did not take the last traces in time");
        }
    }

    /// Nothing panics while it holds the queue.
    fn queue(&self) -> MutexGuard<'_, Option<Queue>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends whatever comes, until nothing more can.
async fn send(config: TracesConfig, mut waiting: mpsc::Receiver<Spans>, counts: Arc<Counts>) {
    let exporter = exporter(&config);
    while let Some(first) = waiting.recv().await {
        let batch = gather(first, &mut waiting).await;
        let traces = batch.len();
        let sent = exporter.export(batch.into_iter().flatten().collect());
        match sent.await {
            Ok(()) => Counts::add(&counts.sent, traces),
            Err(_) => Counts::add(&counts.refused, traces),
        }
    }
}

async fn gather(first: Spans, waiting: &mut mpsc::Receiver<Spans>) -> Vec<Spans> {
    let until = Instant::now() + DELAY;
    let mut batch = vec![first];
    while batch.len() < BATCH {
        match timeout_at(until, waiting.recv()).await {
            Ok(Some(trace)) => batch.push(trace),
            Ok(None) | Err(_) => break,
        }
    }
    batch
}

/// OpenTelemetry's own exporter, over our own client.
fn exporter(config: &TracesConfig) -> Otlp {
    let built = Otlp::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&config.endpoint)
        .with_timeout(PATIENCE)
        .with_http_client(Collector::new(config))
        .build();
    let mut exporter = built.expect("the endpoint is a URL, and there is a client");
    exporter.set_resource(&resource());
    exporter
}

/// Who tells all this: this program, unless the environment says it better
/// (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).
fn resource() -> Resource {
    let named = Resource::builder().build();
    let name = named.get(&Key::from_static_str("service.name"));
    let name = name.map(|name| name.to_string());
    let named = name.filter(|name| !name.starts_with("unknown_service"));
    Resource::builder()
        .with_service_name(named.unwrap_or_else(|| "jackfield".to_owned()))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}
