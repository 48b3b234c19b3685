//! The shape of `addons.toml`, with nothing decided yet. The doc comment of each key is
//! its sentence in the JSON schema (see [`schema`]), which editors show.

mod add_on;
mod clients;
mod secret;
mod tls;
mod traces;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use super::at::At;
use super::schema;

pub(super) use add_on::{
    RawAddOn, RawBasic, RawCandidate, RawFields, RawGrants, RawPath, RawRequire, RawSmoke,
    RawSource, RawSources,
};
pub(super) use clients::RawRates;
pub(super) use secret::{RawSecret, RawSetting};
pub(super) use tls::{RawCertificate, RawTls};
pub(super) use traces::RawTraces;

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
    /// Traces of requests by OpenTelemetry's protocol (OTLP). The first file alone may have
    /// it. Default: none are made.
    pub(super) traces: Option<At<RawTraces>>,
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
    /// The addresses of proxies that are believed about whom they pass on, as in
    /// `"10.0.0.0/8"`. Default: none.
    #[schemars(with = "Option<Vec<schema::Network>>")]
    pub(super) trusted_proxies: Option<At<Vec<At<String>>>>,
    /// Whether these proxies begin each connection with a header of the PROXY protocol.
    /// Default `false`.
    pub(super) proxy_protocol: Option<At<bool>>,
    /// The header in which these proxies say whom they pass on, where they do.
    #[schemars(with = "Option<schema::Forwarded>")]
    pub(super) forwarded: Option<At<String>>,
    /// The addresses whose requests are taken, as in `"174.129.222.33"`. Default: all.
    #[schemars(with = "Option<Vec<schema::Network>>", length(min = 1))]
    pub(super) allowed_networks: Option<At<Vec<At<String>>>>,
    /// Connections of one address at once, those of trusted proxies aside; further ones are
    /// closed. Default: no limit, else from 1 to 1000000.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(super) connections_per_address: Option<At<i64>>,
    /// How much is taken from whom. Default: no limits.
    pub(super) rates: RawRates,
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
    /// The address and port to listen on, as in `"127.0.0.1:8081"`. One that others can
    /// reach needs `tls` and `token`.
    pub(super) listen: Option<At<String>>,
    /// What requests have to carry as `Authorization: Bearer …`, a secret. Default: none.
    pub(super) token: Option<At<RawSecret>>,
    /// Has `listen` speak TLS, without HTTP/2. Default: it speaks plain HTTP.
    pub(super) tls: Option<At<RawTls>>,
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
