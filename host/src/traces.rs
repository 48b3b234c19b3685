//! Traces: where the time of a request goes, step by step, told to a collector by
//! OpenTelemetry's protocol. Off unless an operator names one.
//!
//! A trace is put together when its request is over, so whether it is told can depend on
//! how that ended: those that failed are told whatever the share of all others. Nothing
//! waits for a collector, and what none takes is counted and forgotten.

mod collector;
mod course;
mod export;
mod tracer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use http::{HeaderMap, Method};

use crate::config::TracesConfig;

pub use course::{Ending, Step, Trace};
pub use opentelemetry::trace::SpanKind;
pub use opentelemetry::{KeyValue, TraceId};

use course::Opening;
use tracer::Tracer;

/// What traces requests, from the host's start to its end.
#[derive(Default)]
pub struct Traces {
    tracer: ArcSwapOption<Tracer>,
    counts: Arc<Counts>,
}

/// What became of traces.
#[derive(Debug, Default)]
pub struct Counts {
    sent: AtomicU64,
    refused: AtomicU64,
    lost: AtomicU64,
}

impl Traces {
    /// Traces as the configuration says from now on. What was traced before goes where it
    /// was meant to go.
    pub fn obey(&self, config: Option<&TracesConfig>) {
        let current = self.tracer.load();
        if current.as_ref().map(|tracer| tracer.config()) == config {
            return;
        }
        let tracer = config.map(|config| Tracer::start(config.clone(), Arc::clone(&self.counts)));
        self.tracer.store(tracer.map(Arc::new));
    }

    /// Begins the trace of a request. `caller` is its head where a trusted proxy has sent
    /// it, whose trace this one is a part of then.
    #[must_use]
    pub fn of_request(&self, method: &Method, caller: Option<&HeaderMap>) -> Trace {
        let known = known(method);
        let trace = self.begin(|| Opening {
            name: known.unwrap_or("HTTP"),
            kind: SpanKind::Server,
            parent: caller.and_then(tracer::parent),
            trace: None,
        });
        trace.note("http.request.method", || known.unwrap_or("_OTHER"));
        trace
    }

    /// Begins the trace of something that is done for a job: all of a job's have one name.
    #[must_use]
    pub fn of_job(&self, job: u128, name: &'static str, kind: SpanKind) -> Trace {
        self.begin(|| Opening {
            name,
            kind,
            parent: None,
            trace: Some(TraceId::from(job)),
        })
    }

    fn begin(&self, opening: impl FnOnce() -> Opening) -> Trace {
        match &*self.tracer.load() {
            Some(tracer) => Trace::begin(Arc::clone(tracer), opening()),
            None => Trace::default(),
        }
    }

    /// Tells what is still to be told, as far as the collector takes it in time.
    pub async fn finish(&self) {
        if let Some(tracer) = self.tracer.swap(None) {
            tracer.finish().await;
        }
    }

    /// What became of the traces so far, by what came of each.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 3] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        [
            ("sent", read(&self.counts.sent)),
            ("refused", read(&self.counts.refused)),
            ("lost", read(&self.counts.lost)),
        ]
    }
}

impl Counts {
    fn add(count: &AtomicU64, traces: usize) {
        count.fetch_add(traces as u64, Ordering::Relaxed);
    }
}

/// The name of a method, of those that have one in OpenTelemetry's conventions
/// (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name>).
fn known(method: &Method) -> Option<&'static str> {
    match *method {
        Method::GET => Some("GET"),
        Method::POST => Some("POST"),
        Method::OPTIONS => Some("OPTIONS"),
        Method::HEAD => Some("HEAD"),
        Method::PUT => Some("PUT"),
        Method::DELETE => Some("DELETE"),
        Method::PATCH => Some("PATCH"),
        _ => None,
    }
}
