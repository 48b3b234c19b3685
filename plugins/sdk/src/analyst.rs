//! The trait that a provider for recordings implements, and the macro that makes it a
//! component.

use crate::{AudioReader, Recording, Refusal, ReportWriter, Reported};

/// A provider for recordings.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::io::{copy, sink};
///
/// use jackfield_sdk::{
///     Analyst, AudioReader, Recording, Refusal, ReportWriter, Reported, analyze,
/// };
///
/// struct Length;
///
/// impl Analyst for Length {
///     fn analyze(
///         _recording: &Recording,
///         audio: &mut AudioReader<'_>,
///         report: &mut ReportWriter<'_>,
///     ) -> Result<Reported, Refusal> {
///         let bytes = copy(audio, &mut sink()).unwrap_or(0);
///         Ok(report.json(BTreeMap::from([("bytes", bytes)]))?)
///     }
/// }
///
/// jackfield_sdk::analyst!(Length);
///
/// let analyzed = analyze::<Length>(&Recording::wav(1_000), b"RIFF").unwrap();
/// assert_eq!(analyzed.json, r#"{"bytes":4}"#);
/// ```
pub trait Analyst {
    /// Analyses one recording within [`Recording::deadline_ms`] milliseconds: reads the
    /// audio as far as it likes, and writes one JSON object of at most
    /// [`Recording::report_limit`] bytes.
    ///
    /// Neither has to fit into memory. [`ReportWriter::json`] writes a value; whatever
    /// writes to [`std::io::Write`] will do.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] is an ordinary result to Twilio: there is none, or none now, or never
    /// one for such a recording. It takes back what was written.
    fn analyze(
        recording: &Recording,
        audio: &mut AudioReader<'_>,
        report: &mut ReportWriter<'_>,
    ) -> Result<Reported, Refusal>;
}

/// What an analysis brought: for unit tests.
#[cfg(not(target_family = "wasm"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyzed {
    /// The report.
    pub json: String,
    /// The facts about it for the host.
    pub reported: Reported,
}

/// Calls an analyst as the host does, with audio that is at hand: for unit tests.
///
/// # Errors
///
/// The analyst's refusal.
///
/// # Panics
///
/// Where the report is no UTF-8, which the host would refuse.
#[cfg(not(target_family = "wasm"))]
pub fn analyze<A: Analyst>(recording: &Recording, audio: &[u8]) -> Result<Analyzed, Refusal> {
    let mut json = Vec::new();
    let mut report = ReportWriter::new(|piece| json.extend_from_slice(piece));
    let reported = A::analyze(recording, &mut AudioReader::of(audio), &mut report)?;
    report.finish();
    drop(report);
    let json = String::from_utf8(json).expect("a report is UTF-8");
    Ok(Analyzed { json, reported })
}

/// Exports a type that implements [`Analyst`](crate::Analyst) as the component's provider
/// for recordings, once in a crate.
///
/// It exports nothing natively, so that unit tests call the type itself. Unlike
/// [`provider!`](crate::provider) it leaves the allocator as it is: an analysis lasts, and
/// allocates again and again.
#[macro_export]
macro_rules! analyst {
    ($analyst:ty) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, unused_qualifications, clippy::undocumented_unsafe_blocks)]
        const _: () = {
            use $crate::contract::analysis::exports::jackfield::addon::analysis;
            use $crate::contract::analysis::jackfield::addon::recording_media;

            struct Analyst;

            impl analysis::Guest for Analyst {
                fn analyze(
                    recording: $crate::Recording,
                    audio: &recording_media::Audio,
                    report: &recording_media::Report,
                ) -> Result<
                    ::std::vec::Vec<(::std::string::String, ::std::string::String)>,
                    $crate::Refusal,
                > {
                    let mut audio = $crate::AudioReader::lent(audio);
                    let mut report = $crate::ReportWriter::lent(report);
                    let reported = <$analyst as $crate::Analyst>::analyze(
                        &recording,
                        &mut audio,
                        &mut report,
                    )?;
                    report.finish();
                    Ok(reported.into_facts())
                }
            }

    $crate::contract::analysis::export!(Analyst with_types_in $crate::contract::analysis);
        };
    };
}
