//! The components behind an add-on: the one that serves, those beside it, and how a new
//! version takes over.

use std::path::{Component as PathPart, Path};

use crate::config::checked::{Candidate, Checking, Component, Spot, TrialRule};
use crate::config::raw::{At, RawAddOn, RawCandidate};
use crate::config::values::Table;

impl Checking<'_> {
    pub(super) fn component(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        plugin_dir: &Path,
    ) -> Option<Component> {
        let at = table.at("component", &raw.component);
        let sha256 = raw.sha256.as_ref();
        let sha256 = sha256.and_then(|pin| self.pin(&table.at("sha256", pin), pin));
        self.component_file(&at, raw.component.get_ref(), sha256, plugin_dir)
    }

    /// A component that answers a part of the customers.
    pub(super) fn canary(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        plugin_dir: &Path,
    ) -> Option<Candidate> {
        self.candidate(table, "canary", raw.canary.as_ref()?, 5, plugin_dir)
    }

    /// A component whose answers are compared.
    pub(super) fn shadow(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        plugin_dir: &Path,
    ) -> Option<Candidate> {
        self.candidate(table, "shadow", raw.shadow.as_ref()?, 100, plugin_dir)
    }

    pub(super) fn trial(&mut self, table: Table<'_>, raw: &RawAddOn) -> TrialRule {
        let raw = &raw.trial;
        let (requests, failures) = (raw.requests.as_ref(), raw.failures.as_ref());
        TrialRule {
            requests: self.count(table, "trial.requests", requests, 100, (0, 1_000_000)),
            failures: self.count(table, "trial.failures", failures, 5, (1, 1_000_000)),
        }
    }

    /// Whether a version that imports more waits for an operator.
    pub(super) fn approve(&mut self, table: Table<'_>, raw: &RawAddOn) -> bool {
        let Some(raw) = &raw.approve else {
            return false;
        };
        match raw.get_ref().as_str() {
            "never" => false,
            "grants" => true,
            other => {
                let problem = format!("there is nothing `{other}` to be approved");
                let help = "write \"grants\", so that a new version that imports more than the old \
                            one waits for `jackfield approve`, or \"never\"";
                self.fail(&table.at("approve", raw), problem, help);
                false
            }
        }
    }

    fn candidate(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: &At<RawCandidate>,
        percent: usize,
        plugin_dir: &Path,
    ) -> Option<Candidate> {
        let raw = raw.get_ref();
        let at = table.at(&format!("{key}.component"), &raw.component);
        let sha256 = raw.sha256.as_ref();
        let key = |name: &str| format!("{key}.{name}");
        let sha256 = sha256.and_then(|pin| self.pin(&table.at(&key("sha256"), pin), pin));
        let part = raw.percent.as_ref();
        let percent = self.count(table, &key("percent"), part, percent, (0, 100));
        let component = self.component_file(&at, raw.component.get_ref(), sha256, plugin_dir)?;
        Some(Candidate { component, percent })
    }

    /// A component's file must lie in the plugin directory, by its name alone; where
    /// links lead is checked when it is opened.
    fn component_file(
        &mut self,
        at: &Spot,
        text: &str,
        sha256: Option<String>,
        plugin_dir: &Path,
    ) -> Option<Component> {
        let path = self.rooted(text);
        let mut parts = Path::new(text).components();
        let climbs = parts.any(|part| part == PathPart::ParentDir);
        let outside = !path.starts_with(plugin_dir.strip_prefix(".").unwrap_or(plugin_dir));
        if climbs || outside {
            let shown = plugin_dir.display();
            let problem = format!("`{text}` is not in the plugin directory `{shown}`");
            let help = "move the component there, or set `server.plugin_dir`";
            self.fail(at, problem, help);
            return None;
        }
        if path.extension().is_none_or(|extension| extension != "wasm") {
            let help = "name a WebAssembly component, a file that ends in `.wasm`";
            self.fail(at, format!("`{text}` is no `.wasm` file"), help);
            return None;
        }
        Some(Component { path, sha256 })
    }

    fn pin(&mut self, at: &Spot, raw: &At<String>) -> Option<String> {
        let text = raw.get_ref().to_ascii_lowercase();
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(text);
        }
        let help = "write what `sha256sum` prints for the file";
        self.fail(at, "expected 64 hexadecimal digits", help);
        None
    }
}
