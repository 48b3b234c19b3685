//! The JSON schema of `addons.toml`, made from the types that it is read into. It is what
//! editors complete by, and knows the shape alone: what it accepts, the host may refuse.
//!
//! A key's sentence in the schema is its doc comment in [`raw`](super::raw). A text that
//! the host checks itself has the schema of one of the types below, by
//! `#[schemars(with = "…")]`; a number's bounds are `#[schemars(range(…))]`.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::raw::RawConfig;
use crate::protocol::address::AddressKind;
use crate::protocol::forwarded::ForwardedHeader;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::shape::Shape as Method;
use crate::protocol::signature::MultipartProof;

/// The schema, as JSON that people can read.
#[must_use]
pub fn schema() -> String {
    // Old enough for every editor, and in one piece for those that follow no references.
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.transforms.push(Box::new(as_toml_has_it));
    });
    let schema = settings
        .into_generator()
        .into_root_schema_for::<RawConfig>();
    format!("{:#}\n", schema.as_value())
}

/// What stands first in a table of the schema's, for those who read it.
const FIRST: [&str; 4] = ["$schema", "title", "description", "type"];

/// TOML has no null, and numbers of one size.
fn as_toml_has_it(schema: &mut Schema) {
    in_order(schema);
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    without_null_as_an_option(schema);
    transform_subschemas(&mut as_toml_has_it, schema);
}

fn in_order(schema: &mut Schema) {
    let Some(unordered) = schema.as_object_mut().map(std::mem::take) else {
        return;
    };
    let place = |key: &str| FIRST.iter().position(|first| *first == key);
    let mut entries: Vec<_> = unordered.into_iter().collect();
    entries.retain(|(key, _)| key != "format");
    entries.sort_by_key(|(key, _)| place(key).unwrap_or(FIRST.len()));
    for (key, mut value) in entries {
        if let (true, Some(text)) = (key == "description", value.as_str()) {
            value = text.replace('\n', " ").into();
        }
        schema.insert(key, value);
    }
}

/// What may be an option of several, or nothing, is one of these.
fn without_null_as_an_option(schema: &mut Schema) {
    let is_null = |option: &Value| option.get("type").is_some_and(|name| name == "null");
    let Some(Value::Array(options)) = schema.get_mut("anyOf") else {
        return;
    };
    options.retain(|option| !is_null(option));
    let [Value::Object(only)] = options.as_slice() else {
        return;
    };
    let only = only.clone();
    schema.remove("anyOf");
    for (key, value) in only {
        if schema.get(&key).is_none() {
            schema.insert(key, value);
        }
    }
}

/// A type that nothing is read into: it is what a text of the operator's looks like.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $schema:expr) => {
        $(#[$doc])*
        pub(super) enum $name {}

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

text!(
    /// As in `800ms`.
    Duration,
    matching("^ *(0|[0-9][0-9A-Za-zµ. ]*[A-Za-z]) *$")
);
text!(
    /// As in `64KiB`.
    Size,
    matching("^[0-9.]+\\s*[A-Za-z]*$")
);
text!(
    /// `AC` and 32 hexadecimal digits.
    Account,
    matching("^AC[0-9A-Fa-f]{32}$")
);
text!(
    /// `XB` and 32 hexadecimal digits.
    AddOn,
    matching("^XB[0-9A-Fa-f]{32}$")
);
text!(
    /// `XC` and 32 hexadecimal digits.
    AddOnVersion,
    matching("^XC[0-9A-Fa-f]{32}$")
);
text!(
    /// The operator's name for a version of an add-on's listing.
    Label,
    matching("^[A-Za-z0-9._-]{1,64}$")
);
text!(
    /// The operator's name for an add-on.
    Name,
    matching("^[a-z0-9][a-z0-9_-]{0,63}$")
);
text!(
    /// As `sha256sum` prints it.
    Hash,
    matching("^[0-9A-Fa-f]{64}$")
);
text!(
    /// A WebAssembly component's file.
    Wasm,
    matching("\\.wasm$")
);
text!(
    /// Two capital letters.
    Country,
    matching("^[A-Z]{2}$")
);
text!(
    /// What Twilio calls.
    Url,
    matching("^[Hh][Tt][Tt][Pp][Ss]?://[^?#@ ]+$")
);
text!(
    /// A host that may be connected to.
    Host,
    matching("^([Hh][Tt][Tt][Pp][Ss]?://)?(\\*\\.)?[^*/?#@ ]+$")
);
text!(
    /// A block of addresses, or one.
    Network,
    matching("^[0-9A-Fa-f.:]+(/[0-9]+)?$")
);
text!(
    /// As in `20/s`.
    Rate,
    matching("^[0-9]+ *\\/ *[0-9a-z ]+$")
);
text!(
    /// The header that proxies write.
    Forwarded,
    one_of(&ForwardedHeader::ALL.map(ForwardedHeader::name))
);
text!(
    /// A path of an add-on's own.
    Path,
    matching("^/")
);
text!(
    /// `lookups` and so on.
    Point,
    one_of(&IntegrationPoint::ALL.map(IntegrationPoint::name))
);
text!(
    /// How parameters travel.
    Shape,
    one_of(&Method::ALL.map(Method::name))
);
text!(
    /// The kind of an address.
    Kind,
    one_of(&AddressKind::ALL.map(AddressKind::name))
);
text!(
    /// The shape of an answer.
    Envelope,
    one_of(&["reference", "verbatim"])
);
text!(
    /// What an overloaded call is answered with.
    Overload,
    one_of(&["answer", "retry"])
);
text!(
    /// What a broken component holds back.
    Reload,
    one_of(&["each", "all-or-nothing"])
);
text!(
    /// What waits for an operator.
    Approve,
    one_of(&["never", "grants"])
);
text!(
    /// Where jobs are kept.
    Store,
    one_of(&["sqlite"])
);
text!(
    /// What proves a multipart request.
    Proof,
    one_of(&MultipartProof::ALL.map(MultipartProof::name))
);
text!(
    /// What a bare number counts.
    TtlUnit,
    one_of(&["s", "ms"])
);
text!(
    /// A JSON object, or a text that holds one.
    Object,
    json_schema!({ "type": ["object", "string"] })
);

fn matching(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern })
}

fn one_of(names: &[&str]) -> Schema {
    json_schema!({ "type": "string", "enum": names })
}
