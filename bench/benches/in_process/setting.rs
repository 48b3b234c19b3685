//! The example configuration, and the components that were built.

use std::path::{Path, PathBuf};
use std::{env, fs};

use jackfield::config::{AddOnConfig, Config, Environment};

/// The number that the provider caller-name knows.
pub(crate) const NUMBER: &str = "+15005550006";

/// Where a component of the benchmark's own is, unless the environment says otherwise.
const PEERS: &str = "target/peers";

/// The repository's example of a configuration.
pub(crate) fn config() -> Config {
    let secrets = tempfile::tempdir().expect("a directory");
    let account = "ACCOUNT_SID=AC05b3911315a1322d1dede66eed740000\nAUTH_TOKEN=a-token\n";
    fs::write(secrets.path().join(".env"), account).expect("a file");
    let environment = Environment::load(secrets.path()).expect("an environment");
    let config = Config::load(&root().join("addons.toml"), &environment);
    config.unwrap_or_else(|errors| panic!("{}", errors.render(false)))
}

/// One of its add-ons.
pub(crate) fn add_on(config: &Config, name: &str) -> AddOnConfig {
    let mut add_ons = config.add_ons.iter();
    let add_on = add_ons.find(|add_on| add_on.name.as_str() == name);
    add_on.expect("the example has this add-on").clone()
}

/// The provider caller-name.
pub(crate) fn caller_name() -> Vec<u8> {
    read(&root().join("plugins/caller_name.wasm"))
}

/// The same, as Rust builds it by default.
pub(crate) fn default_guest() -> Vec<u8> {
    let peers = env::var_os("JACKFIELD_PEERS").map_or_else(|| root().join(PEERS), PathBuf::from);
    read(&peers.join("default_guest.wasm"))
}

fn read(component: &Path) -> Vec<u8> {
    fs::read(component).unwrap_or_else(|error| {
        panic!(
            "`{}`: {error}; `cargo xtask bench` builds it",
            component.display()
        )
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
