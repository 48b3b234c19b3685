//! Components: what cargo makes for WebAssembly is a core module, and this encodes
//! it into the component that the host loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use wit_component::ComponentEncoder;

use crate::progress::Progress;
use crate::toolchain::{WasmTarget, WasmToolchain};
use crate::tools::CargoComponent;
use crate::workspace::Workspace;
use crate::{command, files};

/// Builds the example providers into `plugins/NAME.wasm`.
pub(crate) fn build_providers(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    progress: &mut Progress,
) -> Result<()> {
    progress.step("Build the example providers", || {
        let mut cargo = toolchain.cargo(workspace);
        cargo.args(["build", "--profile", "guest"]);
        select_providers(&mut cargo, workspace)?;
        encode_all(&mut cargo, workspace, &workspace.plugins())
    })
}

/// Builds the tests' guests into `tests/guests/target/components/NAME.wasm`.
pub(crate) fn build_guests(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    progress: &mut Progress,
) -> Result<()> {
    progress.step("Build the tests' guests", || {
        let mut cargo = toolchain.cargo(workspace);
        cargo.args(["build", "--release", "--workspace", "--manifest-path"]);
        cargo.arg(workspace.guests().join("Cargo.toml"));
        encode_all(&mut cargo, workspace, &workspace.guest_components())
    })
}

/// Builds what the benchmark measures beside the providers into `target/peers/NAME.wasm`.
pub(crate) fn build_peers(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    progress: &mut Progress,
) -> Result<()> {
    progress.step("Build the benchmark's guests", || {
        for (package, profile) in PEERS {
            let mut cargo = toolchain.cargo(workspace);
            cargo.args(["build", "--profile", profile, "--package", package]);
            cargo.arg("--manifest-path");
            cargo.arg(workspace.peers().join("Cargo.toml"));
            encode_all(&mut cargo, workspace, &workspace.peer_components())?;
        }
        Ok(())
    })
}

/// The benchmark's guests, and how each is built: with every care, and with none.
const PEERS: [(&str, &str); 2] = [("wasi-http", "guest"), ("default-guest", "release")];

/// Builds the example providers for `target` as a vendor does, with cargo-component,
/// into `target/cargo-component/TARGET/NAME.wasm`.
pub(crate) fn build_with_cargo_component(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    tool: &CargoComponent,
    target: WasmTarget,
) -> Result<()> {
    let mut cargo = tool.cargo(toolchain.cargo(workspace));
    cargo.args([
        "component",
        "build",
        "--release",
        "--target",
        target.triple(),
    ]);
    select_providers(&mut cargo, workspace)?;
    command::run(&mut cargo)?;
    for provider in &workspace.providers {
        let name = format!("{}.wasm", provider.replace('-', "_"));
        let made = workspace
            .wasm_target()
            .join(target.triple())
            .join("release")
            .join(&name);
        let bytes = fs::read(&made).with_context(|| format!("no `{}`", made.display()))?;
        let kept = workspace
            .cargo_components()
            .join(target.triple())
            .join(&name);
        files::write_if_changed(&kept, &bytes)?;
    }
    Ok(())
}

fn select_providers(cargo: &mut Command, workspace: &Workspace) -> Result<()> {
    if workspace.providers.is_empty() {
        bail!("no crate in `plugins` has the crate type `cdylib`, so there is nothing to build");
    }
    for provider in &workspace.providers {
        cargo.args(["--package", provider]);
    }
    Ok(())
}

fn encode_all(cargo: &mut Command, workspace: &Workspace, directory: &Path) -> Result<()> {
    let target = WasmTarget::UnknownUnknown.triple();
    cargo.args(["--target", target]);
    cargo.arg("--message-format=json-render-diagnostics");
    let messages = command::run_for_output(cargo)?;
    for module in modules(&messages, &workspace.root) {
        let name = module
            .file_name()
            .context("cargo made a file without a name")?;
        let component = encode(&module)
            .with_context(|| format!("`{}` is no component", name.to_string_lossy()))?;
        let path = directory.join(name);
        let written = files::write_if_changed(&path, &component)?;
        let shown = path
            .strip_prefix(&workspace.root)
            .unwrap_or(&path)
            .display();
        let news = if written { "" } else { ", unchanged" };
        println!("    {shown}: {} bytes{news}", component.len());
    }
    Ok(())
}

fn encode(module: &Path) -> Result<Vec<u8>> {
    let module = fs::read(module)?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()
}

/// The WebAssembly modules among what cargo says it made, of crates below `root`.
fn modules(messages: &str, root: &Path) -> Vec<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| {
            let manifest = message["manifest_path"].as_str().map(Path::new);
            manifest.is_some_and(|path| path.starts_with(root))
        })
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_read_from_what_cargo_says() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/r/plugins/a/Cargo.toml","filenames":["/t/a.wasm"]}
{"reason":"compiler-artifact","manifest_path":"/r/plugins/sdk/Cargo.toml","filenames":["/t/libsdk.rlib"]}
{"reason":"compiler-artifact","manifest_path":"/elsewhere/Cargo.toml","filenames":["/t/b.wasm"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(modules(messages, Path::new("/r")), [Path::new("/t/a.wasm")]);
    }

    #[test]
    fn a_file_that_is_no_module_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("text.wasm");
        fs::write(&path, "not WebAssembly").unwrap();
        assert!(encode(&path).is_err());
    }
}
