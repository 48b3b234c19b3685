//! The names of everything that a request can come to: a closed set, so that a label of them
//! has few values. A provider's own code is none of them.

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome(usize);

/// Every name, and the status that goes with it; of those that have several, the one that
/// counts against the publisher. The first is the commonest.
const ALL: [(&str, u16); Outcome::COUNT] = [
    ("success", 200),
    ("accepted", 202),
    ("caller_error", 200),
    ("no_result", 200),
    ("retry", 200),
    ("account_mismatch", 403),
    ("addon_malformed", 200),
    ("addon_missing", 200),
    ("addon_unknown", 200),
    ("address_malformed", 200),
    ("address_missing", 200),
    ("address_not_accepted", 200),
    ("address_not_allowed", 403),
    ("audio_missing", 200),
    ("audio_refused", 200),
    ("audio_too_long", 413),
    ("audio_unavailable", 200),
    ("body_malformed", 200),
    ("body_mismatch", 403),
    ("body_not_signed", 403),
    ("body_too_long", 413),
    ("body_too_slow", 408),
    ("body_unreadable", 400),
    ("busy", 503),
    ("callback_missing", 200),
    ("callback_refused", 200),
    ("content_type_unsupported", 200),
    ("ending", 503),
    ("forbidden", 403),
    ("integration_point_not_served", 200),
    ("internal", 200),
    ("jobs_unavailable", 503),
    ("message_too_long", 200),
    ("method_mismatch", 403),
    ("method_not_allowed", 405),
    ("not_kept", 503),
    ("not_local", 403),
    ("out_of_cpu", 200),
    ("out_of_memory", 200),
    ("overloaded", 503),
    ("parameter_ambiguous", 200),
    ("path_mismatch", 403),
    ("path_unknown", 404),
    ("paused", 200),
    ("provider_failed", 200),
    ("rate_exceeded", 503),
    ("recording_late", 200),
    ("reply_malformed", 200),
    ("reply_too_long", 200),
    ("request_ambiguous", 400),
    ("request_reused", 409),
    ("signature_invalid", 403),
    ("signature_missing", 403),
    ("stale_request", 403),
    ("suspended", 200),
    ("timeout", 200),
    ("too_many_parameters", 400),
    ("too_many_requests", 429),
    ("unauthorized", 401),
    ("unavailable", 200),
    ("url_too_long", 200),
    // Nothing has this name as long as the list is whole.
    ("other", 500),
];

impl Outcome {
    /// How many there are.
    pub const COUNT: usize = 62;

    /// The outcome that the log has under this name.
    #[must_use]
    pub fn named(code: &str) -> Self {
        let place = ALL.iter().position(|(name, _)| *name == code);
        Self(place.unwrap_or(Self::COUNT - 1))
    }

    /// Every one, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// Its place among all of them.
    #[must_use]
    pub fn place(self) -> usize {
        self.0
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL[self.0].0
    }

    /// The status that it has where it counts against the publisher.
    #[must_use]
    pub fn status(self) -> u16 {
        ALL[self.0].1
    }

    /// The same, as text.
    #[must_use]
    pub fn status_text(self) -> &'static str {
        match self.status() {
            200 => "200",
            202 => "202",
            400 => "400",
            401 => "401",
            403 => "403",
            404 => "404",
            405 => "405",
            408 => "408",
            409 => "409",
            413 => "413",
            429 => "429",
            503 => "503",
            _ => "500",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What `failure.rs` maps failures to, read from its text: there is no other list.
    fn failures() -> BTreeMap<&'static str, u16> {
        let text = include_str!("../failure.rs");
        let mut found = BTreeMap::new();
        for (at, _) in text.match_indices(", \"") {
            let status = text[..at].rsplit('(').next().and_then(|it| it.parse().ok());
            let code = text[at + 3..].split('"').next().unwrap_or_default();
            if let Some(status) = status {
                let most: &mut u16 = found.entry(code).or_insert(status);
                *most = status.max(*most);
            }
        }
        found
    }

    #[test]
    fn every_failure_has_a_name_of_its_own_and_its_status() {
        let failures = failures();
        assert!(failures.len() > 40, "{failures:?}");
        for (code, status) in &failures {
            let outcome = Outcome::named(code);
            assert_eq!((outcome.name(), outcome.status()), (*code, *status));
        }
        let others = [
            "success",
            "accepted",
            "caller_error",
            "no_result",
            "retry",
            "other",
        ];
        for outcome in Outcome::all() {
            let name = outcome.name();
            assert!(
                failures.contains_key(name) || others.contains(&name),
                "{name}"
            );
            assert_eq!(Outcome::named(name), outcome);
        }
    }

    #[test]
    fn what_has_no_name_is_other() {
        assert_eq!(Outcome::named("15005550006").name(), "other");
    }
}
