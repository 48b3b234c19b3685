//! One whole new registry in the place of the old one, and what is remembered of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::assembly::Assembly;
use super::choice::{Choice, Chosen};
use super::compare::{
    ALL_OR_NOTHING, Face, changes, faces, keep_what_is_fixed, objection, remark_on_jobs,
};
use super::report::{Change, Outcome, Problem, Report};
use crate::add_on::{AddOn, Hindrance, Versions};
use crate::admission::Demand;
use crate::config::{AddOnConfig, AddOnName, Config, ServerConfig};
use crate::protocol::signature::AccountKeys;
use crate::registry::Registry;
use crate::state::{Record, Served, Who};
use crate::version::Serving;

impl Assembly {
    /// Serves what was chosen, in one step, and remembers what serves.
    pub(super) async fn commit(&self, who: &Who, config: Config, choices: Vec<Choice>) -> Report {
        let copies = copies(&choices);
        let mut report = Report::nothing(who.clone(), Outcome::Unchanged);
        self.host.change(|old| {
            let next = self.next(who, old, config, choices, &mut report);
            report.generation = next.as_ref().map_or(old.generation, |it| it.generation);
            (next, ())
        });
        self.remember(copies, &mut report).await;
        report
    }

    /// The next registry, if it differs from the old one.
    fn next(
        &self,
        who: &Who,
        old: &Registry,
        config: Config,
        choices: Vec<Choice>,
        report: &mut Report,
    ) -> Option<Registry> {
        let Config {
            mut server,
            mut accounts,
            jobs,
            warnings,
            ..
        } = config;
        inherit(old, &mut accounts);
        let first = old.generation == 0;
        if !first {
            keep_what_is_fixed(old.server(), &mut server, &mut report.remarks);
            remark_on_jobs(&self.host.jobs_config, &jobs, &mut report.remarks);
        }
        let waits = choices.iter().any(|choice| choice.waits);
        let mut add_ons: Vec<AddOn> = choices
            .into_iter()
            .map(|choice| self.entry(old, choice))
            .collect();
        for add_on in &mut add_ons {
            add_on.reading = reading(old, &server, &add_on.config);
        }
        report.problems = problems(who, old, &add_ons);
        let news = add_ons.iter().any(|add_on| {
            let hindrance = add_on.hindrance.as_ref();
            hindrance.is_some_and(|it| is_news(old, &add_on.config.name, it))
        });
        let all = server.reload.all_or_nothing && !first && news;
        let objection = match all {
            true => Some(ALL_OR_NOTHING.to_owned()),
            false => objection(add_ons.iter().map(AddOn::config), &accounts),
        };
        if let Some(why) = objection {
            report.problems.push(Problem::of_all(why));
            report.outcome = Outcome::Refused;
            return None;
        }
        report.changes = changes(
            &faces(old),
            &add_ons.iter().map(Face::from).collect::<Vec<_>>(),
        );
        if !first && !old.serves_by(&server, &accounts) {
            report.changes.push(Change::of_all("server or accounts"));
        }
        report.outcome = match (report.changes.is_empty(), report.problems.is_empty()) {
            (false, _) => Outcome::Changed,
            (true, false) => Outcome::Refused,
            (true, true) if waits => Outcome::Waiting,
            (true, true) => Outcome::Unchanged,
        };
        // At a start they are told before anything is compiled.
        if report.outcome == Outcome::Changed && !first {
            report.remarks.extend(warnings);
        }
        let same = |add_on: &AddOn| {
            let before = old.named(&add_on.config.name);
            let before = before.and_then(|before| before.hindrance.as_ref());
            match &add_on.hindrance {
                Some(hindrance) => before.is_some_and(|before| hindrance.repeats(before)),
                None => before.is_none(),
            }
        };
        let nothing_new = report.changes.is_empty() && report.problems.is_empty();
        if !first && nothing_new && add_ons.iter().all(same) {
            return None;
        }
        let demands = add_ons.iter().map(|add_on| {
            let demand = Demand::from(&add_on.config.limits);
            (add_on.gate.clone(), demand)
        });
        self.host.admission.arrange(&demands.collect::<Vec<_>>());
        let generation = old.generation + 1;
        Some(Registry::new(generation, server, accounts, add_ons))
    }

    /// An add-on as it is going to be served.
    fn entry(&self, old: &Registry, choice: Choice) -> AddOn {
        let current = old.named(&choice.config.name);
        // Somebody may have paused it, or gone back to another version, since the choice
        // was made.
        let record = self.state.records.of(&choice.config.name);
        let gate = current.map_or_else(|| self.host.admission.gate(), |it| it.gate.clone());
        let meter = current.map_or_else(Arc::default, |it| Arc::clone(&it.meter));
        let pause = record.pause.clone().map(Arc::new);
        let counted = current.map(|current| &*current.versions);
        let versions = Arc::new(Versions::new(&choice.config.versions, counted));
        let (main, hindrance) = settled(&choice, &record);
        let kept = current.filter(|it| main.is_none() && it.main.is_some());
        let hindrance = match (choice.waits, current) {
            (true, Some(current)) => current.hindrance.clone(),
            _ => hindrance.map(Arc::new),
        };
        if let Some(kept) = kept {
            return AddOn {
                hindrance,
                pause,
                ..AddOn::clone(kept)
            };
        }
        AddOn {
            main: main.map(|main| self.serving(&choice, main)),
            config: choice.config,
            gate,
            meter,
            hindrance,
            canary: choice.canary,
            shadow: choice.shadow,
            versions,
            pause,
            reading: 0,
        }
    }

    fn serving(&self, choice: &Choice, chosen: &Chosen) -> Serving {
        match chosen {
            Chosen::Kept(serving) => serving.clone(),
            Chosen::Loaded(version, _) => {
                let trial = self.trial(&choice.config, &version.sha256);
                Serving::new(&choice.config, Arc::clone(version), trial)
            }
        }
    }

    /// Writes down what serves now, and keeps copies of it.
    async fn remember(&self, copies: HashMap<String, Bytes>, report: &mut Report) {
        let (assembly, registry) = (self.clone(), self.host.registry());
        let written = tokio::task::spawn_blocking(move || {
            let mut remarks = Vec::new();
            for add_on in registry.add_ons() {
                assembly.remember_one(add_on, &copies, &mut remarks);
            }
            if let Some(components) = &assembly.state.components {
                components.tidy(&assembly.state.records.wanted());
            }
            assembly.host.loader.tidy();
            remarks
        });
        report.remarks.extend(written.await.unwrap_or_default());
        report.remarks.extend(self.host.loader.remarks());
    }

    fn remember_one(
        &self,
        add_on: &AddOn,
        copies: &HashMap<String, Bytes>,
        remarks: &mut Vec<String>,
    ) {
        let Some(serving) = &add_on.main else { return };
        let sha256 = &serving.version.sha256;
        let mut unkept = |what: &str, error: std::io::Error| {
            let name = &add_on.config.name;
            remarks.push(format!("{what} of `{name}` cannot be kept: {error}"));
        };
        if let (Some(components), Some(bytes)) = (&self.state.components, copies.get(sha256))
            && let Err(error) = components.keep(sha256, bytes)
        {
            unkept("the component", error);
        }
        let served = self.state.records.change(&add_on.config.name, |record| {
            let last = record.versions.last();
            if last.is_none_or(|last| last.sha256 != *sha256) {
                // Where there is much to do, it stands its trial before this is written.
                let proven = serving.trial.as_ref().is_none_or(|trial| trial.is_stood());
                record.serve(Served {
                    sha256: sha256.clone(),
                    imports: serving.version.imports.clone(),
                    since: Timestamp::now(),
                    proven,
                });
            }
        });
        if let Err(error) = served {
            unkept("the record", error);
        }
    }
}

/// The same keys go on from what is known of their use.
fn inherit(old: &Registry, accounts: &mut [AccountKeys]) {
    for keys in accounts {
        if let Some(before) = old.account(keys.account) {
            keys.inherit(before);
        }
    }
}

/// The first registry that reads an add-on's requests as the next one does.
fn reading(old: &Registry, server: &ServerConfig, config: &AddOnConfig) -> u64 {
    let same = |before: &&Arc<AddOn>| {
        before.config.terms == config.terms
            && before.config.require == config.require
            && old.server().freshness == server.freshness
    };
    let before = old.get(config.terms.add_on).filter(same);
    before.map_or(old.generation + 1, |before| before.reading)
}

/// What is chosen, as far as nothing speaks against it by now.
fn settled<'a>(choice: &'a Choice, record: &Record) -> (Option<&'a Chosen>, Option<Hindrance>) {
    let main = choice.main.as_ref();
    let held = main.and_then(|main| Some((main, record.holds.get(main.sha256())?)));
    match held {
        None => (main, choice.hindrance.clone()),
        Some((main, hold)) => {
            let hindrance = Hindrance {
                sha256: Some(main.sha256().to_owned()),
                why: hold.why.clone(),
                held: true,
            };
            (None, Some(hindrance))
        }
    }
}

/// The copies of what was loaded and is not kept yet, to be kept if it serves.
fn copies(choices: &[Choice]) -> HashMap<String, Bytes> {
    let loaded = choices.iter().filter_map(|choice| match &choice.main {
        Some(Chosen::Loaded(version, Some(bytes))) => Some((version.sha256.clone(), bytes.clone())),
        _ => None,
    });
    loaded.collect()
}

/// What is not served of what is in place: all of it for whoever is told of it, and for
/// the log what is news.
fn problems(who: &Who, old: &Registry, add_ons: &[AddOn]) -> Vec<Problem> {
    let asked = matches!(who, Who::Operator { .. });
    let problem = |add_on: &AddOn| {
        let (name, hindrance) = (&add_on.config.name, add_on.hindrance.as_ref()?);
        let told = asked || is_news(old, name, hindrance);
        told.then(|| Problem::of(name, hindrance, add_on.sha256()))
    };
    let of_canary = |add_on: &AddOn| {
        let (name, hindrance) = (&add_on.config.name, add_on.canary_hindrance()?);
        let before = old.named(name).and_then(|before| before.canary_hindrance());
        let told = asked || !before.is_some_and(|before| hindrance.repeats(before));
        told.then(|| Problem::of_canary(name, hindrance, add_on.sha256()))
    };
    let mains = add_ons.iter().filter_map(problem);
    mains.chain(add_ons.iter().filter_map(of_canary)).collect()
}

fn is_news(old: &Registry, name: &AddOnName, hindrance: &Hindrance) -> bool {
    let before = old.named(name).and_then(|before| before.hindrance.as_ref());
    !before.is_some_and(|before| hindrance.repeats(before))
}
