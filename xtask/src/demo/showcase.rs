//! What is shown, and what every answer must say.

use serde_json::Value;

use super::exchange::Exchange;

/// One request, and what its answer must say.
#[derive(Debug)]
pub(crate) struct Showcase {
    /// The add-on's name in the configuration.
    pub(crate) addon: &'static str,
    /// The integration point, by the host's name for it.
    pub(crate) point: &'static str,
    method: &'static str,
    phone: &'static str,
    body: Option<&'static str>,
    claims: &'static [Claim],
}

/// What the answer's `results` must say at a JSON pointer.
#[derive(Clone, Copy, Debug)]
enum Claim {
    /// Exactly this text.
    Is(&'static str, &'static str),
    /// A number above nought.
    Positive(&'static str),
    /// True.
    True(&'static str),
}

const CALLER_NAME: &[Claim] = &[
    Claim::Is("/caller_name", "Marigold Test Line"),
    Claim::Is("/caller_type", "business"),
];

/// Every synchronous integration point, and every way in which Twilio sends.
pub(crate) const ALL: &[Showcase] = &[
    Showcase {
        addon: "caller-name",
        point: "lookups",
        method: "get",
        phone: "+15005550006",
        body: None,
        claims: CALLER_NAME,
    },
    Showcase {
        addon: "number-insight",
        point: "lookups",
        method: "get",
        phone: "+442079460018",
        body: None,
        claims: &[
            Claim::True("/valid"),
            Claim::Is("/country_code", "GB"),
            Claim::Is("/area", "London"),
        ],
    },
    Showcase {
        addon: "message-sentiment",
        point: "incoming-sms",
        method: "form",
        phone: "+15005550006",
        body: Some("Thank you so much, the plumber was brilliant!"),
        claims: &[
            Claim::Is("/sentiment", "positive"),
            Claim::Is("/language/code", "en"),
            Claim::Positive("/score"),
        ],
    },
    Showcase {
        addon: "caller-name",
        point: "incoming-voice-call",
        method: "json",
        phone: "+15005550006",
        body: None,
        claims: CALLER_NAME,
    },
];

impl Showcase {
    /// What `jackfield call` is told.
    pub(crate) fn arguments(&self) -> Vec<&'static str> {
        let &Self {
            addon,
            point,
            method,
            phone,
            body,
            claims: _,
        } = self;
        let mut arguments = vec![
            "--addon", addon, "--phone", phone, "--via", point, "--method", method,
        ];
        arguments.extend(body.into_iter().flat_map(|body| ["--body", body]));
        arguments
    }

    /// What should hold of the answer and does not; nothing where it is right.
    pub(crate) fn faults(&self, answer: &Exchange) -> Vec<String> {
        let Exchange { status, body } = answer;
        let mut faults = Vec::new();
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                faults.push(what.to_owned());
            }
        };
        demand(*status == 200, "the status is 200");
        demand(
            body["phone_number"] == self.phone,
            "`phone_number` is the number asked for",
        );
        demand(
            body.get("error_code") == Some(&Value::Null),
            "`error_code` is null",
        );
        for claim in self.claims {
            demand(claim.holds(&body["results"]), &claim.in_words());
        }
        faults
    }

    /// What was checked beyond the envelope, for the person who looks on.
    pub(crate) fn claims_in_words(&self) -> String {
        self.claims
            .iter()
            .map(|claim| claim.in_words())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl Claim {
    fn holds(self, results: &Value) -> bool {
        match self {
            Self::Is(pointer, text) => results.pointer(pointer).is_some_and(|it| it == text),
            Self::Positive(pointer) => results
                .pointer(pointer)
                .and_then(Value::as_f64)
                .is_some_and(|it| it > 0.0),
            Self::True(pointer) => results.pointer(pointer) == Some(&Value::Bool(true)),
        }
    }

    fn in_words(self) -> String {
        match self {
            Self::Is(pointer, text) => format!("`results{pointer}` is `{text}`"),
            Self::Positive(pointer) => format!("`results{pointer}` is above 0"),
            Self::True(pointer) => format!("`results{pointer}` is true"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(status: u16, body: Value) -> Vec<String> {
        ALL[0].faults(&Exchange { status, body })
    }

    fn right() -> Value {
        json!({
            "phone_number": "+15005550006",
            "results": { "caller_name": "Marigold Test Line", "caller_type": "business" },
            "error_code": null,
        })
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut body = right();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    }

    #[test]
    fn a_right_answer_has_no_fault() {
        assert_eq!(faults(200, right()), [""; 0]);
    }

    #[test]
    fn every_part_of_the_answer_is_checked() {
        for (body, fault) in [
            (
                with("/phone_number", json!("+15005550001")),
                "`phone_number`",
            ),
            (with("/error_code", json!("timeout")), "`error_code`"),
            (
                with("/results/caller_name", json!("Somebody Else")),
                "`results/caller_name`",
            ),
            (
                with("/results", json!({ "caller_name": "Marigold Test Line" })),
                "`results/caller_type`",
            ),
        ] {
            let faults = faults(200, body);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(faults[0].contains(fault), "{faults:?}");
        }
        assert_eq!(faults(403, right()), ["the status is 200"]);
        assert_eq!(faults(200, json!({})).len(), 4);
    }

    #[test]
    fn a_missing_error_code_is_not_a_null_one() {
        let mut body = right();
        body.as_object_mut().unwrap().remove("error_code");
        assert_eq!(faults(200, body), ["`error_code` is null"]);
    }

    #[test]
    fn claims_about_numbers_and_truth_want_their_type() {
        let results = json!({ "score": 0.4, "low": -1, "text": "0.4", "valid": true, "no": 1 });
        assert!(Claim::Positive("/score").holds(&results));
        assert!(!Claim::Positive("/low").holds(&results));
        assert!(!Claim::Positive("/text").holds(&results));
        assert!(Claim::True("/valid").holds(&results));
        assert!(!Claim::True("/no").holds(&results));
    }

    #[test]
    fn a_message_is_passed_on_to_the_call() {
        let sms = ALL
            .iter()
            .find(|showcase| showcase.point == "incoming-sms")
            .unwrap();
        assert!(
            sms.arguments()
                .windows(2)
                .any(|pair| pair[0] == "--body" && !pair[1].is_empty())
        );
    }
}
