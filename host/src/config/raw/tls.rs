//! TLS, as in the file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::At;
use crate::config::schema;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawTls {
    /// The certificates, chosen by the names in them; the first is for whoever asks for
    /// none of these. Several whose keys are of different kinds may be for one name: a client
    /// is shown the first of a kind that it knows.
    #[schemars(length(min = 1))]
    pub(in crate::config) certificates: At<Vec<At<RawCertificate>>>,
    /// How long a client may take until TLS is agreed on, a duration. Default `"5s"`, from
    /// 10 ms to 1 min.
    #[schemars(with = "Option<schema::Duration>")]
    pub(in crate::config) handshake_timeout: Option<At<String>>,
    /// Whether clients may choose HTTP/2. Default `false`.
    #[serde(default)]
    pub(in crate::config) http2: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawCertificate {
    /// A PEM file with the certificate, and behind it those of the authorities between it
    /// and one that clients know.
    pub(in crate::config) chain: At<String>,
    /// A PEM file with the certificate's private key, without a password.
    pub(in crate::config) key: At<String>,
}
