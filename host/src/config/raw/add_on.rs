//! An add-on, as in the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, RawSecret, RawSetting};
use crate::config::schema;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawAddOn {
    /// The account whose tokens sign for it, by its SID. Default: the only account.
    #[schemars(with = "Option<schema::Account>")]
    pub(in crate::config) account: Option<At<String>>,
    /// The add-on's SID, from Twilio's console: `XB` and 32 hexadecimal digits.
    #[schemars(with = "schema::AddOn")]
    pub(in crate::config) sid: At<String>,
    /// The provider: a `.wasm` in `server.plugin_dir`, at most 64 MiB.
    #[schemars(with = "schema::Wasm")]
    pub(in crate::config) component: At<String>,
    /// Pins the component's bytes, by 64 hexadecimal digits: others are not served.
    #[schemars(with = "Option<schema::Hash>")]
    pub(in crate::config) sha256: Option<At<String>>,
    /// The integration points. Default: the three whose answer Twilio waits for; one for
    /// `recordings` serves nothing else.
    #[schemars(with = "Option<Vec<schema::Point>>", length(min = 1))]
    pub(in crate::config) serves: Option<At<Vec<At<String>>>>,
    /// Where it is reached instead of at the shared paths, at most 1024 characters each.
    pub(in crate::config) path: Option<At<RawPath>>,
    /// How this add-on's parameters are registered to travel; name the one that is.
    /// Default: all that there are, `get`, `form` and `json`, or for recordings `multipart`,
    /// `form` and `json`.
    #[schemars(with = "Option<Vec<schema::Shape>>", length(min = 1))]
    pub(in crate::config) methods: Option<At<Vec<At<String>>>>,
    /// Where the fields of a request stand.
    #[serde(default)]
    pub(in crate::config) fields: RawFields,
    /// The kinds of addresses that reach the provider. Default `["e164"]`.
    #[schemars(with = "Option<Vec<schema::Kind>>", length(min = 1))]
    pub(in crate::config) accepts: Option<At<Vec<At<String>>>>,
    /// The country in which numbers without `+` are read: two capital letters. Default:
    /// none.
    #[schemars(with = "Option<schema::Country>")]
    pub(in crate::config) default_region: Option<At<String>>,
    /// What the publisher's API demands besides the signature.
    #[serde(default)]
    pub(in crate::config) require: RawRequire,
    /// `"reference"` puts the provider's object into Twilio's reference shape;
    /// `"verbatim"` passes it on. Default `"reference"`.
    #[schemars(with = "Option<schema::Envelope>")]
    pub(in crate::config) envelope: Option<At<String>>,
    /// With `envelope = "verbatim"`: the answer for an error, in whose texts `{code}`,
    /// `{message}` and `{request_sid}` are filled in. At most 32 KiB.
    #[schemars(with = "Option<schema::Object>")]
    pub(in crate::config) on_error: Option<At<serde_json::Value>>,
    /// What is answered, as a success, where the provider fails. At most 32 KiB.
    #[schemars(with = "Option<schema::Object>")]
    pub(in crate::config) fallback: Option<At<serde_json::Value>>,
    /// Versions of the add-on's listing, by their SIDs, and the names under which their
    /// requests are counted; at most 32. Default: none.
    #[serde(default)]
    #[schemars(with = "BTreeMap<schema::AddOnVersion, schema::Label>")]
    pub(in crate::config) versions: BTreeMap<At<String>, At<String>>,
    /// Wall time for everything: waiting for a slot, starting the provider, the call; a
    /// duration. Default `"800ms"`, from 5 ms to 15 s.
    #[schemars(with = "Option<schema::Duration>")]
    pub(in crate::config) timeout: Option<At<String>>,
    /// Processor time of the call, a duration; waiting does not count. Default `"200ms"`,
    /// or `timeout` if that is shorter; from 2 ms to `timeout`. For recordings `"10s"`, up
    /// to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(in crate::config) cpu: Option<At<String>>,
    /// What all memories of one instance may take together, a size. Default `"16MiB"`,
    /// for recordings `"32MiB"`; from 64 KiB to 64 MiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(in crate::config) memory: Option<At<String>>,
    /// The longest answer of the provider, a size. Default `"64KiB"`, from 64 B to 64 KiB;
    /// for recordings `"100MiB"`, and up to that.
    #[schemars(with = "Option<schema::Size>")]
    pub(in crate::config) reply_limit: Option<At<String>>,
    /// Calls at once; further ones wait. Default 64, for recordings 4; from 1 to 4096.
    #[schemars(range(min = 1, max = 4_096))]
    pub(in crate::config) concurrency: Option<At<i64>>,
    /// Calls that wait at once; further ones are `overloaded` at once. Default: as
    /// `concurrency`; from 0 to 65536.
    #[schemars(range(min = 0, max = 65_536))]
    pub(in crate::config) queue: Option<At<i64>>,
    /// The add-on's share of the host, beside the others' weights. Default 1, from 1 to
    /// 100.
    #[schemars(range(min = 1, max = 100))]
    pub(in crate::config) weight: Option<At<i64>>,
    /// Lines of one call that reach the log. Default 16, from 0 to 1000.
    #[schemars(range(min = 0, max = 1_000))]
    pub(in crate::config) log_lines: Option<At<i64>>,
    /// What an `overloaded` call is answered with: status 200 and an error inside, or 503,
    /// so that Twilio comes again. Default `"answer"`.
    #[schemars(with = "Option<schema::Overload>")]
    pub(in crate::config) overload: Option<At<String>>,
    /// When a provider that keeps failing is left alone, and for how long.
    #[serde(default)]
    pub(in crate::config) breaker: RawBreaker,
    /// When a new version is given up for the one before it.
    #[serde(default)]
    pub(in crate::config) trial: RawTrial,
    /// With `"grants"`, a new version that imports more than the one before waits for
    /// `jackfield approve`. Default `"never"`.
    #[schemars(with = "Option<schema::Approve>")]
    pub(in crate::config) approve: Option<At<String>>,
    /// A second component, which answers a part of the customers.
    pub(in crate::config) canary: Option<At<RawCandidate>>,
    /// A second component, which is asked as well and whose answers are compared.
    pub(in crate::config) shadow: Option<At<RawCandidate>>,
    /// What the provider gets besides the address and the SIDs. Default: nothing.
    #[serde(default)]
    pub(in crate::config) grants: RawGrants,
    /// What the provider may ask for by name, at most 64 texts.
    pub(in crate::config) settings: Option<At<BTreeMap<At<String>, At<RawSetting>>>>,
    /// The request that a new version must answer before it serves.
    pub(in crate::config) smoke: Option<At<RawSmoke>>,
    /// Recordings: what proves a multipart request, for which no public text says what is
    /// signed. Default `["body-hash", "signed-fields"]`.
    #[schemars(with = "Option<Vec<schema::Proof>>", length(min = 1))]
    pub(in crate::config) signature: Option<At<Vec<At<String>>>>,
    /// Recordings: what a bare number in the duration counts. Default `"ms"`.
    #[schemars(with = "Option<schema::TtlUnit>")]
    pub(in crate::config) duration_unit: Option<At<String>>,
    /// Recordings: what proves the host to whoever it calls back. Default: the account's
    /// SID and auth token, where the signature covers the address.
    pub(in crate::config) callback: Option<RawBasic>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a path, or one for each integration point; write \"/cnam\" or \
                 { lookups = \"/cnam\" }"
)]
pub(in crate::config) enum RawPath {
    /// The path of the one integration point that is served.
    One(#[schemars(with = "schema::Path")] String),
    /// A path for each integration point.
    Each(#[schemars(with = "BTreeMap<schema::Point, schema::Path>")] BTreeMap<String, String>),
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawFields {
    /// Where the address stands. Default `["phone", "Phone", "primary_address"]`.
    pub(in crate::config) phone: Option<At<RawSources>>,
    /// Where the other party stands. Default `["secondary_address"]`.
    pub(in crate::config) other: Option<At<RawSources>>,
    /// Where the message stands. Default `["body", "Body"]`.
    pub(in crate::config) body: Option<At<RawSources>>,
    /// Recordings: the part with the audio. Default `["AudioData", "audio-data",
    /// "audio_data"]`.
    pub(in crate::config) audio: Option<At<RawSources>>,
    /// Recordings: the audio's temporary URL. Default `["URL", "url"]`.
    pub(in crate::config) url: Option<At<RawSources>>,
    /// Recordings: the audio's size in bytes. Default `["Size", "size"]`.
    pub(in crate::config) size: Option<At<RawSources>>,
    /// Recordings: the audio's duration. Default `["Duration", "duration"]`.
    pub(in crate::config) duration: Option<At<RawSources>>,
    /// Recordings: the audio's format. Default `["Format", "format"]`.
    pub(in crate::config) format: Option<At<RawSources>>,
    /// Recordings: how many channels there are. Default `["Channels", "channels"]`.
    pub(in crate::config) channels: Option<At<RawSources>>,
    /// Recordings: samples in a second. Default `["SampleRate", "sample_rate"]`.
    pub(in crate::config) sample_rate: Option<At<RawSources>>,
    /// Recordings: where the result is wanted. Default `["callback", "callback_url"]`.
    pub(in crate::config) callback: Option<At<RawSources>>,
    /// Further fields, by the name under which the provider gets them. Default: none.
    pub(in crate::config) extra: BTreeMap<At<String>, At<RawSources>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected where the field is read from; write a parameter's name, \
                 { header = \"NAME\" }, or a list of these"
)]
pub(in crate::config) enum RawSources {
    /// One source.
    One(RawSource),
    /// Several, of which the first that was sent counts.
    Several(#[schemars(length(min = 1))] Vec<RawSource>),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected where the field is read from; write a parameter's name or \
                 { header = \"NAME\" }"
)]
pub(in crate::config) enum RawSource {
    /// A parameter's name.
    Parameter(#[schemars(length(min = 1))] String),
    /// A header, which the signature does not cover.
    Header(RawHeader),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawHeader {
    /// The header's name.
    pub(in crate::config) header: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawRequire {
    /// Parameters and their values, which are secrets; answered with 403 otherwise.
    pub(in crate::config) query: BTreeMap<At<String>, At<RawSecret>>,
    /// Headers and their values, which are secrets; answered with 403 otherwise.
    pub(in crate::config) headers: BTreeMap<At<String>, At<RawSecret>>,
    /// HTTP Basic; answered with 401 otherwise.
    pub(in crate::config) basic: Option<RawBasic>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawBasic {
    /// The user's name, without a `:`.
    #[schemars(regex(pattern = "^[^:]*$"))]
    pub(in crate::config) username: At<String>,
    /// The password, a secret.
    pub(in crate::config) password: At<RawSecret>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawGrants {
    /// Fields that the provider gets: `"body"` the message, `"other"` the other party,
    /// `"*"` every further parameter, any other text that parameter or that field of
    /// `extra`. Default: none.
    pub(in crate::config) fields: Vec<At<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawBreaker {
    /// Failures in a row after which the provider is left alone; 0 for never. Default 10,
    /// from 0 to 10000.
    #[schemars(range(min = 0, max = 10_000))]
    pub(in crate::config) failures: Option<At<i64>>,
    /// For how long at first, a duration. Default `"1s"`, from 10 ms to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(in crate::config) pause: Option<At<String>>,
    /// For how long at most, a duration. Default `"30s"`, or `pause` if that is longer;
    /// from `pause` to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(in crate::config) longest_pause: Option<At<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawTrial {
    /// The calls for which a new version is watched; 0 for none. Default 100.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(in crate::config) requests: Option<At<i64>>,
    /// The failures among them that end it. Default 5.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(in crate::config) failures: Option<At<i64>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawCandidate {
    /// The component: a `.wasm` in `server.plugin_dir`.
    #[schemars(with = "schema::Wasm")]
    pub(in crate::config) component: At<String>,
    /// Pins its bytes, by 64 hexadecimal digits.
    #[schemars(with = "Option<schema::Hash>")]
    pub(in crate::config) sha256: Option<At<String>>,
    /// Its part, of a hundred. Default 5 for a canary, 100 for a shadow.
    #[schemars(range(min = 0, max = 100))]
    pub(in crate::config) percent: Option<At<i64>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawSmoke {
    /// The address to ask about.
    pub(in crate::config) phone: At<String>,
    /// The integration point. Default: the first that is served.
    #[schemars(with = "Option<schema::Point>")]
    pub(in crate::config) via: Option<At<String>>,
    /// The other party.
    pub(in crate::config) other: Option<At<String>>,
    /// The message.
    pub(in crate::config) body: Option<At<String>>,
    /// What the answer must contain: objects by a part of theirs, all else as it is.
    #[schemars(with = "Option<schema::Object>")]
    pub(in crate::config) expect: Option<At<serde_json::Value>>,
    /// The code that the provider must refuse with instead.
    pub(in crate::config) refusal: Option<At<String>>,
}
