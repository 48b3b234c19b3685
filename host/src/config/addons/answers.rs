//! What an add-on answers where its provider does not: `envelope`, `on_error`, `fallback`.

use serde_json::Value;

use crate::config::checked::{Checking, Spot};
use crate::config::raw::RawAddOn;
use crate::config::values::Table;
use crate::protocol::reply::{Envelope, ErrorTemplate, LONGEST_REPLY};

/// The longest `on_error` or `fallback`, in bytes: half of a reply, so that the envelope
/// and what is filled in fit as well.
const LONGEST_OBJECT: usize = LONGEST_REPLY / 2;

impl Checking<'_> {
    pub(super) fn envelope(&mut self, table: Table<'_>, raw: &RawAddOn) -> Envelope {
        let name = raw.envelope.as_ref().map(|name| name.get_ref().as_str());
        let template = raw.on_error.as_ref().and_then(|value| {
            let object = self.json_object(&table.at("on_error", value), value.get_ref())?;
            ErrorTemplate::new(object)
        });
        match name {
            Some("verbatim") => return Envelope::Verbatim(template),
            None | Some("reference") => self.no_template(table, raw),
            Some(_) => self.unknown_envelope(table, raw),
        }
        Envelope::Reference
    }

    fn no_template(&mut self, table: Table<'_>, raw: &RawAddOn) {
        if let Some(value) = &raw.on_error {
            let at = table.at("on_error", value);
            let problem = "the reference's envelope has its own shape for failures";
            let help = "add envelope = \"verbatim\", or remove `on_error`";
            self.fail(&at, problem, help);
        }
    }

    fn unknown_envelope(&mut self, table: Table<'_>, raw: &RawAddOn) {
        if let Some(name) = &raw.envelope {
            let at = table.at("envelope", name);
            let problem = format!("there is no envelope `{}`", name.get_ref());
            let help = "write \"reference\", which wraps the answer as Twilio's reference server \
                        does, or \"verbatim\", which passes it on";
            self.fail(&at, problem, help);
        }
    }

    pub(super) fn fallback(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<String> {
        let value = raw.fallback.as_ref()?;
        let object = self.json_object(&table.at("fallback", value), value.get_ref())?;
        Some(object.to_string())
    }

    /// An object: a table, or a text that holds one as JSON.
    pub(super) fn json_object(&mut self, at: &Spot, value: &Value) -> Option<Value> {
        let object = match value {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        };
        let Some(object) = object.filter(Value::is_object) else {
            let help = "write a table, as in { status = \"error\" }, or JSON in a text";
            self.fail(at, "expected a table, or a text with a JSON object", help);
            return None;
        };
        let length = object.to_string().len();
        if length > LONGEST_OBJECT {
            let problem = format!("the object has {length} bytes, as JSON");
            let help = format!("shorten it to {LONGEST_OBJECT}");
            self.fail(at, problem, &help);
            return None;
        }
        Some(object)
    }
}
