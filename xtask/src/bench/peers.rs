//! What the host is measured beside, and how each is started: `wasmtime serve` and Express.
//!
//! `{port}` stands for the port in arguments and environment.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::progress::Progress;
use crate::toolchain::WasmToolchain;
use crate::tools::{Express, WasmtimeCli};
use crate::workspace::Workspace;
use crate::{command, components};

/// What is in every right answer, as in the host's own.
const MARK: &str = "\"error_code\":null";

/// Pages that stay mapped from one instance to the next.
const RESIDENT: &str = "-Opooling-allocator,pooling-memory-keep-resident=131072,\
                        pooling-table-keep-resident=65536,\
                        pooling-async-stack-keep-resident=32768";

/// Instances that are used again, as often as wasmtime does by default with those for
/// WASI 0.3.
const REUSED: &str = "--max-instance-reuse-count=128";

/// Names of `wasmtime serve` in the report, and what it is told besides: see
/// `bench/peers/README.md`.
const SERVES: [(&str, &[&str]); 3] = [
    ("wasmtime serve", &[]),
    ("wasmtime serve, pooling", &[RESIDENT]),
    ("wasmtime serve, reuse", &[RESIDENT, REUSED]),
];

/// Builds and installs them all, and says how they are started.
pub(super) fn prepare(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    progress: &mut Progress,
) -> Result<Vec<Value>> {
    components::build_peers(workspace, toolchain, progress)?;
    let wasmtime = progress.step("Find wasmtime", || WasmtimeCli::prepare(workspace))?;
    let express = progress.step("Install Express", || Express::prepare(workspace))?;
    let mut peers = serves(&wasmtime.program, &workspace.peer_components())?;
    peers.push(reference(&express, workspace)?);
    Ok(peers)
}

/// `wasmtime serve`, in each of its ways.
fn serves(program: &Path, components: &Path) -> Result<Vec<Value>> {
    let version = version(&mut Command::new(program))?;
    let component = components.join("wasi_http.wasm");
    // The token comes out of the environment, which is nothing that `serve` gives by itself.
    let before = ["serve", "-Scli", "--addr=127.0.0.1:{port}"];
    let behind = ["--env=AUTH_TOKEN", "--env=PUBLIC_URL"];
    let component = component.to_string_lossy();
    let serve = |(name, told): &(&str, &[&str])| {
        let arguments = [&before, *told, &behind, &[&component]].concat();
        json!({
            "name": name,
            "version": version,
            "program": program,
            "arguments": arguments,
            "mark": MARK,
        })
    };
    Ok(SERVES.iter().map(serve).collect())
}

/// Express, as its versions are pinned.
fn reference(express: &Express, workspace: &Workspace) -> Result<Value> {
    let command = express.command();
    let arguments = command.get_args().map(OsStr::to_string_lossy);
    let arguments: Vec<_> = arguments.collect();
    let variables = command.get_envs().filter_map(|(name, value)| {
        let (name, value) = (name.to_str()?, value?.to_str()?);
        Some((name.to_owned(), value.into()))
    });
    let mut environment: Map<String, Value> = variables.collect();
    environment.insert("PORT".to_owned(), "{port}".into());
    let node = version(&mut Command::new(command.get_program()))?;
    Ok(json!({
        "name": "express",
        "version": format!("{} on Node.js {node}", pinned(workspace)?),
        "program": command.get_program().to_string_lossy(),
        "arguments": arguments,
        "environment": environment,
        "mark": MARK,
    }))
}

/// What a program says of its own version.
fn version(program: &mut Command) -> Result<String> {
    let text = command::capture(program.arg("--version"))?;
    let text = text.split(" (").next().unwrap_or_default();
    Ok(text.trim().trim_start_matches('v').to_owned())
}

/// The packages that Express is installed with, as in `express 5.3.0 with twilio 6.2.0`.
fn pinned(workspace: &Workspace) -> Result<String> {
    let path = workspace.peers().join("express/package.json");
    let package: Value = serde_json::from_slice(&fs::read(path)?)?;
    let packages = package["dependencies"].as_object().into_iter().flatten();
    let words =
        packages.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()));
    Ok(words.collect::<Vec<_>>().join(" with "))
}
