//! What is traced, under which names, and how it is told: a trace is a span for the whole
//! and one for each step.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{
    SpanContext, SpanKind, Status, TraceContextExt, TraceFlags, TraceState,
};
use opentelemetry::{Context, InstrumentationScope, KeyValue, SpanId, TraceId};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample, SpanData, SpanEvents,
    SpanLinks,
};

use super::Counts;
use super::course::Ended;
use super::export::Exporter;
use crate::config::TracesConfig;

/// What traces as a configuration says, until there is another.
pub(super) struct Tracer {
    config: TracesConfig,
    sampler: Sampler,
    ids: RandomIdGenerator,
    scope: InstrumentationScope,
    exporter: Exporter,
}

/// The trace that a request is a part of, by its head
/// (<https://www.w3.org/TR/trace-context/>).
pub(super) fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    let parent = context.span().span_context().clone();
    parent.is_valid().then_some(parent)
}

impl Tracer {
    pub(super) fn start(config: TracesConfig, counts: Arc<Counts>) -> Self {
        let share = Sampler::TraceIdRatioBased(config.share);
        Self {
            sampler: Sampler::ParentBased(Box::new(share)),
            ids: RandomIdGenerator::default(),
            scope: InstrumentationScope::builder("jackfield")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
            exporter: Exporter::start(&config, counts),
            config,
        }
    }

    pub(super) fn config(&self) -> &TracesConfig {
        &self.config
    }

    pub(super) fn new_trace(&self) -> TraceId {
        self.ids.new_trace_id()
    }

    pub(super) fn new_span(&self) -> SpanId {
        self.ids.new_span_id()
    }

    /// Tells of a course that is over, if it is one of those that are told of.
    pub(super) fn tell(&self, ended: Ended<'_>) {
        if ended.matters || self.samples(&ended) {
            self.exporter.take(self.spans(ended));
        }
    }

    /// What may still be told is told.
    pub(super) async fn finish(&self) {
        self.exporter.finish().await;
    }

    fn samples(&self, ended: &Ended<'_>) -> bool {
        let parent = ended.course.parent.clone();
        let parent = parent.map(|parent| Context::new().with_remote_span_context(parent));
        let (name, kind) = (&ended.name, &ended.course.kind);
        let sampler = &self.sampler;
        let result = sampler.should_sample(parent.as_ref(), ended.trace, name, kind, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    fn spans(&self, mut ended: Ended<'_>) -> Vec<SpanData> {
        let course = ended.course;
        let parent = course.parent.as_ref();
        let steps = std::mem::take(&mut ended.steps);
        let mut spans = Vec::with_capacity(1 + steps.len());
        let mut whole = SpanData {
            span_context: context(ended.trace, course.span),
            parent_span_id: parent.map_or(SpanId::INVALID, SpanContext::span_id),
            parent_span_is_remote: parent.is_some(),
            span_kind: course.kind.clone(),
            attributes: std::mem::take(&mut ended.attributes),
            ..self.span(Cow::Borrowed(""), ended.whole())
        };
        for taken in &steps {
            spans.push(SpanData {
                span_context: context(ended.trace, self.new_span()),
                parent_span_id: course.span,
                ..self.span(Cow::Borrowed(taken.step.name()), ended.time(taken))
            });
        }
        whole.name = ended.name;
        if let Some(failure) = ended.failure {
            whole.status = Status::error(failure.clone());
            whole.attributes.push(KeyValue::new("error.type", failure));
        }
        spans.push(whole);
        spans
    }

    fn span(&self, name: Cow<'static, str>, (from, to): (SystemTime, SystemTime)) -> SpanData {
        SpanData {
            span_context: SpanContext::NONE,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name,
            start_time: from,
            end_time: to,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        }
    }
}

fn context(trace: TraceId, span: SpanId) -> SpanContext {
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::NONE)
}
