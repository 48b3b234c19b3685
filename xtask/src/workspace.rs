//! Where things are: the repository, its target directory, its providers.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command;

/// The repository's own layout. All paths are absolute.
pub(crate) struct Workspace {
    /// The directory of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user's settings put it.
    pub(crate) target: PathBuf,
    /// The directories of its members.
    pub(crate) members: Vec<PathBuf>,
    /// The names of the crates in `plugins` that are built into components.
    pub(crate) providers: Vec<String>,
}

impl Workspace {
    /// Finds the workspace that this program was compiled in.
    pub(crate) fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask is not inside a workspace")?;
        let metadata = metadata(root)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("`cargo metadata` names no target directory")?;
        Ok(Self {
            root: root.to_owned(),
            target: target.into(),
            members: members(&metadata),
            providers: providers(&metadata, &root.join("plugins")),
        })
    }

    /// The host's binary, which exists once the host has been built.
    pub(crate) fn host(&self) -> PathBuf {
        self.target
            .join("release/jackfield")
            .with_extension(env::consts::EXE_EXTENSION)
    }

    /// Where what operators run is built.
    pub(crate) fn dist(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// The drop-in directory of the built providers.
    pub(crate) fn plugins(&self) -> PathBuf {
        self.root.join("plugins")
    }

    /// The workspace of the guests, which is not part of this one.
    pub(crate) fn guests(&self) -> PathBuf {
        self.root.join("tests/guests")
    }

    /// The guests as components.
    pub(crate) fn guest_components(&self) -> PathBuf {
        self.guests().join("target/components")
    }

    /// The fuzzers, and what they are given.
    pub(crate) fn fuzz(&self) -> PathBuf {
        self.root.join("fuzz")
    }

    /// What the benchmark measures beside the providers: a workspace of its own as well.
    pub(crate) fn peers(&self) -> PathBuf {
        self.root.join("bench/peers")
    }

    /// Its guests as components.
    pub(crate) fn peer_components(&self) -> PathBuf {
        self.target.join("peers")
    }

    /// What cargo-component made, in a directory for each target.
    pub(crate) fn cargo_components(&self) -> PathBuf {
        self.target.join("cargo-component")
    }

    /// Builds for WebAssembly stay apart from native ones, because another rustc
    /// may make them, and its artefacts would push the others out.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// What the benchmark is given, and what it writes.
    pub(crate) fn bench(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// What the tests and the benchmark need besides Rust code.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Cargo of the active toolchain, at work in the repository.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(active_cargo());
        cargo
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}

/// The cargo that runs this program, or else the first one on `PATH`.
pub(crate) fn active_cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn metadata(root: &Path) -> Result<Value> {
    let mut cargo = Command::new(active_cargo());
    cargo.args([
        "metadata",
        "--no-deps",
        "--format-version=1",
        "--manifest-path",
    ]);
    let text = command::capture(cargo.arg(root.join("Cargo.toml")))?;
    serde_json::from_str(&text).context("`cargo metadata` printed something else than JSON")
}

fn members(metadata: &Value) -> Vec<PathBuf> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifests = packages.filter_map(|package| package["manifest_path"].as_str());
    let directories = manifests.filter_map(|path| Path::new(path).parent());
    directories.map(Path::to_owned).collect()
}

fn providers(metadata: &Value, plugins: &Path) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter(|package| {
            let manifest = package["manifest_path"].as_str().map(Path::new);
            manifest.is_some_and(|path| path.starts_with(plugins)) && is_cdylib(package)
        })
        .filter_map(|package| package["name"].as_str().map(str::to_owned))
        .collect()
}

fn is_cdylib(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets
        .filter_map(|target| target["kind"].as_array())
        .flatten()
        .any(|kind| kind == "cdylib")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_cdylib_crates_below_plugins_are_providers() {
        let package = |name: &str, path: &str, kind: &str| json!({ "name": name, "manifest_path": path, "targets": [{ "kind": [kind] }] });
        let metadata = json!({ "packages": [
            package("caller-name", "/repository/plugins/caller-name/Cargo.toml", "cdylib"),
            package("sdk", "/repository/plugins/sdk/Cargo.toml", "lib"),
            package("other", "/repository/other/Cargo.toml", "cdylib"),
        ] });
        assert_eq!(
            providers(&metadata, Path::new("/repository/plugins")),
            ["caller-name"]
        );
    }
}
