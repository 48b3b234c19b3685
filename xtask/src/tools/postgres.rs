//! PostgreSQL's server: several hosts share their jobs in it, and the tests start one of
//! their own. It is the machine's, or comes from Debian's packages.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::{apt, files};

/// What Debian calls it, whichever version it has.
const PACKAGE: &str = "postgresql";

/// Where Debian puts its programs, in a directory for each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Where Debian's package looks for settings before it makes a server for everybody.
const SETTINGS: &str = "/etc/postgresql-common/createcluster.d";

/// What the tests need of it.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "psql"];

/// The server, which nobody has started.
pub(crate) struct Postgres {
    /// The directory of its programs.
    pub(crate) programs: PathBuf,
}

impl Postgres {
    /// Finds the server, or installs it where we may.
    pub(crate) fn prepare() -> Result<Self> {
        if let Some(programs) = find() {
            return Ok(Self { programs });
        }
        if !apt::may_install() {
            bail!(
                "PostgreSQL's server was not found: {} are in no directory below `{VERSIONS}` \
                 and in none on PATH, and only root on Debian can have it installed here; \
                 install it (Debian's package is `{PACKAGE}`), and try again",
                PROGRAMS.map(|program| format!("`{program}`")).join(", ")
            );
        }
        apt::update()?;
        without_a_server(Path::new(SETTINGS), || apt::install(&[PACKAGE]))?;
        let programs = find().context("the package `postgresql` brought no server")?;
        Ok(Self { programs })
    }
}

/// Installs without a server that would run from then on, for everybody to meet: a setting
/// keeps the package from it, and is taken back afterwards.
fn without_a_server(settings: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let had_directory = settings.exists();
    let setting = settings.join("jackfield.conf");
    files::write_if_changed(&setting, b"create_main_cluster = false\n")?;
    let installed = install();
    fs::remove_file(&setting)?;
    if !had_directory {
        // The package may have put something of its own there.
        let _ = fs::remove_dir(settings);
    }
    installed
}

fn find() -> Option<PathBuf> {
    newest(Path::new(VERSIONS)).or_else(|| {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).find(|directory| has_all(directory))
    })
}

/// The programs of the newest version below a directory.
fn newest(versions: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(versions).ok()?.filter_map(Result::ok);
    let versions = entries.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let whole = versions.filter(|(_, programs)| has_all(programs));
    whole.max().map(|(_, programs)| programs)
}

fn has_all(directory: &Path) -> bool {
    PROGRAMS
        .iter()
        .all(|program| directory.join(program).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_whole_version_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let add = |version: &str, programs: &[&str]| {
            let programs_of = directory.path().join(version).join("bin");
            fs::create_dir_all(&programs_of).unwrap();
            for program in programs {
                fs::write(programs_of.join(program), "").unwrap();
            }
        };
        assert_eq!(newest(directory.path()), None);
        add("9", &PROGRAMS);
        add("15", &PROGRAMS);
        add("17", &["psql"]);
        add("common", &PROGRAMS);
        let found = directory.path().join("15/bin");
        assert_eq!(newest(directory.path()), Some(found));
    }

    #[test]
    fn no_server_is_made_while_it_is_installed_and_nothing_stays_of_that() {
        let directory = tempfile::tempdir().unwrap();
        let settings = directory.path().join("createcluster.d");
        let read = || fs::read_to_string(settings.join("jackfield.conf"));
        without_a_server(&settings, || {
            assert_eq!(read().unwrap(), "create_main_cluster = false\n");
            Ok(())
        })
        .unwrap();
        assert!(!settings.exists());
        fs::create_dir(&settings).unwrap();
        assert!(without_a_server(&settings, || bail!("no network")).is_err());
        assert!(settings.exists() && read().is_err());
    }
}
