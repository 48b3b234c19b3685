//! That a report is complete, and the facts about it for the host.

/// The end of an analysis that wrote its report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    facts: Vec<(String, String)>,
}

impl Reported {
    /// The report is complete, and there is nothing to say about it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a fact about the report for the host; the reserved keys have methods of their
    /// own.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((key.into(), value.into()));
        self
    }

    /// When the data behind the report was current, in RFC 3339's format, as in
    /// `2026-01-31T00:00:00Z`.
    #[must_use]
    pub fn data_as_of(self, instant: impl Into<String>) -> Self {
        self.meta("data-as-of", instant)
    }

    /// What this report counts as on the bill.
    #[must_use]
    pub fn billable_units(self, units: u32) -> Self {
        self.meta("billable-units", units.to_string())
    }

    /// The facts, in the order in which they were added.
    #[must_use]
    pub fn facts(&self) -> &[(String, String)] {
        &self.facts
    }

    #[doc(hidden)]
    #[must_use]
    pub fn into_facts(self) -> Vec<(String, String)> {
        self.facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_keep_their_order_under_the_contracts_keys() {
        let reported = Reported::new()
            .data_as_of("2026-01-31T00:00:00Z")
            .billable_units(3)
            .meta("model", "v2");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let facts = [
            pair("data-as-of", "2026-01-31T00:00:00Z"),
            pair("billable-units", "3"),
            pair("model", "v2"),
        ];
        assert_eq!(reported.facts(), facts);
        assert_eq!(reported.into_facts(), facts);
    }
}
