//! The course of one request: what it does is noted as it goes, and told when it is over.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use opentelemetry::trace::{SpanContext, SpanKind};
use opentelemetry::{KeyValue, SpanId, TraceId, Value};

use super::tracer::Tracer;

/// The trace of one request. Where nothing is traced it does nothing, and asks no clock.
#[derive(Default)]
pub struct Trace(Option<Box<Course>>);

/// What is known when a trace begins.
pub(super) struct Opening {
    pub(super) name: &'static str,
    pub(super) kind: SpanKind,
    /// Whose part it is.
    pub(super) parent: Option<SpanContext>,
    /// What its trace is called, where that is known.
    pub(super) trace: Option<TraceId>,
}

/// What is done for a request, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its body is read.
    Read,
    /// Its signature is checked.
    Verify,
    /// It waits until its add-on has room for one more call.
    Turn,
    /// Its provider is called.
    Call,
    /// A recording is fetched.
    Fetch,
    /// It is written down for good.
    Keep,
}

/// A step that is being taken. It is over when this is dropped.
pub struct Taking<'t>(Option<(&'t Course, Step, Instant)>);

/// How a request ended.
pub struct Ending {
    /// Where it was asked, as far as that is known.
    pub route: Option<&'static str>,
    /// What is told of it besides.
    pub attributes: Vec<KeyValue>,
    /// The name of its failure, if it failed.
    pub failure: Option<String>,
    /// Whether it is told of in any case.
    pub matters: bool,
}

/// A request that is on its way.
pub(super) struct Course {
    tracer: Arc<Tracer>,
    pub(super) name: &'static str,
    pub(super) kind: SpanKind,
    pub(super) parent: Option<SpanContext>,
    pub(super) span: SpanId,
    began: Instant,
    started: SystemTime,
    progress: Mutex<Progress>,
}

struct Progress {
    trace: TraceId,
    steps: Vec<Taken>,
    notes: Vec<KeyValue>,
}

/// A step that was taken.
pub(super) struct Taken {
    pub(super) step: Step,
    from: Instant,
    to: Instant,
}

/// A course that is over.
pub(super) struct Ended<'c> {
    pub(super) course: &'c Course,
    pub(super) trace: TraceId,
    pub(super) steps: Vec<Taken>,
    pub(super) name: Cow<'static, str>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) failure: Option<String>,
    pub(super) matters: bool,
}

impl Step {
    /// What it is called in a trace.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Verify => "verify",
            Self::Turn => "wait for a turn",
            Self::Call => "call the provider",
            Self::Fetch => "fetch the audio",
            Self::Keep => "keep",
        }
    }
}

impl Trace {
    pub(super) fn begin(tracer: Arc<Tracer>, opening: Opening) -> Self {
        let parent = opening.parent.as_ref().map(SpanContext::trace_id);
        let trace = parent.or(opening.trace);
        let trace = trace.unwrap_or_else(|| tracer.new_trace());
        Self(Some(Box::new(Course {
            span: tracer.new_span(),
            tracer,
            name: opening.name,
            kind: opening.kind,
            parent: opening.parent,
            began: Instant::now(),
            started: SystemTime::now(),
            progress: Mutex::new(Progress {
                trace,
                steps: Vec::new(),
                notes: Vec::new(),
            }),
        })))
    }

    /// Begins a step.
    #[must_use]
    pub fn step(&self, step: Step) -> Taking<'_> {
        let course = self.0.as_deref();
        Taking(course.map(|course| (course, step, Instant::now())))
    }

    /// Notes something that is told with the whole.
    pub fn note<V: Into<Value>>(&self, key: &'static str, value: impl FnOnce() -> V) {
        if let Some(course) = &self.0 {
            let note = KeyValue::new(key, value());
            course.progress().notes.push(note);
        }
    }

    /// Makes it a part of a job's trace, unless it is a part of its caller's.
    pub fn belongs_to(&self, job: u128) {
        if let Some(course) = self.0.as_ref().filter(|course| course.parent.is_none()) {
            course.progress().trace = TraceId::from(job);
        }
    }

    /// What its trace is called, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<TraceId> {
        let course = self.0.as_ref()?;
        Some(course.progress().trace)
    }

    /// Tells of it, if it is to be told of. Nothing of it is told twice.
    pub fn end(&self, ending: impl FnOnce() -> Ending) {
        let Some(course) = &self.0 else { return };
        let ending = ending();
        let (trace, steps, mut attributes) = course.take();
        attributes.extend(ending.attributes);
        let name = match ending.route {
            Some(route) => {
                attributes.push(KeyValue::new("http.route", route));
                Cow::Owned(format!("{} {route}", course.name))
            }
            None => Cow::Borrowed(course.name),
        };
        course.tracer.tell(Ended {
            course,
            trace,
            steps,
            name,
            attributes,
            failure: ending.failure,
            matters: ending.matters,
        });
    }
}

impl Course {
    /// The time of day of a moment on its way.
    fn time(&self, moment: Instant) -> SystemTime {
        self.started + moment.saturating_duration_since(self.began)
    }

    fn take(&self) -> (TraceId, Vec<Taken>, Vec<KeyValue>) {
        let mut progress = self.progress();
        let steps = std::mem::take(&mut progress.steps);
        (progress.trace, steps, std::mem::take(&mut progress.notes))
    }

    /// Nothing panics while it holds the progress.
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended<'_> {
    /// From when to when all of it took.
    pub(super) fn whole(&self) -> (SystemTime, SystemTime) {
        (self.course.started, self.course.time(Instant::now()))
    }

    /// From when to when a step of it took.
    pub(super) fn time(&self, taken: &Taken) -> (SystemTime, SystemTime) {
        (self.course.time(taken.from), self.course.time(taken.to))
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        if let Some((course, step, from)) = self.0 {
            let to = Instant::now();
            course.progress().steps.push(Taken { step, from, to });
        }
    }
}
