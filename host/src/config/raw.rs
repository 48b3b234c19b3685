//! The shape of `addons.toml`, with nothing decided yet. The doc comment of each key is
//! its sentence in the JSON schema (see [`schema`]), which editors show.

mod secret;
mod tls;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use super::at::At;
use super::schema;

pub(super) use secret::{RawSecret, RawSetting};
pub(super) use tls::{RawCertificate, RawTls};

/// Tables by their names, in the order of the file.
pub(super) type Named<T> = Vec<(At<String>, At<T>)>;

/// The add-ons that a Jackfield host serves. docs/operations.md explains every key.
// One whole file. It is put together table by table, so that one wrong table does not
// hide what is wrong with the next.
#[derive(Debug, Default, JsonSchema)]
#[schemars(title = "addons.toml", deny_unknown_fields, default)]
pub(super) struct RawConfig {
    /// Further files with accounts and add-ons; `*` stands for any name.
    pub(super) include: Vec<At<String>>,
    /// The listener, and what every request meets. The first file alone may have it.
    pub(super) server: Option<At<RawServer>>,
    /// Where the host itself connects to. The first file alone may have it.
    pub(super) egress: Option<At<RawEgress>>,
    /// The operators' listener: health, metrics and status. The first file alone may have
    /// it.
    pub(super) operators: Option<At<RawOperators>>,
    /// The accounts by their SIDs. Default: `ACCOUNT_SID` and `AUTH_TOKEN` of the
    /// environment are the one account.
    #[schemars(with = "BTreeMap<schema::Account, RawAccount>")]
    pub(super) accounts: Named<RawAccount>,
    /// The add-ons by names of the operator's: lower-case letters, digits, `-` and `_`.
    #[schemars(with = "BTreeMap<schema::Name, RawAddOn>")]
    pub(super) addons: Named<RawAddOn>,
    /// Asynchronous add-ons: what is kept of their requests, where, and for how long. The
    /// first file alone may have it.
    pub(super) jobs: Option<At<RawJobs>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [{ "required": ["public_url"] }, { "required": ["public_urls"] }]))]
pub(super) struct RawServer {
    /// The address and port to listen on. Default `"127.0.0.1:8080"`.
    pub(super) listen: Option<At<String>>,
    /// Has `listen` speak TLS. Default: it speaks plain HTTP.
    pub(super) tls: Option<At<RawTls>>,
    /// What Twilio calls, up to the part that the registered path adds: signatures are
    /// checked over it. This or `public_urls` is needed.
    #[schemars(with = "Option<schema::Url>")]
    pub(super) public_url: Option<At<String>>,
    /// Several public URLs, chosen by the `Host` header, in place of `public_url`.
    #[schemars(with = "Option<Vec<schema::Url>>", length(min = 1))]
    pub(super) public_urls: Option<At<Vec<At<String>>>>,
    /// Whether signatures are checked. Default `true`; `false` only if `listen` and all
    /// public URLs are loopback.
    pub(super) verify: Option<At<bool>>,
    /// The directory that holds every component. Default `"plugins"`.
    pub(super) plugin_dir: Option<At<String>>,
    /// The longest body, a size. Default `"256KiB"`, from 1 KiB to 16 MiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) body_limit: Option<At<String>>,
    /// How long a body may take to arrive, a duration. Default `"5s"`, from 10 ms to
    /// 1 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) body_timeout: Option<At<String>>,
    /// How long a request's head may take, idle time of a kept connection included, a
    /// duration. Default `"30s"`, from 10 ms to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) header_timeout: Option<At<String>>,
    /// How long running requests and jobs may take to end once the host is told to stop, a
    /// duration. Default `"16s"`, from 100 ms to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) drain_timeout: Option<At<String>>,
    /// Connections at once; further ones wait. Default 10000, from 1 to 1000000.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(super) connections: Option<At<i64>>,
    /// Providers that run at once, divided among the add-ons. Default 256, from 1 to 4096.
    #[schemars(range(min = 1, max = 4_096))]
    pub(super) concurrency: Option<At<i64>>,
    /// The host's own directory: compiled components, and what is known of those that do
    /// not compile. Default `".jackfield"`.
    pub(super) state_dir: Option<At<String>>,
    /// Address space for compiling one component, a size. Default `"2GiB"`, from 256 MiB
    /// to 64 GiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) compile_memory: Option<At<String>>,
    /// Processor time for compiling one component, a duration. Default `"60s"`, from 1 s
    /// to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) compile_time: Option<At<String>>,
    /// Whether a broken component holds back its own add-on alone, or everything. Default
    /// `"each"`.
    #[schemars(with = "Option<schema::Reload>")]
    pub(super) reload: Option<At<String>>,
    /// Whether files are watched. Default `true`; if not, SIGHUP and `jackfield reload`
    /// remain.
    pub(super) watch: Option<At<bool>>,
    /// How often files are looked at besides, a duration. Default `"5s"`, from 100 ms to
    /// 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) poll: Option<At<String>>,
    /// For how long an answer is given again to a request that comes again, a duration.
    /// Default `"10m"`, from 0 (never) to 1 day.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) ledger_keep: Option<At<String>>,
    /// Memory for such answers, a size; the oldest go first. Default `"64MiB"`, from 1 MiB
    /// to 16 GiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) ledger_memory: Option<At<String>>,
    /// How recent a request must be.
    pub(super) freshness: RawFreshness,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawJobs {
    /// Where jobs are kept: `"sqlite"`, a file in `server.state_dir`, or a PostgreSQL
    /// database that several hosts share, by its URL, a secret. Default `"sqlite"`.
    pub(super) store: Option<At<RawStore>>,
    /// The directory for audio and results; several hosts share it with the database.
    /// Default: `jobs/spool` in `server.state_dir`.
    pub(super) spool: Option<At<String>>,
    /// What all audio and results may take together, a size. Default `"10GiB"`, from 1 MiB
    /// to 100 TiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) spool_limit: Option<At<String>>,
    /// The longest audio of one recording, a size. Default `"100MiB"`, from 1 KiB to 1 GiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) audio_limit: Option<At<String>>,
    /// How long one audio may take to arrive, or to be fetched, a duration. Default
    /// `"60s"`, from 1 s to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) audio_timeout: Option<At<String>>,
    /// Recordings that may arrive at once; further ones are told to come again. Default
    /// 64, from 1 to 4096.
    #[schemars(range(min = 1, max = 4_096))]
    pub(super) uploads: Option<At<i64>>,
    /// Jobs that are worked on at once. Default 8, from 1 to 1024.
    #[schemars(range(min = 1, max = 1_024))]
    pub(super) workers: Option<At<i64>>,
    /// The time for a recording whose duration is not known, a duration. Default `"10m"`,
    /// from 1 s to 1 day.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) deadline: Option<At<String>>,
    /// The longest that one attempt to call back may take, a duration. Default `"60s"`,
    /// from 100 ms to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) callback_timeout: Option<At<String>>,
    /// For how long a host has a job to itself without a sign of life, a duration. Default
    /// `"30s"`, from 1 s to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) lease: Option<At<String>>,
    /// For how long a request that is done is known again, a duration. Default `"24h"`,
    /// from 1 s to 30 days.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) keep: Option<At<String>>,
    /// For how long a dead letter is kept, a duration. Default `"30d"`, from 1 s to 366
    /// days.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) keep_dead: Option<At<String>>,
    /// The keys that requests, audio and results are sealed with, 32 bytes in hexadecimal
    /// or base64 each: the first seals, all of them open. Default: none, nothing is sealed.
    pub(super) seal: Vec<At<RawSecret>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected where jobs are kept; write \"sqlite\" or { postgres = { env = \"NAME\" } }"
)]
pub(super) enum RawStore {
    /// A file of the host's own.
    File(#[schemars(with = "schema::Store")] String),
    /// A database.
    Database(RawDatabase),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDatabase {
    /// The database's URL, a secret: `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub(super) postgres: RawSecret,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFreshness {
    /// Where the invocation date stands. Default `["InvocationDate", "invocation_date"]`.
    pub(super) date: Option<At<RawSources>>,
    /// Where the time to live stands. Default `["TTL", "ttl"]`.
    pub(super) ttl: Option<At<RawSources>>,
    /// What a bare number in the time to live counts: seconds or milliseconds. Default
    /// `"s"`.
    #[schemars(with = "Option<schema::TtlUnit>")]
    pub(super) ttl_unit: Option<At<String>>,
    /// The time to live of a request that has a date and none of its own, a duration.
    /// Default `"5m"`, from 1 s to 1 day.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) default_ttl: Option<At<String>>,
    /// By how much the clocks may differ, a duration. Default `"30s"`, from 0 to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) clock_skew: Option<At<String>>,
    /// Whether a request without a date is refused. Default `false`.
    pub(super) required: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawEgress {
    /// The hosts that may be connected to, by HTTPS at port 443 if nothing else is
    /// written: `"example.com"`, `"*.example.com"` for all below it, with a port behind
    /// it, or `http://` in front. Default `["twilio.com", "*.twilio.com"]`.
    #[schemars(with = "Option<Vec<schema::Host>>")]
    pub(super) hosts: Option<At<Vec<At<String>>>>,
    /// Blocks of addresses that may be connected to besides public ones, as in
    /// `"10.1.0.0/16"`. Default: none.
    #[schemars(with = "Option<Vec<schema::Network>>")]
    pub(super) networks: Option<At<Vec<At<String>>>>,
    /// A PEM file with certificates of authorities that are believed besides the
    /// system's. Default: none.
    pub(super) ca: Option<At<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["listen"]))]
pub(super) struct RawOperators {
    /// The address and port to listen on, of this machine alone, as in
    /// `"127.0.0.1:8081"`.
    pub(super) listen: Option<At<String>>,
    /// What requests have to carry as `Authorization: Bearer …`, a secret. Default: none.
    pub(super) token: Option<At<RawSecret>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["auth_tokens"]))]
pub(super) struct RawAccount {
    /// The account's auth tokens: one, or several during a rotation.
    #[schemars(length(min = 1))]
    pub(super) auth_tokens: Vec<At<RawSecret>>,
    /// Twilio's SharedKeys by their identifiers. Default: none.
    pub(super) shared_keys: BTreeMap<At<String>, At<RawSecret>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAddOn {
    /// The account whose tokens sign for it, by its SID. Default: the only account.
    #[schemars(with = "Option<schema::Account>")]
    pub(super) account: Option<At<String>>,
    /// The add-on's SID, from Twilio's console: `XB` and 32 hexadecimal digits.
    #[schemars(with = "schema::AddOn")]
    pub(super) sid: At<String>,
    /// The provider: a `.wasm` in `server.plugin_dir`, at most 64 MiB.
    #[schemars(with = "schema::Wasm")]
    pub(super) component: At<String>,
    /// Pins the component's bytes, by 64 hexadecimal digits: others are not served.
    #[schemars(with = "Option<schema::Hash>")]
    pub(super) sha256: Option<At<String>>,
    /// The integration points. Default: the three whose answer Twilio waits for; one for
    /// `recordings` serves nothing else.
    #[schemars(with = "Option<Vec<schema::Point>>", length(min = 1))]
    pub(super) serves: Option<At<Vec<At<String>>>>,
    /// Where it is reached instead of at the shared paths, at most 1024 characters each.
    pub(super) path: Option<At<RawPath>>,
    /// How this add-on's parameters are registered to travel; name the one that is.
    /// Default: all that there are, `get`, `form` and `json`, or for recordings `multipart`,
    /// `form` and `json`.
    #[schemars(with = "Option<Vec<schema::Shape>>", length(min = 1))]
    pub(super) methods: Option<At<Vec<At<String>>>>,
    /// Where the fields of a request stand.
    #[serde(default)]
    pub(super) fields: RawFields,
    /// The kinds of addresses that reach the provider. Default `["e164"]`.
    #[schemars(with = "Option<Vec<schema::Kind>>", length(min = 1))]
    pub(super) accepts: Option<At<Vec<At<String>>>>,
    /// The country in which numbers without `+` are read: two capital letters. Default:
    /// none.
    #[schemars(with = "Option<schema::Country>")]
    pub(super) default_region: Option<At<String>>,
    /// What the publisher's API demands besides the signature.
    #[serde(default)]
    pub(super) require: RawRequire,
    /// `"reference"` puts the provider's object into Twilio's reference shape;
    /// `"verbatim"` passes it on. Default `"reference"`.
    #[schemars(with = "Option<schema::Envelope>")]
    pub(super) envelope: Option<At<String>>,
    /// With `envelope = "verbatim"`: the answer for an error, in whose texts `{code}`,
    /// `{message}` and `{request_sid}` are filled in. At most 32 KiB.
    #[schemars(with = "Option<schema::Object>")]
    pub(super) on_error: Option<At<serde_json::Value>>,
    /// What is answered, as a success, where the provider fails. At most 32 KiB.
    #[schemars(with = "Option<schema::Object>")]
    pub(super) fallback: Option<At<serde_json::Value>>,
    /// Versions of the add-on's listing, by their SIDs, and the names under which their
    /// requests are counted; at most 32. Default: none.
    #[serde(default)]
    #[schemars(with = "BTreeMap<schema::AddOnVersion, schema::Label>")]
    pub(super) versions: BTreeMap<At<String>, At<String>>,
    /// Wall time for everything: waiting for a slot, starting the provider, the call; a
    /// duration. Default `"800ms"`, from 5 ms to 15 s.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) timeout: Option<At<String>>,
    /// Processor time of the call, a duration; waiting does not count. Default `"200ms"`,
    /// or `timeout` if that is shorter; from 2 ms to `timeout`. For recordings `"10s"`, up
    /// to 10 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) cpu: Option<At<String>>,
    /// What all memories of one instance may take together, a size. Default `"16MiB"`,
    /// for recordings `"32MiB"`; from 64 KiB to 64 MiB.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) memory: Option<At<String>>,
    /// The longest answer of the provider, a size. Default `"64KiB"`, from 64 B to 64 KiB;
    /// for recordings `"100MiB"`, and up to that.
    #[schemars(with = "Option<schema::Size>")]
    pub(super) reply_limit: Option<At<String>>,
    /// Calls at once; further ones wait. Default 64, for recordings 4; from 1 to 4096.
    #[schemars(range(min = 1, max = 4_096))]
    pub(super) concurrency: Option<At<i64>>,
    /// Calls that wait at once; further ones are `overloaded` at once. Default: as
    /// `concurrency`; from 0 to 65536.
    #[schemars(range(min = 0, max = 65_536))]
    pub(super) queue: Option<At<i64>>,
    /// The add-on's share of the host, beside the others' weights. Default 1, from 1 to
    /// 100.
    #[schemars(range(min = 1, max = 100))]
    pub(super) weight: Option<At<i64>>,
    /// Lines of one call that reach the log. Default 16, from 0 to 1000.
    #[schemars(range(min = 0, max = 1_000))]
    pub(super) log_lines: Option<At<i64>>,
    /// What an `overloaded` call is answered with: status 200 and an error inside, or 503,
    /// so that Twilio comes again. Default `"answer"`.
    #[schemars(with = "Option<schema::Overload>")]
    pub(super) overload: Option<At<String>>,
    /// When a provider that keeps failing is left alone, and for how long.
    #[serde(default)]
    pub(super) breaker: RawBreaker,
    /// When a new version is given up for the one before it.
    #[serde(default)]
    pub(super) trial: RawTrial,
    /// With `"grants"`, a new version that imports more than the one before waits for
    /// `jackfield approve`. Default `"never"`.
    #[schemars(with = "Option<schema::Approve>")]
    pub(super) approve: Option<At<String>>,
    /// A second component, which answers a part of the customers.
    pub(super) canary: Option<At<RawCandidate>>,
    /// A second component, which is asked as well and whose answers are compared.
    pub(super) shadow: Option<At<RawCandidate>>,
    /// What the provider gets besides the address and the SIDs. Default: nothing.
    #[serde(default)]
    pub(super) grants: RawGrants,
    /// What the provider may ask for by name, at most 64 texts.
    pub(super) settings: Option<At<BTreeMap<At<String>, At<RawSetting>>>>,
    /// The request that a new version must answer before it serves.
    pub(super) smoke: Option<At<RawSmoke>>,
    /// Recordings: what proves a multipart request, for which no public text says what is
    /// signed. Default `["body-hash", "signed-fields"]`.
    #[schemars(with = "Option<Vec<schema::Proof>>", length(min = 1))]
    pub(super) signature: Option<At<Vec<At<String>>>>,
    /// Recordings: what a bare number in the duration counts. Default `"ms"`.
    #[schemars(with = "Option<schema::TtlUnit>")]
    pub(super) duration_unit: Option<At<String>>,
    /// Recordings: what proves the host to whoever it calls back. Default: the account's
    /// SID and auth token, where the signature covers the address.
    pub(super) callback: Option<RawBasic>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a path, or one for each integration point; write \"/cnam\" or \
                 { lookups = \"/cnam\" }"
)]
pub(super) enum RawPath {
    /// The path of the one integration point that is served.
    One(#[schemars(with = "schema::Path")] String),
    /// A path for each integration point.
    Each(#[schemars(with = "BTreeMap<schema::Point, schema::Path>")] BTreeMap<String, String>),
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFields {
    /// Where the address stands. Default `["phone", "Phone", "primary_address"]`.
    pub(super) phone: Option<At<RawSources>>,
    /// Where the other party stands. Default `["secondary_address"]`.
    pub(super) other: Option<At<RawSources>>,
    /// Where the message stands. Default `["body", "Body"]`.
    pub(super) body: Option<At<RawSources>>,
    /// Recordings: the part with the audio. Default `["AudioData", "audio-data",
    /// "audio_data"]`.
    pub(super) audio: Option<At<RawSources>>,
    /// Recordings: the audio's temporary URL. Default `["URL", "url"]`.
    pub(super) url: Option<At<RawSources>>,
    /// Recordings: the audio's size in bytes. Default `["Size", "size"]`.
    pub(super) size: Option<At<RawSources>>,
    /// Recordings: the audio's duration. Default `["Duration", "duration"]`.
    pub(super) duration: Option<At<RawSources>>,
    /// Recordings: the audio's format. Default `["Format", "format"]`.
    pub(super) format: Option<At<RawSources>>,
    /// Recordings: how many channels there are. Default `["Channels", "channels"]`.
    pub(super) channels: Option<At<RawSources>>,
    /// Recordings: samples in a second. Default `["SampleRate", "sample_rate"]`.
    pub(super) sample_rate: Option<At<RawSources>>,
    /// Recordings: where the result is wanted. Default `["callback", "callback_url"]`.
    pub(super) callback: Option<At<RawSources>>,
    /// Further fields, by the name under which the provider gets them. Default: none.
    pub(super) extra: BTreeMap<At<String>, At<RawSources>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected where the field is read from; write a parameter's name, \
                 { header = \"NAME\" }, or a list of these"
)]
pub(super) enum RawSources {
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
pub(super) enum RawSource {
    /// A parameter's name.
    Parameter(#[schemars(length(min = 1))] String),
    /// A header, which the signature does not cover.
    Header(RawHeader),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHeader {
    /// The header's name.
    pub(super) header: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRequire {
    /// Parameters and their values, which are secrets; answered with 403 otherwise.
    pub(super) query: BTreeMap<At<String>, At<RawSecret>>,
    /// Headers and their values, which are secrets; answered with 403 otherwise.
    pub(super) headers: BTreeMap<At<String>, At<RawSecret>>,
    /// HTTP Basic; answered with 401 otherwise.
    pub(super) basic: Option<RawBasic>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBasic {
    /// The user's name, without a `:`.
    #[schemars(regex(pattern = "^[^:]*$"))]
    pub(super) username: At<String>,
    /// The password, a secret.
    pub(super) password: At<RawSecret>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawGrants {
    /// Fields that the provider gets: `"body"` the message, `"other"` the other party,
    /// `"*"` every further parameter, any other text that parameter or that field of
    /// `extra`. Default: none.
    pub(super) fields: Vec<At<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawBreaker {
    /// Failures in a row after which the provider is left alone; 0 for never. Default 10,
    /// from 0 to 10000.
    #[schemars(range(min = 0, max = 10_000))]
    pub(super) failures: Option<At<i64>>,
    /// For how long at first, a duration. Default `"1s"`, from 10 ms to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) pause: Option<At<String>>,
    /// For how long at most, a duration. Default `"30s"`, or `pause` if that is longer;
    /// from `pause` to 1 h.
    #[schemars(with = "Option<schema::Duration>")]
    pub(super) longest_pause: Option<At<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTrial {
    /// The calls for which a new version is watched; 0 for none. Default 100.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(super) requests: Option<At<i64>>,
    /// The failures among them that end it. Default 5.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(super) failures: Option<At<i64>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCandidate {
    /// The component: a `.wasm` in `server.plugin_dir`.
    #[schemars(with = "schema::Wasm")]
    pub(super) component: At<String>,
    /// Pins its bytes, by 64 hexadecimal digits.
    #[schemars(with = "Option<schema::Hash>")]
    pub(super) sha256: Option<At<String>>,
    /// Its part, of a hundred. Default 5 for a canary, 100 for a shadow.
    #[schemars(range(min = 0, max = 100))]
    pub(super) percent: Option<At<i64>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSmoke {
    /// The address to ask about.
    pub(super) phone: At<String>,
    /// The integration point. Default: the first that is served.
    #[schemars(with = "Option<schema::Point>")]
    pub(super) via: Option<At<String>>,
    /// The other party.
    pub(super) other: Option<At<String>>,
    /// The message.
    pub(super) body: Option<At<String>>,
    /// What the answer must contain: objects by a part of theirs, all else as it is.
    #[schemars(with = "Option<schema::Object>")]
    pub(super) expect: Option<At<serde_json::Value>>,
    /// The code that the provider must refuse with instead.
    pub(super) refusal: Option<At<String>>,
}
