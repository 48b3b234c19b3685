//! What one registry serves otherwise than another: of a reload that was made, and of one
//! that is only thought of.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::report::Change;
use crate::add_on::AddOn;
use crate::config::{AddOnConfig, AddOnName, JobsConfig, Paths, ServerConfig};
use crate::protocol::signature::AccountKeys;
use crate::registry::Registry;

/// Why nothing is taken up where one component is no good.
pub(super) const ALL_OR_NOTHING: &str =
    "`reload = \"all-or-nothing\"`: so nothing else was taken up";

/// What tells two states of an add-on apart.
#[derive(Clone, Copy)]
pub(super) struct Face<'a> {
    pub(super) config: &'a AddOnConfig,
    /// The SHA-256 of what serves it.
    pub(super) main: Option<&'a str>,
    /// The SHA-256 of its canary.
    pub(super) canary: Option<&'a str>,
    /// The SHA-256 of its shadow.
    pub(super) shadow: Option<&'a str>,
}

impl<'a> From<&'a AddOn> for Face<'a> {
    fn from(add_on: &'a AddOn) -> Self {
        let canary = add_on.canary.as_ref();
        let canary = canary.and_then(|canary| canary.serving.as_ref().ok());
        let shadow = add_on.shadow.as_ref();
        let shadow = shadow.and_then(|shadow| shadow.version.as_ref().ok());
        Self {
            config: &add_on.config,
            main: add_on.sha256(),
            canary: canary.map(|serving| serving.version.sha256.as_str()),
            shadow: shadow.map(|version| version.sha256.as_str()),
        }
    }
}

/// The add-ons of a registry.
pub(super) fn faces(registry: &Registry) -> Vec<Face<'_>> {
    registry
        .add_ons()
        .map(|add_on| Face::from(&**add_on))
        .collect()
}

/// What is served otherwise than before.
pub(super) fn changes(old: &[Face<'_>], new: &[Face<'_>]) -> Vec<Change> {
    let by_name = |faces: &[Face<'_>]| {
        let named = faces.iter().map(|face| face.config.name.clone());
        named.zip(0..).collect::<HashMap<AddOnName, usize>>()
    };
    let (before, after) = (by_name(old), by_name(new));
    let mut changes: Vec<Change> = new
        .iter()
        .flat_map(|face| match before.get(&face.config.name) {
            None => vec![Change::of(
                face.config.name.as_str(),
                "added",
                None,
                face.main,
            )],
            Some(before) => changed(&old[*before], face),
        })
        .collect();
    let gone = old
        .iter()
        .filter(|face| !after.contains_key(&face.config.name));
    changes.extend(gone.map(|gone| {
        let name = gone.config.name.as_str();
        Change::of(name, "removed", gone.main, None)
    }));
    changes
}

fn changed(before: &Face<'_>, after: &Face<'_>) -> Vec<Change> {
    let name = after.config.name.as_str();
    let mut changes = Vec::new();
    for (what, old, new) in [
        ("component", before.main, after.main),
        ("canary", before.canary, after.canary),
        ("shadow", before.shadow, after.shadow),
    ] {
        if old != new {
            changes.push(Change::of(name, what, old, new));
        }
    }
    if before.config != after.config {
        changes.push(Change::of(name, "settings", None, None));
    }
    changes
}

/// What only a start can change goes on as it is.
pub(super) fn keep_what_is_fixed(
    old: &ServerConfig,
    new: &mut ServerConfig,
    remarks: &mut Vec<String>,
) {
    let mut keep = |key: &str, same: bool| {
        if !same {
            remarks.push(format!("`server.{key}` counts from the next start"));
        }
    };
    keep("listen", old.listen == new.listen);
    keep("tls", old.tls.is_some() == new.tls.is_some());
    keep("verify", old.verify == new.verify);
    keep("connections", old.connections == new.connections);
    keep("header_timeout", old.header_timeout == new.header_timeout);
    keep("drain_timeout", old.drain_timeout == new.drain_timeout);
    keep("concurrency", old.concurrency == new.concurrency);
    keep("state_dir", old.state_dir == new.state_dir);
    keep("watch", old.reload.watch == new.reload.watch);
    keep("poll", old.reload.poll == new.reload.poll);
    if door(old) != door(new) {
        remarks.push("`operators` counts from the next start".to_owned());
        new.operators.clone_from(&old.operators);
    }
    new.listen = old.listen;
    if old.tls.is_some() != new.tls.is_some() {
        new.tls.clone_from(&old.tls);
    }
    new.verify = old.verify;
    new.connections = old.connections;
    new.header_timeout = old.header_timeout;
    new.drain_timeout = old.drain_timeout;
    new.concurrency = old.concurrency;
    new.state_dir.clone_from(&old.state_dir);
    new.reload.watch = old.reload.watch;
    new.reload.poll = old.reload.poll;
}

/// Where the operators' listener is, and whether it speaks TLS. While either is to change,
/// all of the table waits: a token that is gone from the new one may be all that proves
/// operators at the old address.
fn door(server: &ServerConfig) -> Option<(SocketAddr, bool)> {
    let operators = server.operators.as_ref()?;
    Some((operators.listen, operators.tls.is_some()))
}

/// Only a start can change how jobs are kept.
pub(super) fn remark_on_jobs(old: &JobsConfig, new: &JobsConfig, remarks: &mut Vec<String>) {
    if old != new {
        remarks.push("`jobs` counts from the next start".to_owned());
    }
}

/// Why these add-ons cannot be served together. Those of one configuration can; one that
/// keeps its old entry may be in the way of another.
pub(super) fn objection<'a>(
    configs: impl Iterator<Item = &'a AddOnConfig>,
    accounts: &[AccountKeys],
) -> Option<String> {
    let (mut sids, mut paths) = (HashMap::new(), HashMap::new());
    for config in configs {
        let clash = |other: &AddOnName, what: &str| {
            format!(
                "`addons.{}` and `addons.{other}` would have {what}, because one of them keeps \
                 its old entry: its component is no good",
                config.name
            )
        };
        if accounts
            .iter()
            .all(|keys| keys.account != config.terms.account)
        {
            return Some(format!(
                "`addons.{}` keeps its old entry, because its component is no good, and its \
                 account is gone",
                config.name
            ));
        }
        if let Some(other) = sids.insert(config.terms.add_on, &config.name) {
            return Some(clash(other, "the same SID"));
        }
        let Paths::Own(own) = &config.paths else {
            continue;
        };
        for (point, path) in own {
            if let Some((other, before)) = paths.insert(path.as_str(), (&config.name, point))
                && before != point
            {
                return Some(clash(other, "the same path"));
            }
        }
    }
    None
}
