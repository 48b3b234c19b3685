//! The `[addons]` tables.

mod answers;
mod listing;
mod paths;
mod provider;
mod recordings;
mod requests;
mod settings;
mod smoke;
mod versions;

use std::collections::HashMap;
use std::path::PathBuf;

use super::checked::{AddOnConfig, AddOnName, Checking, Spot};
use super::raw::{At, RawAddOn};
use super::source::RawFile;
use super::values::Table;
use crate::protocol::invocation::Terms;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::sid::{AccountSid, AddOnSid};
use crate::protocol::signature::AccountKeys;

/// What an add-on is checked against: the other tables, and the add-ons before it.
struct Around<'a> {
    accounts: &'a [AccountKeys],
    plugin_dir: PathBuf,
    names: HashMap<String, Spot>,
    sids: HashMap<AddOnSid, Spot>,
    paths: HashMap<String, (IntegrationPoint, Spot)>,
}

impl Checking<'_> {
    /// All add-ons of all files.
    pub(super) fn add_ons(
        &mut self,
        files: &[RawFile],
        accounts: &[AccountKeys],
    ) -> Vec<AddOnConfig> {
        let mut around = Around {
            accounts,
            plugin_dir: self.plugin_dir_of(files),
            names: HashMap::new(),
            sids: HashMap::new(),
            paths: HashMap::new(),
        };
        let mut add_ons = Vec::new();
        for file in files {
            for (name, raw) in &file.raw.addons {
                let key = format!("addons.{}", name.get_ref());
                let at = Spot::new(&file.source, name.span(), key);
                if let Some(name) = self.add_on_name(&at, name.get_ref(), &mut around) {
                    add_ons.extend(self.add_on(&at, name, raw.get_ref(), &mut around));
                }
            }
        }
        self.paths_that_begin_another(&add_ons, &around);
        if add_ons.is_empty() && self.errors.is_empty() {
            self.warnings
                .push("there is no add-on: every request will be refused".to_owned());
        }
        add_ons
    }

    fn add_on_name(&mut self, at: &Spot, name: &str, around: &mut Around<'_>) -> Option<AddOnName> {
        let help = "choose a short name for logs and metrics, as in [addons.caller-name]";
        let name: AddOnName = self.parsed(at, name, help)?;
        if let Some(first) = around.names.get(name.as_str()) {
            let problem = format!("the add-on is defined in {} already", first.line());
            self.clash(at, problem, "give one of them another name", first);
        }
        around.names.insert(name.as_str().to_owned(), at.clone());
        Some(name)
    }

    fn add_on(
        &mut self,
        at: &Spot,
        name: AddOnName,
        raw: &RawAddOn,
        around: &mut Around<'_>,
    ) -> Option<AddOnConfig> {
        let table = Table {
            source: &at.source,
            name: &at.key,
        };
        let sid = self.add_on_sid(table, &raw.sid, around);
        let account = self.add_on_account(table, at, raw, around.accounts);
        let paths = self.paths(table, raw, around);
        let recordings = self.recordings(table, &name, raw, paths.as_ref());
        let shapes = self.shapes(table, raw, recordings.is_some());
        let fields = self.fields(table, &raw.fields);
        self.warn_of(&name, fields.headers());
        let limits = match recordings {
            None => self.limits(table, raw),
            Some(_) => self.limits_of_recordings(table, raw),
        };
        let breaker = self.breaker(table, raw);
        let overload = self.overload(table, raw);
        let component = self.component(table, raw, &around.plugin_dir);
        let canary = self.canary(table, raw, &around.plugin_dir);
        let shadow = self.shadow(table, raw, &around.plugin_dir);
        let envelope = self.envelope(table, raw);
        let fallback = self.fallback(table, raw);
        let require = self.require(table, &raw.require);
        let accepts = self.accepts(table, raw);
        let default_region = self.default_region(table, raw);
        let settings = self.settings(table, raw);
        let versions = self.listing_versions(table, raw);
        let terms = Terms {
            account: account?,
            add_on: sid?,
            shapes,
            fields,
            grants: requests::field_grants(&raw.grants),
            accepts,
            default_region,
        };
        let paths = paths?;
        let smoke = self.smoke(table, raw, &terms, &paths);
        Some(AddOnConfig {
            terms,
            name,
            component: component?,
            paths,
            require,
            envelope,
            fallback,
            settings,
            smoke,
            versions,
            limits,
            breaker,
            overload,
            trial: self.trial(table, raw),
            approve_grants: self.approve(table, raw),
            canary,
            shadow,
            recordings,
        })
    }

    fn add_on_sid(
        &mut self,
        table: Table<'_>,
        raw: &At<String>,
        around: &mut Around<'_>,
    ) -> Option<AddOnSid> {
        let at = table.at("sid", raw);
        let help = "copy the add-on's SID from Twilio's console";
        let sid: AddOnSid = self.parsed(&at, raw.get_ref(), help)?;
        if let Some(first) = around.sids.get(&sid) {
            let problem = format!("`{sid}` is `{}` in {} already", first.key, first.line());
            self.clash(&at, problem, "give each add-on its own SID", first);
            return None;
        }
        around.sids.insert(sid, at);
        Some(sid)
    }

    fn add_on_account(
        &mut self,
        table: Table<'_>,
        at: &Spot,
        raw: &RawAddOn,
        accounts: &[AccountKeys],
    ) -> Option<AccountSid> {
        match (&raw.account, accounts) {
            (Some(raw), _) => {
                let at = table.at("account", raw);
                let help = "write the SID of one of the [accounts.AC…] tables";
                let account = self.parsed::<AccountSid>(&at, raw.get_ref(), help)?;
                if accounts.iter().any(|known| known.account == account) {
                    return Some(account);
                }
                let help = "add an [accounts.AC…] table for it, or correct the SID";
                self.fail(&at, format!("there is no account `{account}`"), help);
                None
            }
            (None, [only]) => Some(only.account),
            (None, []) => None,
            (None, _) => {
                let at = Spot::new(&at.source, at.span.clone(), format!("{}.account", at.key));
                let help = "name the account that this add-on belongs to: its tokens sign for it";
                self.fail(&at, "there are several accounts, and none is named", help);
                None
            }
        }
    }
}
