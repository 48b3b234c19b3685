//! One recording to analyse, typed: what is left of an asynchronous request once it is
//! believed and read.

use std::time::Duration;

use super::fields::{Ambiguous, FieldGrants, FieldSource, Sources};
use super::headers::Claims;
use super::invocation::{Sids, Terms};
use super::multipart::Audio;
use super::parameters::Parameter;
use super::point::IntegrationPoint;
use super::signature::{MultipartProof, Verified};

/// The longest address of an audio or a callback, in bytes.
const LONGEST_URL: usize = 8 * 1024;

/// How an add-on for recordings reads its requests. The publisher chose the names when it
/// registered with Twilio; the defaults are those of the reference, of its samples, and of
/// a vendor's published interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingTerms {
    /// What proves a multipart request.
    pub signature: Vec<MultipartProof>,
    /// Which parameter carries what.
    pub fields: RecordingFields,
    /// What a bare number in the duration counts.
    pub duration_unit: Duration,
}

/// The fields of a recording's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFields {
    /// The part that holds the audio.
    pub audio: Vec<FieldSource>,
    /// The temporary URL of the audio.
    pub url: Vec<FieldSource>,
    /// Its size in bytes.
    pub size: Vec<FieldSource>,
    /// Its duration.
    pub duration: Vec<FieldSource>,
    /// Its format or media type.
    pub format: Vec<FieldSource>,
    /// How many channels it has.
    pub channels: Vec<FieldSource>,
    /// Samples in a second.
    pub sample_rate: Vec<FieldSource>,
    /// Where the result is wanted.
    pub callback: Vec<FieldSource>,
    /// Further fields, by the name under which the provider gets them.
    pub extra: Vec<(String, Vec<FieldSource>)>,
}

impl Default for RecordingFields {
    fn default() -> Self {
        Self {
            audio: parameters(&["AudioData", "audio-data", "audio_data"]),
            url: parameters(&["URL", "url"]),
            size: parameters(&["Size", "size"]),
            duration: parameters(&["Duration", "duration"]),
            format: parameters(&["Format", "format"]),
            channels: parameters(&["Channels", "channels"]),
            sample_rate: parameters(&["SampleRate", "sample_rate"]),
            callback: parameters(&["callback", "callback_url"]),
            extra: Vec::new(),
        }
    }
}

fn parameters(names: &[&str]) -> Vec<FieldSource> {
    let source = |name: &&str| FieldSource::Parameter((*name).to_owned());
    names.iter().map(source).collect()
}

impl RecordingFields {
    /// All fields that have a place of their own.
    fn named(&self) -> impl Iterator<Item = &FieldSource> {
        [
            &self.audio,
            &self.url,
            &self.size,
            &self.duration,
            &self.format,
            &self.channels,
            &self.sample_rate,
            &self.callback,
        ]
        .into_iter()
        .chain(self.extra.iter().map(|(_, sources)| sources))
        .flatten()
    }

    /// Whether a part of this name holds the audio.
    #[must_use]
    pub fn is_audio(&self, part: &str) -> bool {
        reads(self.audio.iter(), part)
    }

    /// The headers that fields are read from: none of them is signed.
    pub fn headers(&self) -> impl Iterator<Item = &http::HeaderName> {
        self.named().filter_map(|source| match source {
            FieldSource::Header(name) => Some(name),
            FieldSource::Parameter(_) => None,
        })
    }
}

fn reads<'a>(mut sources: impl Iterator<Item = &'a FieldSource>, parameter: &str) -> bool {
    sources.any(|source| matches!(source, FieldSource::Parameter(name) if name == parameter))
}

/// What a provider is told of a recording. The audio comes apart from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// How the add-on was used.
    pub point: IntegrationPoint,
    /// Its format or media type, as it was sent.
    pub media_type: Option<String>,
    /// Its duration.
    pub duration: Option<Duration>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// How many channels it has.
    pub channels: Option<u32>,
    /// Samples in a second.
    pub sample_rate: Option<u32>,
    /// Whom it concerns.
    pub sids: Sids,
    /// What else was sent and granted.
    pub fields: Vec<Parameter>,
}

/// Where the audio is.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// It came with the request.
    Sent(Audio),
    /// At this address, for a while.
    At(String),
}

/// Where the result is wanted.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// The address, as it was sent.
    pub url: String,
    /// Whether the signature covers it: an account's token goes nowhere else.
    pub signed: bool,
}

/// One recording to analyse.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// What the provider is told.
    pub facts: Facts,
    /// Where the audio is.
    pub source: Source,
    /// Where the result is wanted; nowhere, if the field was empty.
    pub callback: Option<Callback>,
}

/// Why a believed request is no recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// There is neither audio nor an address of it.
    #[error("the request has neither audio nor an address of it")]
    AudioMissing,
    /// No field says where the result is wanted.
    #[error("the request has no field that says where the result is wanted")]
    CallbackMissing,
    /// An address is too long.
    #[error("the request has an address of more than {LONGEST_URL} bytes")]
    UrlTooLong,
    /// A field was sent twice with different values.
    #[error(transparent)]
    Ambiguous(#[from] Ambiguous),
}

impl Recording {
    /// Reads a believed request on the terms of its add-on. `sources` has what of
    /// `verified` did not only concern the host.
    ///
    /// # Errors
    /// Where audio or callback are missing, or a field cannot be told.
    pub fn parse(
        verified: &Verified,
        sources: Sources<'_>,
        claims: &Claims,
        (terms, recordings): (&Terms, &RecordingTerms),
    ) -> Result<Self, RecordingError> {
        let fields = &recordings.fields;
        let audio = verified.received().parts.as_ref();
        let audio = audio.and_then(|parts| parts.audio.clone());
        let size = number(sources.first(&fields.size)?);
        let format = sources.first(&fields.format)?.map(str::to_owned);
        let of_part = |audio: &Audio| audio.media_type.clone();
        let facts = Facts {
            point: IntegrationPoint::Recordings,
            media_type: format.or_else(|| audio.as_ref().and_then(of_part)),
            duration: duration(sources.first(&fields.duration)?, recordings.duration_unit),
            size: audio.as_ref().map_or(size, |audio| Some(audio.length)),
            channels: number(sources.first(&fields.channels)?),
            sample_rate: number(sources.first(&fields.sample_rate)?),
            sids: terms.sids().claimed(claims),
            fields: further_fields(sources, fields, &terms.grants)?,
        };
        Ok(Self {
            facts,
            source: source(audio, sources.first(&fields.url)?)?,
            callback: callback(verified, sources, &fields.callback)?,
        })
    }
}

/// What was sent counts before what is to be fetched: it is there already.
fn source(audio: Option<Audio>, url: Option<&str>) -> Result<Source, RecordingError> {
    match (audio, url.map(str::trim)) {
        (Some(audio), _) => Ok(Source::Sent(audio)),
        (None, Some(url)) if !url.is_empty() => address(url).map(Source::At),
        (None, _) => Err(RecordingError::AudioMissing),
    }
}

fn callback(
    verified: &Verified,
    sources: Sources<'_>,
    from: &[FieldSource],
) -> Result<Option<Callback>, RecordingError> {
    for source in from {
        let Some(url) = sources.first(std::slice::from_ref(source))? else {
            continue;
        };
        let url = url.trim();
        return match url.is_empty() {
            true => Ok(None),
            false => Ok(Some(Callback {
                url: address(url)?,
                signed: match source {
                    FieldSource::Parameter(name) => verified.covers(name),
                    FieldSource::Header(_) => false,
                },
            })),
        };
    }
    Err(RecordingError::CallbackMissing)
}

fn address(url: &str) -> Result<String, RecordingError> {
    match url.len() <= LONGEST_URL {
        true => Ok(url.to_owned()),
        false => Err(RecordingError::UrlTooLong),
    }
}

/// A number, where the text is one. What Twilio calls these fields was seen in three
/// namings with two units, so one that makes no sense is not there.
fn number<T: std::str::FromStr>(text: Option<&str>) -> Option<T> {
    text?.trim().parse().ok()
}

fn duration(text: Option<&str>, unit: Duration) -> Option<Duration> {
    let count: f64 = number(text)?;
    let duration = Duration::try_from_secs_f64(count * unit.as_secs_f64()).ok();
    duration.filter(|duration| !duration.is_zero())
}

/// The named extra fields, then all parameters that are no field, as far as granted.
fn further_fields(
    sources: Sources<'_>,
    fields: &RecordingFields,
    grants: &FieldGrants,
) -> Result<Vec<Parameter>, Ambiguous> {
    let mut further = Vec::new();
    for (name, from) in &fields.extra {
        if grants.further(name) {
            let value = sources.first(from)?;
            further.extend(value.map(|value| (name.clone(), value.to_owned())));
        }
    }
    let rest = sources.parameters.iter();
    let rest = rest.filter(|(name, _)| !reads(fields.named(), name) && grants.further(name));
    further.extend(rest.cloned());
    Ok(further)
}

#[cfg(test)]
mod tests;
