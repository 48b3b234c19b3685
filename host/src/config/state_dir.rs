//! Where a host keeps its files, told by a configuration that may be broken: the operator
//! who has to mend something must reach the host all the same.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// Where it is if nothing else is said.
pub(super) const DEFAULT: &str = ".jackfield";

/// The state directory that a configuration names, as far as it can be read; otherwise
/// the one beside it.
#[must_use]
pub fn state_dir_of(config: &Path) -> PathBuf {
    let text = std::fs::read_to_string(config).unwrap_or_default();
    let named = named(&text);
    let root = config.parent().unwrap_or(Path::new(""));
    root.join(named.as_deref().unwrap_or(DEFAULT))
}

fn named(text: &str) -> Option<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let table = document.into_inner();
    let (_, server) = table
        .into_iter()
        .find(|(key, _)| key.get_ref() == "server")?;
    let DeValue::Table(server) = server.into_inner() else {
        return None;
    };
    let (_, directory) = server
        .into_iter()
        .find(|(key, _)| key.get_ref() == "state_dir")?;
    match directory.into_inner() {
        DeValue::String(directory) if !directory.is_empty() => Some(directory.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_configuration_still_says_where_the_state_is() {
        for (text, directory) in [
            ("", ".jackfield"),
            ("[server]\nlisten = 1\nstate_dir = \"state\"", "state"),
            (
                "[server]\nstate_dir = \"state\"\n[addons.a]\nsid = ",
                "state",
            ),
            ("[server]\nstate_dir = \"/var/lib/it\"\n[[[", "/var/lib/it"),
            ("sid =\n[server]\nstate_dir = \"state\"", "state"),
            ("[server]\nstate_dir = 7", ".jackfield"),
            ("server = \"x\"", ".jackfield"),
        ] {
            let place = tempfile::tempdir().unwrap();
            let file = place.path().join("addons.toml");
            std::fs::write(&file, text).unwrap();
            assert_eq!(state_dir_of(&file), place.path().join(directory), "{text}");
        }
    }

    #[test]
    fn no_configuration_at_all_leaves_the_default_beside_it() {
        assert_eq!(
            state_dir_of(Path::new("no/such.toml")),
            Path::new("no/.jackfield")
        );
    }
}
