//! Where PostgreSQL's programs are, and whom they may run as.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where Debian puts them, in a directory for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Users that may do nothing special, in the order in which they are asked for.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The directory of the programs.
pub(super) struct Programs(PathBuf);

/// A user by its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) id: u32,
    pub(super) group: u32,
}

impl Programs {
    /// Those that `cargo xtask` names, or else the newest there are.
    ///
    /// # Panics
    /// Where there are none.
    pub(super) fn find() -> Self {
        let named = std::env::var_os("JACKFIELD_POSTGRES").map(PathBuf::from);
        let found = named.or_else(newest).or_else(on_path);
        Self(found.expect("PostgreSQL's server is missing: `cargo xtask test` installs it"))
    }

    /// The path of one of them, or the name of a program that is none of them.
    pub(super) fn path(&self, program: &str) -> PathBuf {
        let path = self.0.join(program);
        if path.exists() { path } else { program.into() }
    }
}

impl User {
    /// Whom to run as: nobody else, unless we are root, whom PostgreSQL does not serve.
    ///
    /// # Panics
    /// Where the system knows nobody else.
    pub(super) fn unprivileged() -> Option<Self> {
        let metadata = std::fs::metadata("/proc/self").expect("Linux tells of processes");
        (metadata.uid() == 0).then(|| {
            let users = std::fs::read_to_string("/etc/passwd").expect("users are listed");
            let found = USERS.iter().find_map(|name| Self::named(name, &users));
            found.expect("there is a user `postgres` or `nobody`")
        })
    }

    fn named(name: &str, users: &str) -> Option<Self> {
        let mut lines = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        lines.find_map(|fields| match fields[..] {
            [found, _, id, group, ..] if found == name => Some(Self {
                id: id.parse().ok()?,
                group: group.parse().ok()?,
            }),
            _ => None,
        })
    }
}

fn newest() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let paths = versions
        .map(|entry| entry.path())
        .filter(|path| has_server(&path.join("bin")));
    let newest = paths.max_by_key(|path| version(path));
    newest.map(|path| path.join("bin"))
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut directories = std::env::split_paths(&path);
    directories.find(|directory| has_server(directory))
}

fn has_server(directory: &Path) -> bool {
    ["initdb", "postgres", "psql"]
        .iter()
        .all(|program| directory.join(program).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_by_its_numbers() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nodd\n";
        let nobody = User {
            id: 65_534,
            group: 65_533,
        };
        assert_eq!(User::named("nobody", users), Some(nobody));
        assert_eq!(User::named("postgres", users), None);
    }
}
