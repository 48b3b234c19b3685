//! What an operator sees of a configuration, good or bad.

mod add_ons;
mod arbitrary;
mod bad;
mod clients;
mod egress;
mod good;
mod jobs;
mod operators;
mod recordings;
mod schema;
mod secrets;
mod settings;
mod smoke;
mod tls;
mod traces;

use std::fs;

use tempfile::TempDir;

use super::{Config, ConfigErrors, Environment};

const ACCOUNT: &str = "AC05b3911315a1322d1dede66eed740000";
const OTHER_ACCOUNT: &str = "ACffffffffffffffffffffffffffffffff";
const SID: &str = "XBc6dc06ce91d566fae284bc2bf36218a4";
const OTHER_SID: &str = "XB1a2b3c4d5e6f708192a3b4c5d6e7f801";
const SERVER: &str = "[server]\npublic_url = \"https://addons.example.com\"\n";

/// A directory of configuration files.
struct Directory(TempDir);

impl Directory {
    fn of(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(directory)
    }

    fn load_in(&self, environment: &Environment) -> Result<Config, ConfigErrors> {
        let loaded = Config::load(&self.0.path().join("addons.toml"), environment);
        if loaded.is_ok() {
            schema::accepts_every_file_of(self.0.path());
        }
        loaded
    }

    fn load(&self) -> Result<Config, ConfigErrors> {
        self.load_in(&environment())
    }

    /// A text without the directory's own name.
    fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    /// All that an operator sees, in one line each and at length.
    fn complaint(&self) -> String {
        let errors = self.load().expect_err("the configuration is bad");
        for error in errors.iter() {
            assert!(!error.help.is_empty(), "{error}");
        }
        let shown = format!("{errors}\n\n{}", errors.render(false));
        self.relative(&shown)
    }
}

fn environment() -> Environment {
    Environment::from([
        ("ACCOUNT_SID", ACCOUNT),
        ("AUTH_TOKEN", "token of the environment"),
    ])
}

/// A whole file with one add-on and further keys.
fn with_add_on(keys: &str) -> String {
    format!(
        "{SERVER}\n[addons.caller-name]\nsid = \"{SID}\"\ncomponent = \"plugins/caller_name.wasm\"\n{keys}\n"
    )
}

/// A whole file with further keys in `[server]`.
fn with_server(keys: &str) -> String {
    format!("[server]\n{keys}\n")
}

fn load(text: &str) -> Result<Config, ConfigErrors> {
    Directory::of(&[("addons.toml", text)]).load()
}
