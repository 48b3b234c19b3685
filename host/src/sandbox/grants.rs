//! What a component is loaded for.

use super::World;
use crate::config::{AddOnConfig, Settings};

/// What an add-on grants its component, as far as it matters before any call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grants {
    /// The add-on's name, to tell people.
    pub(super) add_on: String,
    /// What it is called for.
    pub(super) world: World,
    /// The memory of an instance, in bytes.
    pub(super) memory: usize,
    /// What it may ask for by name.
    pub(super) settings: Option<Settings>,
}

impl From<&AddOnConfig> for Grants {
    fn from(add_on: &AddOnConfig) -> Self {
        Self {
            add_on: add_on.name.to_string(),
            world: add_on.world(),
            memory: add_on.limits.memory,
            settings: add_on.settings.clone(),
        }
    }
}
