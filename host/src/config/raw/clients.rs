//! How much is taken from whom, as in the file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;
use crate::config::schema;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RawRates {
    /// Requests of one address that are not verified, a rate as in `"20/s"`.
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::config) unverified: Option<At<String>>,
    /// Verified requests of one account, a rate.
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::config) account: Option<At<String>>,
    /// Verified requests of one installation, a rate.
    #[schemars(with = "Option<schema::Rate>")]
    pub(in crate::config) install: Option<At<String>>,
}
