//! The story of a recording: it is kept, and then Twilio is told that it will be analysed.

use http::Request;
use hyper::body::Body;

use super::call::{self, Call};
use super::{Manner, Story, verify};
use crate::add_on::AddOn;
use crate::config::ServerConfig;
use crate::egress::EgressPolicy;
use crate::failure::Failure;
use crate::host::Host;
use crate::jobs::{Acceptance, Jobs};
use crate::protocol::fingerprint::Fingerprint;
use crate::protocol::headers::Claims;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::recording::{Recording, RecordingFields, Source};
use crate::protocol::signature::{self, SignatureError};
use crate::protocol::wav;
use crate::registry::Registry;
use crate::told::Told;
use crate::traces::Step;
use crate::upload::{self, Bounds, Spooled};

/// Accepts a recording, and says so once it cannot be lost any more.
pub(super) async fn accept<B>(
    host: &Host,
    registry: &Registry,
    request: Request<B>,
    story: &mut Story,
) -> Result<Told, Failure>
where
    B: Body<Data = bytes::Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let jobs = host.jobs().ok_or(Failure::JobsAway)?;
    let claims = Claims::read(request.headers());
    story.subject.request = claims.request;
    let server = registry.server();
    if server.verify && !signature::is_signed(request.headers()) {
        // Audio is long: what cannot be believed anyway need not arrive.
        return Err(SignatureError::Missing.into());
    }
    let fields = fields(registry, &claims);
    let reading = story.trace.step(Step::Read);
    let upload = upload::read(request, &jobs, &fields, bounds(server, &jobs)).await?;
    drop(reading);
    let verifying = story.trace.step(Step::Verify);
    let verified = verify::verify(registry, upload.received, &claims)?;
    drop(verifying);
    story.verified = true;
    let call = Call {
        registry,
        point: IntegrationPoint::Recordings,
        claims,
        verified,
        clocks: &host.clocks,
    };
    let add_on = call.add_on()?;
    story.add_on = Some(std::sync::Arc::clone(add_on));
    let mut recording = call.recording(add_on.config())?;
    admit(&server.egress.policy, &recording)?;
    let install = recording.facts.sids.add_on_install;
    call::count(host, &server.clients, add_on.config(), install)?;
    measure(&mut recording, upload.audio.as_ref());
    let fingerprint = fingerprint(&recording, add_on, server);
    let keeping = story.trace.step(Step::Keep);
    let accepted = jobs.accept(recording, fingerprint, upload.audio).await?;
    drop(keeping);
    match accepted {
        Acceptance::New(job) => story.trace.belongs_to(job.number()),
        Acceptance::Known => story.manner = Some(Manner::Replayed),
    }
    Ok(Told::accepted())
}

/// How the add-on that is named reads its requests. Nothing is believed yet, and nothing
/// but the audio's place in the body is looked up by it.
fn fields(registry: &Registry, claims: &Claims) -> RecordingFields {
    let add_on = claims.add_on.sid().and_then(|sid| registry.get(sid));
    let recordings = add_on.and_then(|add_on| add_on.config.recordings.as_ref());
    recordings.map_or_else(RecordingFields::default, |it| it.terms.fields.clone())
}

fn bounds(server: &ServerConfig, jobs: &Jobs) -> Bounds {
    let (audio, whole) = jobs.longest_audio();
    Bounds {
        texts: server.body_limit,
        audio,
        idle: server.body_timeout,
        whole,
    }
}

/// Refuses what would not be done in the end, while there is somebody to tell.
fn admit(policy: &EgressPolicy, recording: &Recording) -> Result<(), Failure> {
    if let Some(callback) = &recording.callback {
        policy
            .admit(&callback.url)
            .map_err(Failure::CallbackRefused)?;
    }
    if let Source::At(url) = &recording.source {
        policy.admit(url).map_err(Failure::AudioRefused)?;
    }
    Ok(())
}

/// Takes a recording's duration from its audio, where no field tells it.
fn measure(recording: &mut Recording, audio: Option<&Spooled>) {
    let told = recording.facts.duration;
    let heard = || audio.and_then(|audio| wav::duration(&audio.head, audio.draft.length()));
    recording.facts.duration = told.or_else(heard);
}

fn fingerprint(recording: &Recording, add_on: &AddOn, server: &ServerConfig) -> Fingerprint {
    let config = add_on.config();
    let extra = config.recordings.as_ref();
    let extra = extra.map_or(&[][..], |it| it.terms.fields.extra.as_slice());
    Fingerprint::of_recording(recording, extra, &server.freshness)
}
