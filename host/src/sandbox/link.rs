//! From what was compiled to a provider: loading and linking, in one of the rooms.

use wasmtime::component::{Component, InstancePre};

use super::artifacts::Artifact;
use super::component::{Loader, Opened};
use super::entry::Entry;
use super::grants::Grants;
use super::guest::Guest;
use super::load_error::LoadCause;
use super::provider::{Linked, Provider};
use super::room::Room;
use super::{needs, settings, stack};

impl Loader {
    /// Makes a provider of what was compiled, if its add-on has what it needs.
    ///
    /// # Errors
    /// Where it cannot be called in this room, with the reason.
    pub(super) fn link(
        &self,
        artifact: &Artifact,
        opened: &Opened,
        grants: &Grants,
        room: &Room,
    ) -> Result<Provider, LoadCause> {
        let component = artifact
            .component(&room.engine)
            .map_err(|error| LoadCause::Unloadable(format!("{error:#}")))?;
        let ceilings = &self.sandbox.ceilings;
        needs::check(&component, &opened.sums, grants.memory, ceilings)
            .map_err(LoadCause::Needs)?;
        let checker = settings::checker(&component)?;
        let world = grants.world;
        world.check(&component)?;
        let linked = self.linked(&component, checker.is_some(), grants, room)?;
        let entry = Entry::of(world, linked).map_err(|error| world.missing(&error))?;
        let linked = Linked {
            entry,
            checker,
            settings: settings::given(grants.settings.as_ref()),
            stack: stack::largest(&opened.bytes),
        };
        Ok(Provider::new(&self.sandbox, room, linked))
    }

    /// Links a component to what its add-on is granted.
    fn linked(
        &self,
        component: &Component,
        checks: bool,
        grants: &Grants,
        room: &Room,
    ) -> Result<InstancePre<Guest>, LoadCause> {
        let asks = settings::asks(component, &room.engine);
        if asks && grants.settings.is_none() {
            return Err(LoadCause::NoSettings(grants.add_on.clone()));
        }
        let linked = room.link(component, grants.world, asks);
        if !asks && !checks && grants.settings.is_some() {
            self.remark(format!(
                "`addons.{}.settings`: the provider does not ask for settings",
                grants.add_on
            ));
        }
        linked.map_err(|error| LoadCause::Import(format!("{error:#}")))
    }
}
