//! Traces, as in the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, RawSecret};
use crate::config::schema;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["endpoint"]))]
pub(in crate::config) struct RawTraces {
    /// The collector's URL, as in `"http://127.0.0.1:4318"`: traces go to `/v1/traces` below
    /// it, by OTLP over HTTP.
    #[schemars(with = "Option<schema::Url>")]
    pub(in crate::config) endpoint: Option<At<String>>,
    /// The share of all requests that is traced, from 0 to 1; those that fail once they are
    /// verified are traced in any case. Default `1.0`.
    #[schemars(range(min = 0, max = 1))]
    pub(in crate::config) share: Option<At<f64>>,
    /// What the collector wants in the head of each request, as in
    /// `authorization = { env = "OTLP_AUTHORIZATION" }`: secrets. Default: none.
    pub(in crate::config) headers: BTreeMap<At<String>, At<RawSecret>>,
}
