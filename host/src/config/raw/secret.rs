//! Secrets and settings, as they are written.

use schemars::JsonSchema;
use serde::Deserialize;

/// A setting's text, or where it is kept.
#[derive(Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a text, or a reference to a secret; write \"text\", \
                 { env = \"NAME\" } or { file = \"PATH\" }"
)]
pub(in crate::config) enum RawSetting {
    /// The text.
    Text(String),
    /// Where it is kept.
    Secret(RawSecret),
}

impl std::fmt::Debug for RawSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawSetting([REDACTED])")
    }
}

/// A reference to a secret. There is no way to write the secret itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "expected a reference to a secret, and never the secret itself; write \
                 { env = \"NAME\" } or { file = \"PATH\" }"
)]
pub(in crate::config) enum RawSecret {
    // Not structs of their own: those could be written as lists, with the secret itself
    // taken for a name.
    /// The value of a variable of the environment.
    Env {
        /// The variable's name.
        env: String,
    },
    /// The content of a file.
    File {
        /// The file's path, from the directory of the first configuration file.
        file: String,
    },
}
