//! Whose requests the demonstration signs.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Result, bail};

/// The account whose requests are signed.
pub(crate) struct Account {
    sid: OsString,
    auth_token: OsString,
}

impl Account {
    /// The environment's account, or one that is good for nothing but this.
    pub(crate) fn from_environment() -> Result<Self> {
        match (env::var_os("ACCOUNT_SID"), env::var_os("AUTH_TOKEN")) {
            (Some(sid), Some(auth_token)) => Ok(Self { sid, auth_token }),
            (None, None) => Ok(Self {
                sid: "AC05b3911315a1322d1dede66eed740000".into(),
                auth_token: "a-token-for-demonstration-only".into(),
            }),
            _ => bail!("the environment has one of ACCOUNT_SID and AUTH_TOKEN; set both or none"),
        }
    }

    /// Puts the account into the environment of `command`.
    pub(crate) fn give_to(&self, command: &mut Command) {
        command
            .env("ACCOUNT_SID", &self.sid)
            .env("AUTH_TOKEN", &self.auth_token);
    }
}
