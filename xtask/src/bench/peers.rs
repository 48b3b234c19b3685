//! What the host is measured beside, and how each is started: `wasmtime serve` and Express.
//!
//! `{port}` stands for the port in arguments and environment.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::components;
use crate::progress::Progress;
use crate::toolchain::WasmToolchain;
use crate::tools::{Express, WasmtimeCli};
use crate::workspace::Workspace;

/// What is in every right answer, as in the host's own.
const MARK: &str = "\"error_code\":null";

/// Names of `wasmtime serve` in the report, and what it is told besides.
const SERVES: [(&str, &[&str]); 3] = [
    ("wasmtime serve", &[]),
    (
        "wasmtime serve, pooling",
        &[
            "-Opooling-allocator",
            "-Opooling-memory-keep-resident=1048576",
            "-Opooling-table-keep-resident=65536",
            "-Opooling-async-stack-keep-resident=65536",
        ],
    ),
    (
        "wasmtime serve, reuse",
        &[
            "-Opooling-allocator",
            "--max-instance-reuse-count=1000000000",
        ],
    ),
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
    let component = workspace.peer_components().join("wasi_http.wasm");
    let serves = SERVES.iter();
    let serves = serves.map(|(name, told)| serve(name, told, &wasmtime.program, &component));
    Ok(serves.chain([express_peer(&express)]).collect())
}

fn serve(name: &str, told: &[&str], program: &Path, component: &Path) -> Value {
    // The token comes out of the environment, which is nothing that `serve` gives by itself.
    let mut arguments = ["serve", "-Scli", "--addr=127.0.0.1:{port}"]
        .map(str::to_owned)
        .to_vec();
    arguments.extend(told.iter().map(|text| (*text).to_owned()));
    arguments.extend(["AUTH_TOKEN", "PUBLIC_URL"].map(|name| format!("--env={name}")));
    arguments.push(component.to_string_lossy().into_owned());
    json!({ "name": name, "program": program, "arguments": arguments, "mark": MARK })
}

fn express_peer(express: &Express) -> Value {
    let command = express.command();
    let arguments: Vec<_> = command
        .get_args()
        .map(|text| text.to_string_lossy())
        .collect();
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.into())));
    let mut environment: serde_json::Map<String, Value> = variables.collect();
    environment.insert("PORT".to_owned(), "{port}".into());
    json!({
        "name": "express",
        "program": command.get_program().to_string_lossy(),
        "arguments": arguments,
        "environment": environment,
        "mark": MARK,
    })
}
