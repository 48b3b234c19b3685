//! An add-on for recordings: how its requests are read, and which keys mean nothing to it.

use std::time::Duration;

use secrecy::SecretString;

use crate::config::checked::{AddOnName, Checking, Paths, RecordingsConfig, Spot};
use crate::config::raw::{At, RawAddOn, RawFields};
use crate::config::values::Table;
use crate::protocol::fields::FieldSource;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::recording::{RecordingFields, RecordingTerms};
use crate::protocol::signature::MultipartProof;

const ONLY_RECORDINGS: &str = "remove it, or serve `recordings` and nothing else";
const NOT_RECORDINGS: &str = "remove it: Twilio is called back with the result of a recording, \
                              and does not wait for an answer";

impl Checking<'_> {
    /// How recordings are read, if the add-on is for them.
    pub(super) fn recordings(
        &mut self,
        table: Table<'_>,
        name: &AddOnName,
        raw: &RawAddOn,
        paths: Option<&Paths>,
    ) -> Option<RecordingsConfig> {
        let points = paths.map(Paths::points).unwrap_or_default();
        if !points.contains(&IntegrationPoint::Recordings) {
            self.only_for_recordings(table, raw);
            return None;
        }
        if let (Some(serves), true) = (&raw.serves, points.len() > 1) {
            let problem = "`recordings` is served together with something else";
            let help = "make it an add-on of its own: its provider is of another kind";
            self.fail(&table.at("serves", serves), problem, help);
        }
        self.not_for_recordings(table, raw);
        let fields = self.recording_fields(table, &raw.fields);
        self.warn_of(name, fields.headers());
        let terms = RecordingTerms {
            signature: self.proofs(table, name, raw),
            duration_unit: self.duration_unit(table, raw),
            fields,
        };
        let credentials = self.callback(table, raw);
        Some(RecordingsConfig { terms, credentials })
    }

    fn recording_fields(&mut self, table: Table<'_>, raw: &RawFields) -> RecordingFields {
        let defaults = RecordingFields::default();
        let mut field = |key: &str, raw: &Option<_>, default| match raw {
            Some(raw) => self.sources(table, &format!("fields.{key}"), raw),
            None => default,
        };
        let fields = RecordingFields {
            audio: field("audio", &raw.audio, defaults.audio),
            url: field("url", &raw.url, defaults.url),
            size: field("size", &raw.size, defaults.size),
            duration: field("duration", &raw.duration, defaults.duration),
            format: field("format", &raw.format, defaults.format),
            channels: field("channels", &raw.channels, defaults.channels),
            sample_rate: field("sample_rate", &raw.sample_rate, defaults.sample_rate),
            callback: field("callback", &raw.callback, defaults.callback),
            extra: self.extra_fields(table, raw),
        };
        self.audio_is_a_part(table, raw, &fields);
        fields
    }

    fn audio_is_a_part(&mut self, table: Table<'_>, raw: &RawFields, fields: &RecordingFields) {
        let in_header = |source: &FieldSource| matches!(source, FieldSource::Header(_));
        if let (Some(raw), true) = (&raw.audio, fields.audio.iter().any(in_header)) {
            let help = "write the name of the part, as in audio = \"audio-data\"";
            let at = table.at("fields.audio", raw);
            self.fail(&at, "audio does not travel in a header", help);
        }
    }

    fn proofs(
        &mut self,
        table: Table<'_>,
        name: &AddOnName,
        raw: &RawAddOn,
    ) -> Vec<MultipartProof> {
        let Some(list) = &raw.signature else {
            return MultipartProof::DEFAULT.to_vec();
        };
        let help = "name what proves a multipart request, as in [\"body-hash\", \"signed-fields\"]";
        if list.get_ref().is_empty() {
            let at = table.at("signature", list);
            self.fail(&at, "expected at least one proof", help);
        }
        let proofs = list.get_ref().iter();
        let proofs: Vec<_> = proofs
            .filter_map(|proof| self.parsed(&table.at("signature", proof), proof.get_ref(), help))
            .collect();
        if proofs.contains(&MultipartProof::UrlOnly) {
            self.warnings.push(format!(
                "`addons.{name}.signature` believes `url-only`: whoever sees one signed URL may \
                 send any recording there for good, and have the result sent to any callback that \
                 `[egress]` allows"
            ));
        }
        proofs
    }

    fn duration_unit(&mut self, table: Table<'_>, raw: &RawAddOn) -> Duration {
        let Some(raw) = &raw.duration_unit else {
            return Duration::from_millis(1);
        };
        match raw.get_ref().as_str() {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            _ => {
                let at = table.at("duration_unit", raw);
                let help = "say what a bare number in the duration counts";
                self.fail(&at, "expected \"ms\" or \"s\"", help);
                Duration::from_millis(1)
            }
        }
    }

    fn callback(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<(String, SecretString)> {
        let raw = raw.callback.as_ref()?;
        let (username, password) = self.basic(table, "callback", raw);
        Some((username, password?))
    }

    /// Keys that an add-on whose answer Twilio waits for has no use for.
    fn only_for_recordings(&mut self, table: Table<'_>, raw: &RawAddOn) {
        let fields = &raw.fields;
        let keys = [
            spot(table, "signature", &raw.signature),
            spot(table, "duration_unit", &raw.duration_unit),
            raw.callback
                .as_ref()
                .map(|raw| table.at("callback", &raw.username)),
            spot(table, "fields.audio", &fields.audio),
            spot(table, "fields.url", &fields.url),
            spot(table, "fields.size", &fields.size),
            spot(table, "fields.duration", &fields.duration),
            spot(table, "fields.format", &fields.format),
            spot(table, "fields.channels", &fields.channels),
            spot(table, "fields.sample_rate", &fields.sample_rate),
            spot(table, "fields.callback", &fields.callback),
        ];
        for at in keys.iter().flatten() {
            self.fail(at, "the key is for recordings alone", ONLY_RECORDINGS);
        }
    }

    /// Keys that mean nothing where nobody waits for the answer.
    fn not_for_recordings(&mut self, table: Table<'_>, raw: &RawAddOn) {
        let fields = &raw.fields;
        let keys = [
            spot(table, "accepts", &raw.accepts),
            spot(table, "default_region", &raw.default_region),
            spot(table, "fallback", &raw.fallback),
            spot(table, "timeout", &raw.timeout),
            spot(table, "queue", &raw.queue),
            spot(table, "overload", &raw.overload),
            spot(table, "canary", &raw.canary),
            spot(table, "shadow", &raw.shadow),
            spot(table, "smoke", &raw.smoke),
            spot(table, "fields.phone", &fields.phone),
            spot(table, "fields.other", &fields.other),
            spot(table, "fields.body", &fields.body),
        ];
        for at in keys.iter().flatten() {
            self.fail(at, "the key is not for recordings", NOT_RECORDINGS);
        }
    }
}

fn spot<T>(table: Table<'_>, key: &str, raw: &Option<At<T>>) -> Option<Spot> {
    raw.as_ref().map(|raw| table.at(key, raw))
}
