//! All add-ons that are served, and where, and what every request meets. Immutable: a
//! request keeps the one it began with, and a reload puts a whole new one in its place.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::add_on::AddOn;
use crate::config::{AddOnName, Paths, ServerConfig};
use crate::protocol::point::IntegrationPoint;
use crate::protocol::sid::{AccountSid, AddOnSid};
use crate::protocol::signature::AccountKeys;

/// Add-ons by SID, paths by name, and the accounts that sign.
#[derive(Clone)]
pub struct Registry {
    /// Which one it is: a later one has a greater number.
    pub generation: u64,
    server: Arc<ServerConfig>,
    accounts: Arc<[AccountKeys]>,
    add_ons: HashMap<AddOnSid, Arc<AddOn>, RandomState>,
    paths: HashMap<String, IntegrationPoint, RandomState>,
}

impl Registry {
    /// Puts a registry together. SIDs and paths were checked to be unambiguous.
    #[must_use]
    pub fn new(
        generation: u64,
        server: ServerConfig,
        accounts: Vec<AccountKeys>,
        add_ons: Vec<AddOn>,
    ) -> Self {
        let mut paths: HashMap<_, _, RandomState> = IntegrationPoint::ALL
            .into_iter()
            .map(|point| (point.path().to_owned(), point))
            .collect();
        for add_on in &add_ons {
            if let Paths::Own(own) = &add_on.config.paths {
                paths.extend(own.iter().map(|(point, path)| (path.clone(), *point)));
            }
        }
        let add_ons = add_ons
            .into_iter()
            .map(|add_on| (add_on.config.terms.add_on, Arc::new(add_on)))
            .collect();
        Self {
            generation,
            server: Arc::new(server),
            accounts: accounts.into(),
            add_ons,
            paths,
        }
    }

    /// The next registry, in which one add-on is another. It is reached where it was.
    #[must_use]
    pub fn with(&self, add_on: AddOn) -> Self {
        let mut next = self.clone();
        next.generation += 1;
        let sid = add_on.config.terms.add_on;
        next.add_ons.insert(sid, Arc::new(add_on));
        next
    }

    /// Whether requests meet the same rules, and the same accounts sign them.
    #[must_use]
    pub fn serves_by(&self, server: &ServerConfig, accounts: &[AccountKeys]) -> bool {
        *self.server == *server && *self.accounts == *accounts
    }

    /// What every request meets.
    #[must_use]
    pub fn server(&self) -> &ServerConfig {
        &self.server
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

    /// The add-on that an operator calls so.
    #[must_use]
    pub fn named(&self, name: &AddOnName) -> Option<&Arc<AddOn>> {
        self.add_ons().find(|add_on| add_on.config.name == *name)
    }

    /// All add-ons, in no order.
    pub fn add_ons(&self) -> impl Iterator<Item = &Arc<AddOn>> {
        self.add_ons.values()
    }

    /// The accounts that sign.
    #[must_use]
    pub fn accounts(&self) -> &[AccountKeys] {
        &self.accounts
    }

    /// How many add-ons nothing serves.
    #[must_use]
    pub fn unavailable(&self) -> usize {
        self.add_ons().filter(|it| it.fault().is_some()).count()
    }

    /// The keys of an account.
    #[must_use]
    pub fn account(&self, sid: AccountSid) -> Option<&AccountKeys> {
        self.accounts.iter().find(|keys| keys.account == sid)
    }

    /// The accounts whose keys may prove a request: that of the add-on, or every one
    /// where no add-on is known.
    pub fn signers<'a>(
        &'a self,
        add_on: Option<&'a AddOn>,
    ) -> impl Iterator<Item = &'a AccountKeys> + Clone {
        self.accounts.iter().filter(move |keys| {
            add_on.is_none_or(|add_on| add_on.config.terms.account == keys.account)
        })
    }
}
