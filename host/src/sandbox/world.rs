//! The worlds of the contract: what a component is called for.

use wasmtime::component::Component;

use super::load_error::LoadCause;

/// A world of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// The integration points whose answer Twilio waits for.
    Lookup,
    /// Recordings.
    Analysis,
}

impl World {
    /// Every world.
    pub const ALL: [Self; 2] = [Self::Lookup, Self::Analysis];

    /// The name of the world, without its package and version.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lookup => "lookup-provider",
            Self::Analysis => "analysis-provider",
        }
    }

    /// What a component exports for it, in the first version that has it. Later ones are
    /// found by it as well, and earlier hosts' components by it are.
    #[must_use]
    pub fn interface(self) -> &'static str {
        match self {
            Self::Lookup => "jackfield:addon/lookup@1.0.0",
            Self::Analysis => "jackfield:addon/analysis@1.1.0",
        }
    }

    /// The same without its version.
    pub(super) fn interface_of_any_version(self) -> &'static str {
        let interface = self.interface();
        interface
            .split_once('@')
            .map_or(interface, |(name, _)| name)
    }

    /// What an add-on serves whose component is called for it.
    #[must_use]
    pub fn serves(self) -> &'static str {
        match self {
            Self::Lookup => "lookups, incoming messages or incoming calls",
            Self::Analysis => "recordings",
        }
    }

    /// Whether a component exports what it is called by.
    fn is_of(self, component: &Component) -> bool {
        let export = component.get_export_index(None, self.interface());
        export.is_some()
    }

    /// What is said of a component that cannot be called for it.
    pub(super) fn missing(self, error: &wasmtime::Error) -> LoadCause {
        LoadCause::World {
            needs: self,
            why: format!("{error:#}"),
        }
    }

    /// Checks that a component is not one of another world, before anything is said of what
    /// it imports: that is another world's as well.
    ///
    /// # Errors
    /// Where it is, and not of this one.
    pub(super) fn check(self, component: &Component) -> Result<(), LoadCause> {
        if self.is_of(component) {
            return Ok(());
        }
        let other = Self::ALL.into_iter().find(|world| world.is_of(component));
        // One of none at all has more to be said of it, when it is linked.
        other.map_or(Ok(()), |has| {
            Err(LoadCause::OtherWorld { has, needs: self })
        })
    }
}
