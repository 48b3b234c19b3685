//! What an operator gives a provider: names and texts, some of them secret.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

/// The settings of one add-on, in the order of their names. They never print.
#[derive(Clone, Default)]
pub struct Settings(Arc<[Setting]>);

/// One of them.
pub(in crate::config) struct Setting {
    pub(in crate::config) name: String,
    pub(in crate::config) value: SecretString,
    /// Whether the file only says where the value is kept.
    pub(in crate::config) is_secret: bool,
}

impl Settings {
    pub(in crate::config) fn new(settings: Vec<Setting>) -> Self {
        Self(settings.into())
    }

    /// Names and values, the secret ones too.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let settings = self.0.iter();
        settings.map(|setting| (setting.name.as_str(), setting.value.expose_secret()))
    }

    /// The values that stand in no file of the configuration, and in no log.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let secret = self.0.iter().filter(|setting| setting.is_secret);
        secret.map(|setting| setting.value.expose_secret())
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.pairs().eq(other.pairs()) && self.secrets().eq(other.secrets())
    }
}

impl Eq for Settings {}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings([REDACTED])")
    }
}
