//! Which version serves an add-on: the component in place, if it is sound and nothing
//! speaks against it; otherwise one that served before.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tracing::warn;

use super::assembly::Assembly;
use crate::add_on::{AddOn, Canary, Hindrance, Shadow};
use crate::config::{AddOnConfig, Candidate, Component, ServerConfig};
use crate::sandbox::{LoadError, Opened, imports};
use crate::state::{Hold, HoldKind, Record};
use crate::version::{Serving, Version};

/// What an add-on is to be served by.
pub(super) struct Choice {
    pub(super) config: Arc<AddOnConfig>,
    /// What serves it, if anything was found that can.
    pub(super) main: Option<Chosen>,
    /// Why that is not the component in place.
    pub(super) hindrance: Option<Hindrance>,
    /// Whether the component in place may be better in a moment.
    pub(super) unfinished: bool,
    /// Whether that moment is waited for.
    pub(super) waits: bool,
    pub(super) canary: Option<Canary>,
    pub(super) shadow: Option<Arc<Shadow>>,
}

/// A version that can serve.
pub(super) enum Chosen {
    /// It serves already.
    Kept(Serving),
    /// It was loaded, from these bytes if there is no copy of them yet.
    Loaded(Arc<Version>, Option<Bytes>),
}

impl Chosen {
    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::Kept(serving) => &serving.version.sha256,
            Self::Loaded(version, _) => &version.sha256,
        }
    }
}

/// Why a component is not chosen.
enum Unfit {
    /// It cannot be read.
    Unread(LoadError),
    /// It was read and is no good.
    Unsound(String, LoadError),
    /// It would be good, and waits for an operator.
    Held(String, Hold),
}

impl Choice {
    /// What the component in place looks like, where it may still be being written.
    pub(super) fn unfinished(&self) -> Option<String> {
        let hindrance = self.hindrance.as_ref().filter(|_| self.unfinished)?;
        // The reason for the same bytes may change: what did not compile is remembered.
        let looks = hindrance.sha256.as_ref().unwrap_or(&hindrance.why);
        Some(looks.clone())
    }
}

/// The search for one add-on's versions.
pub(super) struct Search<'a> {
    pub(super) assembly: &'a Assembly,
    pub(super) server: &'a ServerConfig,
    pub(super) config: Arc<AddOnConfig>,
    /// What serves it at the moment.
    pub(super) current: Option<Arc<AddOn>>,
    /// What is known of it.
    pub(super) record: Record,
}

impl Search<'_> {
    pub(super) async fn choose(self) -> Choice {
        let current = self.current.as_ref();
        let serving = current.and_then(|add_on| add_on.main.as_ref());
        let in_place = self.component(&self.config.component, serving).await;
        let unfinished = matches!(&in_place, Err(unfit) if unfit.may_be_unfinished());
        let (main, hindrance) = match in_place {
            Ok(chosen) => (Some(chosen), None),
            Err(unfit) => {
                let hindrance = unfit.hindrance();
                (self.earlier(&hindrance).await, Some(hindrance))
            }
        };
        Choice {
            main,
            hindrance,
            unfinished,
            waits: false,
            canary: self.canary().await,
            shadow: self.shadow().await,
            config: self.config,
        }
    }

    /// The component in a file, unless something speaks against it.
    async fn component(
        &self,
        component: &Component,
        serving: Option<&Serving>,
    ) -> Result<Chosen, Unfit> {
        let _turn = self.assembly.host.loader.turn().await;
        let opened = self.opened(component).await?;
        if let Some(kept) = self.kept(&opened.sha256, serving) {
            return Ok(kept);
        }
        let chosen = self.load(&opened).await?;
        match self.unapproved(&opened) {
            Some(hold) => Err(Unfit::Held(opened.sha256, hold)),
            None => Ok(chosen),
        }
    }

    /// The bytes of a file, unless an operator or a trial has spoken against them.
    async fn opened(&self, component: &Component) -> Result<Opened, Unfit> {
        let loader = &self.assembly.host.loader;
        let opened = loader.open(component, &self.server.plugin_dir).await;
        let opened = opened.map_err(Unfit::Unread)?;
        match self.record.holds.get(&opened.sha256) {
            Some(hold) => Err(Unfit::Held(opened.sha256, hold.clone())),
            None => Ok(opened),
        }
    }

    /// The SHA-256 of the component in a file that would serve, as far as can be told
    /// without compiling it; or what keeps it from that.
    pub(super) async fn sighted(
        &self,
        component: &Component,
        serving: Option<&Serving>,
    ) -> Result<String, Hindrance> {
        let _turn = self.assembly.host.loader.turn().await;
        let opened = self.opened(component).await;
        let opened = opened.map_err(|unfit| unfit.hindrance())?;
        if self.kept(&opened.sha256, serving).is_some() {
            return Ok(opened.sha256);
        }
        if let Some(fault) = self.known_fault(&opened.sha256) {
            return Err(fault);
        }
        match self.unapproved(&opened) {
            Some(hold) => Err(Unfit::Held(opened.sha256, hold).hindrance()),
            None => Ok(opened.sha256),
        }
    }

    /// What was wrong with the same bytes when they were last tried in the same way.
    fn known_fault(&self, sha256: &str) -> Option<Hindrance> {
        let current = self.current.as_ref()?;
        let hindrance = current.hindrance.as_deref().filter(|it| !it.held)?;
        let same = hindrance.sha256.as_deref() == Some(sha256);
        (same && current.config.loads_as(&self.config)).then(|| hindrance.clone())
    }

    /// A version that serves already, under settings that load it in the same way.
    fn kept(&self, sha256: &str, serving: Option<&Serving>) -> Option<Chosen> {
        let serving = serving.filter(|serving| serving.version.sha256 == sha256)?;
        let current = self.current.as_ref()?;
        let alike = current.config.loads_as(&self.config);
        alike.then(|| Chosen::Kept(serving.under(&current.config, &self.config)))
    }

    async fn load(&self, opened: &Opened) -> Result<Chosen, Unfit> {
        let version = self.assembly.load(opened, &self.config, self.server).await;
        let version = version.map_err(|error| Unfit::Unsound(opened.sha256.clone(), error))?;
        let components = self.assembly.state.components.as_ref();
        let is_kept = components.is_some_and(|components| components.has(&opened.sha256));
        // Those of a thousand add-ons are not held until the last of them is loaded.
        let bytes = (!is_kept).then(|| opened.bytes.clone());
        Ok(Chosen::Loaded(Arc::new(version), bytes))
    }

    /// Why a version has to be approved of, if it has to.
    fn unapproved(&self, opened: &Opened) -> Option<Hold> {
        let before = self.record.versions.last()?;
        let approved = self.record.approved.as_ref() == Some(&opened.sha256);
        if !self.config.approve_grants || approved || before.sha256 == opened.sha256 {
            return None;
        }
        let wants = imports(&opened.bytes);
        let more: BTreeSet<&String> = wants.difference(&before.imports).collect();
        let named: Vec<String> = more.iter().map(|name| format!("`{name}`")).collect();
        (!named.is_empty()).then(|| Hold {
            kind: HoldKind::Grants,
            why: format!(
                "it imports more than the version before: {}",
                named.join(", ")
            ),
            since: Timestamp::now(),
        })
    }

    /// The version that serves in place of one that does not.
    async fn earlier(&self, hindrance: &Hindrance) -> Option<Chosen> {
        let sha256 = self.instead(hindrance)?;
        let current = self.current.as_ref();
        let serving = current.and_then(|add_on| add_on.main.as_ref());
        if let Some(kept) = self.kept(&sha256, serving) {
            return Some(kept);
        }
        self.stored(&sha256).await
    }

    /// Which version serves in place of one that does not: for one that is held, what
    /// serves at the moment, under the new settings; where nothing does, the last one that
    /// did. (For one that is no good, the whole entry stays as it is, old settings and
    /// all, for they may belong together.)
    pub(super) fn instead(&self, hindrance: &Hindrance) -> Option<String> {
        let unfit = hindrance.sha256.as_deref();
        let current = self.current.as_ref();
        let serving = current.and_then(|add_on| add_on.sha256());
        match (serving, hindrance.held) {
            (Some(serving), true) if unfit != Some(serving) => Some(serving.to_owned()),
            (None, _) | (_, true) => {
                let last = self.record.before(unfit.unwrap_or_default())?;
                Some(last.sha256.clone())
            }
            (Some(_), false) => None,
        }
    }

    /// A version of which there is a copy.
    async fn stored(&self, sha256: &str) -> Option<Chosen> {
        let pin = self.config.component.sha256.as_deref();
        if pin.is_some_and(|pin| pin != sha256) {
            return None;
        }
        let _turn = self.assembly.host.loader.turn().await;
        let opened = self.assembly.stored(sha256).await?;
        match self.load(&opened).await {
            Ok(chosen) => Some(chosen),
            Err(unfit) => {
                let (add_on, reason) = (self.config.name.as_str(), unfit.hindrance().why);
                warn!(
                    add_on,
                    sha256, reason, "the version before is no good either"
                );
                None
            }
        }
    }

    async fn canary(&self) -> Option<Canary> {
        let Candidate { component, percent } = self.config.canary.as_ref()?;
        let current = self.current.as_ref().and_then(|it| it.canary.as_ref());
        let serving = current.and_then(|canary| canary.serving.as_ref().ok());
        let serving = match self.component(component, serving).await {
            Ok(Chosen::Kept(serving)) => Ok(serving),
            Ok(Chosen::Loaded(version, _)) => {
                let trial = self.assembly.trial_beside(&self.config, &version.sha256);
                Ok(Serving::new(&self.config, version, trial))
            }
            Err(unfit) => Err(Arc::new(unfit.hindrance())),
        };
        Some(Canary {
            serving,
            percent: *percent,
        })
    }

    async fn shadow(&self) -> Option<Arc<Shadow>> {
        let Candidate { component, percent } = self.config.shadow.as_ref()?;
        let loader = &self.assembly.host.loader;
        let _turn = loader.turn().await;
        let version = match loader.open(component, &self.server.plugin_dir).await {
            Err(error) => Err(error.told()),
            Ok(opened) => match self.shadow_kept(&opened.sha256, *percent) {
                Some(kept) => return Some(kept),
                None => match self.assembly.load(&opened, &self.config, self.server).await {
                    Ok(version) => Ok(Arc::new(version)),
                    Err(error) => Err(error.told()),
                },
            },
        };
        Some(Arc::new(Shadow::new(version, *percent)))
    }

    fn shadow_kept(&self, sha256: &str, percent: usize) -> Option<Arc<Shadow>> {
        let current = self.current.as_ref()?;
        let shadow = current.shadow.as_ref()?;
        let version = shadow.version.as_ref().ok()?;
        let same = version.sha256 == sha256 && shadow.percent == percent;
        (same && current.config.loads_as(&self.config)).then(|| Arc::clone(shadow))
    }
}

impl Unfit {
    fn sha256(&self) -> Option<&str> {
        match self {
            Self::Unread(_) => None,
            Self::Unsound(sha256, _) | Self::Held(sha256, _) => Some(sha256),
        }
    }

    fn hindrance(&self) -> Hindrance {
        let why = match self {
            Self::Unread(error) | Self::Unsound(_, error) => error.told(),
            Self::Held(_, hold) => hold.why.clone(),
        };
        Hindrance {
            sha256: self.sha256().map(str::to_owned),
            why,
            held: matches!(self, Self::Held(..)),
        }
    }

    fn may_be_unfinished(&self) -> bool {
        match self {
            Self::Unread(error) | Self::Unsound(_, error) => error.cause.may_be_unfinished(),
            Self::Held(..) => false,
        }
    }
}
