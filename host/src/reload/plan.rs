//! What a reload would change, found out without one: files are read and compared, nothing
//! is compiled, and nothing changes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use super::Reloader;
use super::assembly::Assembly;
use super::choice::Search;
use super::compare::{
    ALL_OR_NOTHING, Face, changes, faces, keep_what_is_fixed, objection, remark_on_jobs,
};
use super::report::{Change, Problem};
use super::source::Source;
use crate::add_on::{AddOn, Hindrance};
use crate::config::{AddOnConfig, Config};
use crate::registry::Registry;

/// What a reload would change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The configuration that was looked at.
    pub config: PathBuf,
    /// The registry that is served, and that it was compared with.
    pub generation: u64,
    /// What would be served otherwise, if every new component turns out to be good.
    pub changes: Vec<Change>,
    /// What would not be taken up, as far as can be told without compiling.
    pub problems: Vec<Problem>,
    /// What is worth a word besides.
    pub remarks: Vec<String>,
}

/// What an add-on would be served by.
struct Preview {
    config: Arc<AddOnConfig>,
    current: Option<Arc<AddOn>>,
    main: Option<String>,
    hindrance: Option<Hindrance>,
    canary: Option<String>,
    shadow: Option<String>,
}

impl Reloader {
    /// What a reload would change now; or, with another configuration's file, what that
    /// one would.
    pub async fn plan(&self, file: Option<&Path>) -> Plan {
        let source = self.source.beside(file);
        let mut plan = Plan {
            config: source.path.clone(),
            ..Plan::default()
        };
        let (_, config) = source.read().await;
        match config {
            Ok(config) => self.assembly.plan(config, &mut plan).await,
            Err(why) => plan.problems.push(Problem::of_all(why)),
        }
        if let Some(frozen) = self.frozen() {
            let why = frozen.reason;
            let frozen = format!("the host is frozen: only an operator can reload it ({why})");
            plan.remarks.push(frozen);
        }
        plan.generation = self.host().registry().generation;
        plan
    }
}

impl Source {
    /// The same with another file. A file is called as the host calls it where that leads
    /// to the same place: paths in it start from there, and would look changed otherwise.
    fn beside(&self, file: Option<&Path>) -> Self {
        let path = match file {
            None => self.path.clone(),
            Some(file) => as_called(&self.path, file),
        };
        Self {
            path,
            ..self.clone()
        }
    }
}

fn as_called(ours: &Path, file: &Path) -> PathBuf {
    let real = |path: &Path| {
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        parent.unwrap_or(Path::new(".")).canonicalize().ok()
    };
    match (real(ours), real(file), file.file_name()) {
        (Some(one), Some(other), Some(name)) if one == other => ours.with_file_name(name),
        _ => file.to_owned(),
    }
}

impl Assembly {
    async fn plan(&self, config: Config, plan: &mut Plan) {
        let old = self.host.registry();
        let previews = self.previews(&old, &config).await;
        let Config {
            mut server,
            accounts,
            jobs,
            warnings,
            ..
        } = config;
        keep_what_is_fixed(old.server(), &mut server, &mut plan.remarks);
        remark_on_jobs(&self.host.jobs_config, &jobs, &mut plan.remarks);
        plan.remarks.extend(warnings);
        plan.problems
            .extend(previews.iter().filter_map(Preview::problem));
        let faces_then: Vec<Face<'_>> = previews.iter().map(Preview::face).collect();
        let all = server.reload.all_or_nothing && !plan.problems.is_empty();
        let objection = match all {
            true => Some(ALL_OR_NOTHING.to_owned()),
            false => objection(faces_then.iter().map(|face| face.config), &accounts),
        };
        if let Some(why) = objection {
            plan.problems.push(Problem::of_all(why));
            return;
        }
        plan.changes = changes(&faces(&old), &faces_then);
        if !old.serves_by(&server, &accounts) {
            plan.changes.push(Change::of_all("server or accounts"));
        }
    }

    async fn previews(&self, old: &Registry, config: &Config) -> Vec<Preview> {
        let searches = config.add_ons.iter().map(|add_on| {
            let search = Search {
                assembly: self,
                server: &config.server,
                current: old.named(&add_on.name).cloned(),
                record: self.state.records.of(&add_on.name),
                config: Arc::new(add_on.clone()),
            };
            search.preview()
        });
        join_all(searches).await
    }
}

impl Search<'_> {
    async fn preview(self) -> Preview {
        let current = self.current.as_ref();
        let serving = current.and_then(|add_on| add_on.main.as_ref());
        let sighted = self.sighted(&self.config.component, serving).await;
        let (main, hindrance) = match sighted {
            Ok(sha256) => (Some(sha256), None),
            Err(hindrance) => (self.instead(&hindrance), Some(hindrance)),
        };
        Preview {
            main,
            hindrance,
            canary: self.canary_sighted().await,
            shadow: self.shadow_sighted().await,
            current: self.current,
            config: self.config,
        }
    }

    async fn canary_sighted(&self) -> Option<String> {
        let candidate = self.config.canary.as_ref()?;
        let current = self.current.as_ref().and_then(|it| it.canary.as_ref());
        let serving = current.and_then(|canary| canary.serving.as_ref().ok());
        self.sighted(&candidate.component, serving).await.ok()
    }

    async fn shadow_sighted(&self) -> Option<String> {
        let candidate = self.config.shadow.as_ref()?;
        let loader = &self.assembly.host.loader;
        let _turn = loader.turn().await;
        let opened = loader.open(&candidate.component, &self.server.plugin_dir);
        Some(opened.await.ok()?.sha256)
    }
}

impl Preview {
    /// What would serve. Where that is nothing, and something does, the whole entry stays.
    fn face(&self) -> Face<'_> {
        let current = self.current.as_deref();
        match current.filter(|it| self.main.is_none() && it.main.is_some()) {
            Some(kept) => Face::from(kept),
            None => Face {
                config: &self.config,
                main: self.main.as_deref(),
                canary: self.canary.as_deref(),
                shadow: self.shadow.as_deref(),
            },
        }
    }

    fn problem(&self) -> Option<Problem> {
        let hindrance = self.hindrance.as_ref()?;
        Some(Problem::of(&self.config.name, hindrance, self.face().main))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beside_the_hosts_own_is_called_as_that_is() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::fs::create_dir(at("elsewhere")).unwrap();
        std::os::unix::fs::symlink("real", at("link")).unwrap();
        let ours = at("link/addons.toml");
        for (file, called) in [
            ("real/addons.toml", "link/addons.toml"),
            ("real/other.toml", "link/other.toml"),
            ("elsewhere/addons.toml", "elsewhere/addons.toml"),
            ("nowhere/addons.toml", "nowhere/addons.toml"),
        ] {
            assert_eq!(as_called(&ours, &at(file)), at(called), "{file}");
        }
    }
}
