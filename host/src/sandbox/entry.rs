//! By which export a component is called, once its imports are resolved.

use std::sync::Arc;

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Result, StoreContextMut};

use super::World;
use super::contract::analysis::{AnalysisProvider, AnalysisProviderPre};
use super::contract::{LookupProvider, LookupProviderPre};
use super::guest::Guest;

/// A linked component, and what of it is called.
pub(super) enum Entry {
    /// Counted once by each call, and not by each of its parts.
    Lookup(Arc<LookupProviderPre<Guest>>),
    Analysis(AnalysisProviderPre<Guest>),
}

impl Entry {
    /// The export of a component that this world calls.
    ///
    /// # Errors
    /// Where it is not there, or not as the contract has it.
    pub(super) fn of(world: World, linked: InstancePre<Guest>) -> Result<Self> {
        Ok(match world {
            World::Lookup => Self::Lookup(Arc::new(LookupProviderPre::new(linked)?)),
            World::Analysis => Self::Analysis(AnalysisProviderPre::new(linked)?),
        })
    }

    pub(super) fn world(&self) -> World {
        match self {
            Self::Lookup(_) => World::Lookup,
            Self::Analysis(_) => World::Analysis,
        }
    }

    /// What an instance is made of.
    pub(super) fn linked(&self) -> &InstancePre<Guest> {
        match self {
            Self::Lookup(pre) => pre.instance_pre(),
            Self::Analysis(pre) => pre.instance_pre(),
        }
    }
}

impl World {
    /// Looks whether an instance can be called.
    ///
    /// # Errors
    /// Where it cannot.
    pub(super) fn find_in(
        self,
        instance: &Instance,
        store: StoreContextMut<'_, Guest>,
    ) -> Result<()> {
        match self {
            Self::Lookup => LookupProvider::new(store, instance).map(drop),
            Self::Analysis => AnalysisProvider::new(store, instance).map(drop),
        }
    }
}
