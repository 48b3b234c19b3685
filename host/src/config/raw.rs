//! The shape of `addons.toml`, with nothing decided yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A value and its place in the file.
pub(super) type At<T> = Spanned<T>;

/// Tables by their names, in the order of the file.
pub(super) type Named<T> = Vec<(At<String>, At<T>)>;

/// One whole file. It is put together table by table, so that one wrong table does not
/// hide what is wrong with the next.
#[derive(Debug, Default)]
pub(super) struct RawConfig {
    pub(super) include: Vec<At<String>>,
    pub(super) server: Option<At<RawServer>>,
    pub(super) accounts: Named<RawAccount>,
    pub(super) addons: Named<RawAddOn>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawServer {
    pub(super) listen: Option<At<String>>,
    pub(super) public_url: Option<At<String>>,
    pub(super) public_urls: Option<At<Vec<At<String>>>>,
    pub(super) verify: Option<At<bool>>,
    pub(super) plugin_dir: Option<At<String>>,
    pub(super) body_limit: Option<At<String>>,
    pub(super) body_timeout: Option<At<String>>,
    pub(super) header_timeout: Option<At<String>>,
    pub(super) connections: Option<At<i64>>,
    pub(super) concurrency: Option<At<i64>>,
    pub(super) state_dir: Option<At<String>>,
    pub(super) compile_memory: Option<At<String>>,
    pub(super) compile_time: Option<At<String>>,
    pub(super) freshness: RawFreshness,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFreshness {
    pub(super) date: Option<At<RawSources>>,
    pub(super) ttl: Option<At<RawSources>>,
    pub(super) ttl_unit: Option<At<String>>,
    pub(super) default_ttl: Option<At<String>>,
    pub(super) clock_skew: Option<At<String>>,
    pub(super) required: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAccount {
    pub(super) auth_tokens: Vec<At<RawSecret>>,
    pub(super) shared_keys: BTreeMap<At<String>, At<RawSecret>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAddOn {
    pub(super) account: Option<At<String>>,
    pub(super) sid: At<String>,
    pub(super) component: At<String>,
    pub(super) sha256: Option<At<String>>,
    pub(super) serves: Option<At<Vec<At<String>>>>,
    pub(super) path: Option<At<RawPath>>,
    pub(super) methods: Option<At<Vec<At<String>>>>,
    #[serde(default)]
    pub(super) fields: RawFields,
    pub(super) accepts: Option<At<Vec<At<String>>>>,
    pub(super) default_region: Option<At<String>>,
    #[serde(default)]
    pub(super) require: RawRequire,
    pub(super) envelope: Option<At<String>>,
    pub(super) on_error: Option<At<serde_json::Value>>,
    pub(super) fallback: Option<At<serde_json::Value>>,
    pub(super) timeout: Option<At<String>>,
    pub(super) cpu: Option<At<String>>,
    pub(super) memory: Option<At<String>>,
    pub(super) reply_limit: Option<At<String>>,
    pub(super) concurrency: Option<At<i64>>,
    pub(super) queue: Option<At<i64>>,
    pub(super) weight: Option<At<i64>>,
    pub(super) log_lines: Option<At<i64>>,
    pub(super) overload: Option<At<String>>,
    #[serde(default)]
    pub(super) breaker: RawBreaker,
    #[serde(default)]
    pub(super) grants: RawGrants,
    pub(super) settings: Option<At<BTreeMap<At<String>, At<RawSetting>>>>,
    pub(super) smoke: Option<At<RawSmoke>>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a path, or one for each integration point; write \"/cnam\" or \
                 { lookups = \"/cnam\" }"
)]
pub(super) enum RawPath {
    One(String),
    Each(BTreeMap<String, String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFields {
    pub(super) phone: Option<At<RawSources>>,
    pub(super) other: Option<At<RawSources>>,
    pub(super) body: Option<At<RawSources>>,
    pub(super) extra: BTreeMap<At<String>, At<RawSources>>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected where the field is read from; write a parameter's name, \
                 { header = \"NAME\" }, or a list of these"
)]
pub(super) enum RawSources {
    One(RawSource),
    Several(Vec<RawSource>),
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected where the field is read from; write a parameter's name or \
                 { header = \"NAME\" }"
)]
pub(super) enum RawSource {
    Parameter(String),
    Header(RawHeader),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHeader {
    pub(super) header: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawRequire {
    pub(super) query: BTreeMap<At<String>, At<RawSecret>>,
    pub(super) headers: BTreeMap<At<String>, At<RawSecret>>,
    pub(super) basic: Option<RawBasic>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBasic {
    pub(super) username: At<String>,
    pub(super) password: At<RawSecret>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawGrants {
    pub(super) fields: Vec<At<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawBreaker {
    pub(super) failures: Option<At<i64>>,
    pub(super) pause: Option<At<String>>,
    pub(super) longest_pause: Option<At<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSmoke {
    pub(super) phone: At<String>,
    pub(super) via: Option<At<String>>,
    pub(super) other: Option<At<String>>,
    pub(super) body: Option<At<String>>,
    pub(super) expect: Option<At<serde_json::Value>>,
    pub(super) refusal: Option<At<String>>,
}

/// A setting's text, or where it is kept.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text, or a reference to a secret; write \"text\", \
                 { env = \"NAME\" } or { file = \"PATH\" }"
)]
pub(super) enum RawSetting {
    Text(String),
    Secret(RawSecret),
}

impl std::fmt::Debug for RawSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawSetting([REDACTED])")
    }
}

/// A reference to a secret. There is no way to write the secret itself.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a reference to a secret, and never the secret itself; write \
                 { env = \"NAME\" } or { file = \"PATH\" }"
)]
pub(super) enum RawSecret {
    // Not structs of their own: those could be written as lists, with the secret itself
    // taken for a name.
    Env { env: String },
    File { file: String },
}
