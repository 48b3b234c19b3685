//! Where secrets come from: the process' environment, and a `.env` file for what the
//! environment does not set.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::inputs::Inputs;

/// Names and values. They are never printed.
#[derive(Clone, Default)]
pub struct Environment {
    values: HashMap<String, String>,
    inputs: Inputs,
}

/// A `.env` file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The file is there and cannot be read.
    #[error("`{file}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A line is no `NAME=value`. The line itself may hold a secret, so it is not shown.
    #[error("`{file}` has a line that is not `NAME=value`; quote values that hold spaces")]
    Malformed {
        /// The file.
        file: String,
    },
}

impl Environment {
    /// Reads the process' environment and the `.env` beside a configuration, if there is
    /// one.
    ///
    /// # Errors
    /// Where there is a `.env` that cannot be read.
    pub fn beside(config: &Path) -> Result<Self, EnvironmentError> {
        Self::load(config.parent().unwrap_or(Path::new("")))
    }

    /// Reads the process' environment and the `.env` of a directory, if there is one.
    ///
    /// # Errors
    /// Where there is a `.env` that cannot be read.
    pub fn load(directory: &Path) -> Result<Self, EnvironmentError> {
        let (path, mut inputs) = (directory.join(".env"), Inputs::default());
        let mut values = read_dotenv(&path, &mut inputs)?;
        values.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Self { values, inputs })
    }

    /// The value of a name; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The files that it was read from.
    pub(super) fn inputs(&self) -> Inputs {
        self.inputs.clone()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            values: pairs.into_iter().map(own).collect(),
            inputs: Inputs::default(),
        }
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment([REDACTED])")
    }
}

fn read_dotenv(
    path: &Path,
    inputs: &mut Inputs,
) -> Result<HashMap<String, String>, EnvironmentError> {
    let file = path.display().to_string();
    inputs.file(path, None);
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(source) => return Err(EnvironmentError::Unreadable { file, source }),
    };
    inputs.file(path, Some(&text));
    dotenvy::from_read_iter(text.as_slice())
        .collect::<Result<_, _>>()
        .map_err(|_| EnvironmentError::Malformed { file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_and_neither_prints_itself() {
        let directory = tempfile::tempdir().unwrap();
        let text = "JACKFIELD_TEST_ONLY=from-file\nPATH=from-file\nEMPTY=\n";
        std::fs::write(directory.path().join(".env"), text).unwrap();
        let environment = Environment::load(directory.path()).unwrap();
        assert_eq!(environment.get("JACKFIELD_TEST_ONLY"), Some("from-file"));
        assert_ne!(environment.get("PATH"), Some("from-file"));
        assert_eq!(environment.get("EMPTY"), None);
        assert!(!format!("{environment:?}").contains("from-file"));
    }

    #[test]
    fn a_malformed_file_is_named_without_its_line() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".env"), "TOKEN=a secret with spaces").unwrap();
        let error = Environment::load(directory.path()).unwrap_err().to_string();
        assert!(
            error.contains(".env") && !error.contains("secret with"),
            "{error}"
        );
    }
}
