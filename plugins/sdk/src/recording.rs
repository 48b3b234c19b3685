//! Recordings for a provider's own tests, shaped as the host makes them.

use crate::{Recording, Sids};

impl Recording {
    /// A first attempt at a recording of which Twilio said nothing, with a minute left and
    /// room for 100 MiB of report.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            integration_point: "recordings".into(),
            media_type: None,
            duration_ms: None,
            size: None,
            channels: None,
            sample_rate: None,
            sids: Sids::sample(),
            attempt: 1,
            deadline_ms: 60_000,
            report_limit: 100 << 20,
            fields: Vec::new(),
        }
    }

    /// A WAV file of this duration, as Twilio sends it.
    #[must_use]
    pub fn wav(duration_ms: u64) -> Self {
        Self {
            media_type: Some("audio/x-wav".into()),
            duration_ms: Some(duration_ms),
            ..Self::unknown()
        }
    }

    /// Adds a granted parameter after those that are there.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_a_first_attempt_with_its_fields_in_order() {
        let recording = Recording::wav(4_000).field("a", "1").field("a", "2");
        assert_eq!(recording.integration_point, "recordings");
        assert_eq!(recording.attempt, 1);
        assert_eq!(recording.duration_ms, Some(4_000));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(recording.fields, [pair("a", "1"), pair("a", "2")]);
        assert!(recording.sids.request.is_some());
    }
}
