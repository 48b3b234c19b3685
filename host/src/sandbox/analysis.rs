//! The call of a provider for recordings.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::Store;
use wasmtime::component::Resource;

use super::contract::analysis::AnalysisProviderPre;
use super::convert;
use super::entry::Entry;
use super::guest::Guest;
use super::mask::Private;
use super::media::{Audio, Media, Report};
use super::outcome::{CallError, Called};
use super::provider::{Armed, Provider};
use super::run::Run;
use crate::config::AddOnConfig;
use crate::protocol::invocation::Sids;
use crate::protocol::parameters::Parameter;

/// Facts about a report, for the host alone, by their names.
pub type Meta = Vec<(String, String)>;

/// What is known of a recording before anybody listens to it. What Twilio says of the audio
/// is a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFacts {
    /// The audio's media type.
    pub media_type: Option<String>,
    /// How long it lasts, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The audio's bytes.
    pub size: Option<u64>,
    /// The channels.
    pub channels: Option<u32>,
    /// Samples in a second of one channel.
    pub sample_rate: Option<u32>,
    /// Whom it concerns.
    pub sids: Sids,
    /// How often it has been given to the provider, this time included.
    pub attempt: u32,
    /// What else was sent and granted.
    pub fields: Vec<Parameter>,
}

impl Provider {
    /// Has the provider analyse a recording, in a fresh instance that is gone afterwards.
    /// It reads `audio` as far as it likes. `report` gets one JSON object, of at most the
    /// add-on's `reply` bytes, and is shut down behind it; where this ends in an error,
    /// what was written is to be thrown away. It does where there is no whole object before
    /// `deadline`, within the add-on's limits.
    pub async fn analyze(
        &self,
        recording: RecordingFacts,
        audio: Audio,
        report: Report,
        add_on: &AddOnConfig,
        deadline: Instant,
    ) -> Called<Meta> {
        let Entry::Analysis(linked) = &self.entry else {
            // A component is loaded for what its add-on serves.
            return Called::without_a_guest(Err(CallError::Host));
        };
        let Armed { mut store, run } = self.arm(&add_on.limits, deadline);
        let (limit, depth) = (add_on.limits.reply, self.reply_depth());
        store.data_mut().media = Some(Media::new(audio, report, limit, depth));
        let left = deadline.saturating_duration_since(Instant::now());
        let recording = Arc::new(recording);
        let said = (Arc::clone(&recording), left, limit);
        let call = run.metered(call(linked.clone(), store, said, run.clone()));
        let ended = self.drive(call, &run, deadline).await;
        self.log(&run, add_on, recording.sids.request, || {
            let said = recording.fields.iter().map(|(_, value)| value.as_str());
            Private::of(add_on.settings.as_ref(), said)
        });
        Called {
            result: ended.and_then(|meta| meta),
            usage: run.usage(),
        }
    }
}

/// One call, from the guest's first instruction to the last byte of its report. It has so
/// much time left, and its report may have so many bytes.
async fn call(
    linked: AnalysisProviderPre<Guest>,
    mut store: Store<Guest>,
    (facts, left, limit): (Arc<RecordingFacts>, Duration, usize),
    run: Run,
) -> Result<Meta, CallError> {
    let called = async {
        let instance = linked.instantiate_async(&mut store).await?;
        let analysis = instance.jackfield_addon_analysis();
        let (audio, report) = (Resource::new_borrow(0), Resource::new_borrow(0));
        let fields = convert::fields(&facts.fields);
        let recording = convert::recording(&facts, &fields, left, limit);
        let called = analysis.call_analyze(&mut store, recording, audio, report);
        called.await
    };
    match called.await {
        Ok(Ok(meta)) => finish(store).await.map(|()| meta),
        Ok(Err(refusal)) => Err(CallError::Refused(convert::refusal(refusal))),
        Err(error) => Err(run.ended(error, store.data())),
    }
}

async fn finish(mut store: Store<Guest>) -> Result<(), CallError> {
    match store.data_mut().media.take() {
        Some(media) => media.finish().await,
        None => Err(CallError::Host),
    }
}
