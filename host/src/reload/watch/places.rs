//! Where to look: the directories in which something may happen to a file's name, and the
//! names there that matter.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::config::{Config, Inputs};

/// The most links that are followed on the way to one file, as the system does it.
const MOST_LINKS: usize = 40;

/// The files that matter, and where they are.
#[derive(Debug, Default)]
pub(super) struct Places {
    files: BTreeSet<PathBuf>,
    patterns: Vec<glob::Pattern>,
    names: BTreeSet<PathBuf>,
    directories: BTreeSet<PathBuf>,
}

impl Places {
    /// Adds what a configuration was read from, and the components that it names. A good
    /// configuration takes the place of the one before; what a bad one was read from comes
    /// to it, so that its correction is noticed.
    pub(super) fn add(&mut self, inputs: &Inputs, config: Option<&Config>) {
        if let Some(config) = config {
            *self = Self::default();
            for add_on in &config.add_ons {
                let beside = add_on.canary.iter().chain(&add_on.shadow);
                let components = beside.map(|candidate| &candidate.component);
                for component in components.chain([&add_on.component]) {
                    self.file(&component.path);
                }
            }
        }
        for file in inputs.files() {
            self.file(file);
        }
        for pattern in inputs.patterns() {
            self.pattern(pattern);
        }
    }

    /// The directories to watch.
    pub(super) fn directories(&self) -> &BTreeSet<PathBuf> {
        &self.directories
    }

    /// Every file and every directory that matters.
    pub(super) fn everything(&self) -> BTreeSet<PathBuf> {
        self.files.union(&self.directories).cloned().collect()
    }

    /// Whether anything depends on what happens to a path.
    pub(super) fn concern(&self, path: &Path) -> bool {
        let one_name_each = glob::MatchOptions {
            require_literal_separator: true,
            ..glob::MatchOptions::default()
        };
        let mut patterns = self.patterns.iter();
        self.names.contains(path) || patterns.any(|it| it.matches_path_with(path, one_name_each))
    }

    fn file(&mut self, path: &Path) {
        if self.files.insert(path.to_owned()) {
            self.follow(&absolute(path), MOST_LINKS);
        }
    }

    /// Notes every name on the way to a file that may be made to lead elsewhere: its own,
    /// that of each link, and that of a directory that is missing.
    fn follow(&mut self, path: &Path, links: usize) {
        let mut way = PathBuf::new();
        let mut parts = path.components().peekable();
        while let Some(part) = parts.next() {
            let directory = way.clone();
            way.push(part);
            if !matches!(part, Component::Normal(_)) {
                continue;
            }
            let link = std::fs::read_link(&way).ok();
            if link.is_some() || parts.peek().is_none() || !way.is_dir() {
                self.directories.insert(directory.clone());
                self.names.insert(way.clone());
            }
            if let (Some(link), 1..) = (link, links) {
                let rest: PathBuf = parts.collect();
                return self.follow(&directory.join(link).join(rest), links - 1);
            }
            if parts.peek().is_some() && !way.is_dir() {
                return;
            }
        }
    }

    /// Notes where files may come up that match a pattern.
    fn pattern(&mut self, pattern: &Path) {
        let pattern = absolute(pattern);
        let text = pattern.to_string_lossy();
        let fixed = pattern.ancestors().skip(1).find(|part| {
            let part = part.to_string_lossy();
            !part.contains(['*', '?', '['])
        });
        if let Some(fixed) = fixed {
            self.follow(&fixed.join("."), MOST_LINKS);
            self.directories.insert(fixed.to_owned());
        }
        // Every beginning of it, so that a directory that comes up is noticed as well.
        let beginnings = pattern.ancestors().map(|part| part.to_string_lossy());
        let wild = beginnings.filter(|part| part.contains(['*', '?', '[']));
        let found = glob::glob(&text).into_iter().flatten().flatten();
        let parents = found.filter_map(|path| path.parent().map(Path::to_owned));
        self.directories.extend(parents);
        self.patterns
            .extend(wild.filter_map(|part| glob::Pattern::new(&part).ok()));
    }
}

/// A path from the root on. What it leads through is not resolved.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// The places of one file, relative to a directory: names that matter, and the
    /// directories that are watched.
    fn places(directory: &Path, file: &str) -> (Vec<String>, Vec<String>) {
        let mut places = Places::default();
        places.file(&directory.join(file));
        let shown = |paths: &BTreeSet<PathBuf>| {
            let inside = paths
                .iter()
                .filter_map(|path| path.strip_prefix(directory).ok());
            inside.map(|path| path.display().to_string()).collect()
        };
        (shown(&places.names), shown(&places.directories))
    }

    #[test]
    fn every_name_that_may_be_made_to_lead_elsewhere_is_watched() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().canonicalize().unwrap();
        let at = |name: &str| directory.join(name);
        fs::create_dir_all(at("mount/..2026")).unwrap();
        fs::write(at("mount/..2026/a.toml"), "").unwrap();
        symlink("..2026", at("mount/..data")).unwrap();
        symlink("..data/a.toml", at("mount/a.toml")).unwrap();
        fs::create_dir_all(at("releases/42/plugins")).unwrap();
        fs::write(at("releases/42/plugins/a.wasm"), "").unwrap();
        symlink("releases/42", at("current")).unwrap();
        symlink("round", at("round")).unwrap();
        fs::write(at("plain"), "").unwrap();
        for (file, names, directories) in [
            ("plain", &["plain"][..], &[""][..]),
            ("missing", &["missing"], &[""]),
            ("mount/missing", &["mount/missing"], &["mount"]),
            ("missing/deep/file", &["missing"], &[""]),
            (
                "mount/a.toml",
                &["mount/..2026/a.toml", "mount/..data", "mount/a.toml"],
                &["mount", "mount/..2026"],
            ),
            (
                "current/plugins/a.wasm",
                &["current", "releases/42/plugins/a.wasm"],
                &["", "releases/42/plugins"],
            ),
            ("round", &["round"], &[""]),
        ] {
            let expected = (
                names.iter().map(ToString::to_string).collect(),
                directories.iter().map(ToString::to_string).collect(),
            );
            assert_eq!(places(&directory, file), expected, "{file}");
        }
    }

    #[test]
    fn what_a_pattern_may_name_matters_and_what_lies_beside_it_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().canonicalize().unwrap();
        fs::create_dir_all(directory.join("teams/one")).unwrap();
        fs::write(directory.join("teams/one/a.toml"), "").unwrap();
        let mut places = Places::default();
        places.pattern(&directory.join("teams/*/*.toml"));
        for (name, matters) in [
            ("teams/one/a.toml", true),
            ("teams/one/b.toml", true),
            ("teams/two", true),
            ("teams/one/b.toml~", false),
            ("log", false),
        ] {
            assert_eq!(places.concern(&directory.join(name)), matters, "{name}");
        }
        for watched in ["teams", "teams/one"] {
            assert!(places.directories().contains(&directory.join(watched)));
        }
    }
}
