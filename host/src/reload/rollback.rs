//! Going back to the version that served before: by an operator, or because a new one
//! fails too many of its first calls.

use std::sync::Arc;

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::Reloader;
use super::hand::{VerbError, checked_reason};
use super::report::{Change, Outcome, Report};
use crate::add_on::{AddOn, Canary, Hindrance};
use crate::config::AddOnName;
use crate::state::{Hold, HoldKind, Served, Who};
use crate::trial::Verdict;
use crate::version::Serving;

impl Reloader {
    /// Goes back to the version that served before the one that does.
    ///
    /// # Errors
    /// Where there is none, or it cannot serve.
    pub async fn rollback(
        &self,
        add_on: &str,
        reason: Option<&str>,
        who: Who,
    ) -> Result<Report, VerbError> {
        let name = self.known(add_on)?;
        let reason = reason.map(checked_reason).transpose()?;
        let why = reason.unwrap_or_else(|| "an operator went back".to_owned());
        let current = self.host().registry().named(&name).cloned();
        let current = current.as_ref().and_then(|current| current.sha256());
        let from = current.unwrap_or_default().to_owned();
        self.go_back(&name, &from, HoldKind::RolledBack, why, who)
            .await
    }

    /// What the first calls of a new version say about it.
    pub(super) async fn judge(&self, verdict: Verdict) {
        let Verdict { subject, failed } = verdict;
        let name = &subject.add_on;
        let Some(why) = failed else {
            let sha256 = subject.sha256.clone();
            let proven = self.record(name, move |record| {
                let served = record.versions.iter_mut();
                for served in served.filter(|served| served.sha256 == sha256) {
                    served.proven = true;
                }
            });
            info!(
                add_on = name.as_str(),
                sha256 = subject.sha256,
                "stood its trial"
            );
            if let Err(error) = proven.await {
                warn!(add_on = name.as_str(), %error, "not written down");
            }
            return;
        };
        if !self.serves(name, &subject.sha256) {
            return;
        }
        let back = self
            .go_back(name, &subject.sha256, HoldKind::Failed, why, Who::Trial)
            .await;
        if let Err(error) = back {
            error!(add_on = name.as_str(), %error, "a failing version keeps serving");
        }
    }

    /// Serves the version before `from`, and keeps `from` from serving.
    async fn go_back(
        &self,
        name: &AddOnName,
        from: &str,
        kind: HoldKind,
        why: String,
        who: Who,
    ) -> Result<Report, VerbError> {
        let hold = Hold {
            kind,
            why: why.clone(),
            since: Timestamp::now(),
        };
        let target = match self.is_canary(name, from) {
            true => None,
            false => Some(self.target(name, from).await?),
        };
        let new = target.as_ref().map(|target| target.version.sha256.clone());
        let served = target.as_ref().map(|target| Served {
            sha256: target.version.sha256.clone(),
            imports: target.version.imports.clone(),
            since: Timestamp::now(),
            proven: true,
        });
        // At once, for every call fails meanwhile; and once more when it is written down,
        // in case a reload has chosen it again before it could know.
        self.edit(name, |add_on| replace(add_on, from, target.clone(), &why));
        let written = self.record(name, {
            let from = from.to_owned();
            move |record| {
                record.hold(&from, hold);
                if let Some(served) = served {
                    record.serve(served);
                }
            }
        });
        let written = written.await;
        self.edit(name, |add_on| replace(add_on, from, target, &why));
        error!(
            add_on = name.as_str(),
            from,
            to = new,
            reason = why,
            "went back"
        );
        self.audit(
            "rollback",
            &who,
            name,
            (Some(from), new.as_deref()),
            Some(&why),
        );
        written?;
        let change = Change::of(name.as_str(), "component", Some(from), new.as_deref());
        Ok(Report {
            generation: self.host().registry().generation,
            changes: vec![change],
            ..Report::nothing(who, Outcome::Changed)
        })
    }

    /// Whether a version still serves any customer of an add-on.
    fn serves(&self, name: &AddOnName, sha256: &str) -> bool {
        let registry = self.host().registry();
        let add_on = registry.named(name);
        add_on.is_some_and(|it| it.sha256() == Some(sha256)) || self.is_canary(name, sha256)
    }

    fn is_canary(&self, name: &AddOnName, sha256: &str) -> bool {
        let registry = self.host().registry();
        let add_on = registry.named(name);
        let canary = add_on.and_then(|add_on| add_on.canary.as_ref());
        let serving = canary.and_then(|canary| canary.serving.as_ref().ok());
        let is_main = add_on.is_some_and(|add_on| add_on.sha256() == Some(sha256));
        !is_main && serving.is_some_and(|serving| serving.version.sha256 == sha256)
    }

    /// The version before, ready to serve under the settings of today.
    async fn target(&self, name: &AddOnName, from: &str) -> Result<Serving, VerbError> {
        let registry = self.host().registry();
        let current = registry.named(name);
        let current = current.ok_or_else(|| VerbError::NoAddOn(name.to_string()))?;
        let record = self.state().records.of(name);
        let before = record.before(from);
        let sha256 = before.ok_or_else(|| VerbError::NoneBefore(name.clone()))?;
        let sha256 = sha256.sha256.clone();
        let unfit = |why: &str| VerbError::Unfit(name.clone(), sha256.clone(), why.to_owned());
        let pin = current.config.component.sha256.as_deref();
        if pin.is_some_and(|pin| pin != sha256) {
            return Err(unfit("the configuration pins another"));
        }
        // Without a turn: whatever else is in the making, this has served before, and the
        // host may be waiting for it.
        let opened = self.assembly.stored(&sha256).await;
        let opened = opened.ok_or_else(|| unfit("there is no copy of it"))?;
        let loaded = self
            .assembly
            .load(&opened, &current.config, registry.server());
        let version = loaded.await.map_err(|error| unfit(&error.to_string()))?;
        Ok(Serving::new(&current.config, Arc::new(version), None))
    }
}

/// An add-on without the version `from`: it is served by `target` instead, or, where that
/// was its canary's, by what serves all others.
fn replace(add_on: &mut AddOn, from: &str, target: Option<Serving>, why: &str) {
    let Some(target) = target else {
        let failed = |serving: &Serving| serving.version.sha256 == from;
        if let Some(canary) = &mut add_on.canary
            && canary.serving.as_ref().is_ok_and(failed)
        {
            *canary = Canary {
                serving: Err(held(from, why)),
                percent: canary.percent,
            };
        }
        return;
    };
    if add_on.sha256() == Some(from) || add_on.main.is_none() {
        add_on.main = Some(target);
        add_on.hindrance = Some(held(from, why));
    }
}

fn held(sha256: &str, why: &str) -> Arc<Hindrance> {
    Arc::new(Hindrance {
        sha256: Some(sha256.to_owned()),
        why: why.to_owned(),
        held: true,
    })
}
