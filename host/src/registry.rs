//! All add-ons that are served, and where. Immutable: a request keeps the one it began
//! with.

use std::collections::HashMap;
use std::sync::Arc;

use crate::add_on::AddOn;
use crate::config::Paths;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::sid::AddOnSid;
use crate::protocol::signature::AccountKeys;

/// Add-ons by SID, paths by name, and the accounts that sign.
pub struct Registry {
    accounts: Vec<AccountKeys>,
    add_ons: HashMap<AddOnSid, Arc<AddOn>>,
    paths: HashMap<String, IntegrationPoint>,
}

impl Registry {
    /// Puts a registry together. SIDs and paths were checked to be unambiguous.
    #[must_use]
    pub fn new(accounts: Vec<AccountKeys>, add_ons: Vec<AddOn>) -> Self {
        let mut paths: HashMap<String, IntegrationPoint> = IntegrationPoint::ALL
            .into_iter()
            .map(|point| (point.path().to_owned(), point))
            .collect();
        for add_on in &add_ons {
            if let Paths::Own(own) = &add_on.config().paths {
                paths.extend(own.iter().map(|(point, path)| (path.clone(), *point)));
            }
        }
        let add_ons = add_ons
            .into_iter()
            .map(|add_on| (add_on.config().terms.add_on, Arc::new(add_on)))
            .collect();
        Self {
            accounts,
            add_ons,
            paths,
        }
    }

    /// The integration point that a path stands for.
    #[must_use]
    pub fn point(&self, path: &str) -> Option<IntegrationPoint> {
        self.paths.get(path).copied()
    }

    /// The add-on of a SID.
    #[must_use]
    pub fn get(&self, sid: AddOnSid) -> Option<&Arc<AddOn>> {
        self.add_ons.get(&sid)
    }

    /// All add-ons, in no order.
    pub fn add_ons(&self) -> impl Iterator<Item = &Arc<AddOn>> {
        self.add_ons.values()
    }

    /// The accounts whose keys may prove a request: that of the add-on, or every one
    /// where no add-on is known.
    pub fn signers<'a>(
        &'a self,
        add_on: Option<&'a AddOn>,
    ) -> impl Iterator<Item = &'a AccountKeys> {
        self.accounts.iter().filter(move |keys| {
            add_on.is_none_or(|add_on| add_on.config().terms.account == keys.account)
        })
    }
}
