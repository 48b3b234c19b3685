//! Everything that must hold, in the order that fails earliest.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::progress::Progress;
use crate::toolchain::{WasmTarget, WasmToolchain};
use crate::tools::{CargoComponent, CargoDeny, OfficialLibraries, Postgres, programs, promtool};
use crate::workspace::Workspace;
use crate::{command, components, demo, fuzz, sbom};

/// What the tests find through their environment, besides what is built.
struct Needs {
    libraries: OfficialLibraries,
    postgres: Postgres,
    promtool: PathBuf,
}

/// Checks everything; `arguments` go to the test binaries.
pub(crate) fn run_everything(
    workspace: &Workspace,
    progress: &mut Progress,
    arguments: &[String],
) -> Result<()> {
    progress.step("Check the format", || check_format(workspace))?;
    progress.step("Test xtask", || {
        command::run(
            workspace
                .cargo()
                .args(["test", "--quiet", "--package", "xtask"]),
        )
    })?;
    let toolchain = WasmToolchain::prepare(workspace, progress)?;
    let deny = progress.step("Find cargo-deny", || CargoDeny::prepare(workspace))?;
    progress.step("Check licences, bans and sources", || {
        check_supply(workspace, &deny)
    })?;
    sbom::write(workspace, progress)?;
    progress.step("Check the lints", || check_lints(workspace))?;
    let needs = prepare_tests(workspace, &toolchain, progress)?;
    progress.step("Run the tests", || {
        command::run(&mut tests(workspace, &needs, arguments))
    })
}

/// Runs the tests alone, with the counts of a soak test, and then the fuzzers. Arguments choose
/// among the tests, and `fuzz` the fuzzers.
pub(crate) fn soak(
    workspace: &Workspace,
    progress: &mut Progress,
    arguments: &[String],
) -> Result<()> {
    match arguments {
        [] => {
            soak_tests(workspace, progress, &[])?;
            fuzz::run(workspace, progress)
        }
        [only] if only == "fuzz" => fuzz::run(workspace, progress),
        chosen => soak_tests(workspace, progress, chosen),
    }
}

fn soak_tests(workspace: &Workspace, progress: &mut Progress, arguments: &[String]) -> Result<()> {
    let toolchain = WasmToolchain::prepare(workspace, progress)?;
    let needs = prepare_tests(workspace, &toolchain, progress)?;
    progress.step("Run the tests, for long", || {
        command::run(tests(workspace, &needs, arguments).env("JACKFIELD_SOAK", "1"))
    })
}

fn check_format(workspace: &Workspace) -> Result<()> {
    command::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    [workspace.guests(), workspace.peers()]
        .into_iter()
        .try_for_each(|apart| {
            let mut cargo = workspace.cargo();
            cargo.args(["fmt", "--all", "--check", "--manifest-path"]);
            command::run(cargo.arg(apart.join("Cargo.toml")))
        })
}

fn check_supply(workspace: &Workspace, deny: &CargoDeny) -> Result<()> {
    let mut cargo = deny.cargo(workspace.cargo());
    // Without the graphs, a warning is one line, and the one that matters is seen.
    cargo.args([
        "deny",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]);
    command::run(&mut cargo)
}

fn check_lints(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--release"]);
    command::run(cargo.args(["--", "-D", "warnings"]))
}

/// Makes whatever the tests find through their environment.
fn prepare_tests(
    workspace: &Workspace,
    toolchain: &WasmToolchain,
    progress: &mut Progress,
) -> Result<Needs> {
    // What may be missing is looked for before anything is built.
    let postgres = progress.step("Find PostgreSQL", Postgres::prepare)?;
    progress.step("Find strace", || programs::STRACE.prepare())?;
    progress.step("Find systemd-analyze", || {
        programs::SYSTEMD_ANALYZE.prepare()
    })?;
    progress.step("Find openssl", || programs::OPENSSL.prepare())?;
    progress.step("Find curl", || programs::CURL.prepare())?;
    progress.step("Find wrk", || programs::WRK.prepare())?;
    progress.step("Find h2load", || programs::H2LOAD.prepare())?;
    let promtool = progress.step("Find promtool", || promtool::prepare(workspace))?;
    demo::build_host(workspace, progress)?;
    components::build_providers(workspace, toolchain, progress)?;
    components::build_guests(workspace, toolchain, progress)?;
    // No test calls them. They share code with the providers, and must not fall behind.
    components::build_peers(workspace, toolchain, progress)?;
    let tool = progress.step("Find cargo-component", || {
        CargoComponent::prepare(workspace)
    })?;
    progress.step("Build the providers with cargo-component", || {
        WasmTarget::ALL.into_iter().try_for_each(|target| {
            components::build_with_cargo_component(workspace, toolchain, &tool, target)
        })
    })?;
    let libraries = progress.step("Install Twilio's libraries", || {
        OfficialLibraries::prepare(workspace)
    })?;
    Ok(Needs {
        libraries,
        postgres,
        promtool,
    })
}

/// Unit, property, documentation and integration tests of the whole workspace.
///
/// But for xtask's own: in one build with the host, it would turn on features of
/// the host's dependencies, and wasmtime would be compiled a second time.
fn tests(workspace: &Workspace, needs: &Needs, arguments: &[String]) -> Command {
    let Needs {
        libraries,
        postgres,
        promtool,
    } = needs;
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--workspace", "--exclude", "xtask", "--release"])
        .env("JACKFIELD_BIN", workspace.host())
        .env("JACKFIELD_GUESTS", workspace.guest_components())
        .env("JACKFIELD_PLUGINS", workspace.plugins())
        .env("JACKFIELD_CARGO_COMPONENT", workspace.cargo_components())
        .env("JACKFIELD_NODE_MODULES", &libraries.node_modules)
        .env("JACKFIELD_PYTHON", &libraries.python)
        .env("JACKFIELD_POSTGRES", &postgres.programs)
        .env("JACKFIELD_PROMTOOL", promtool);
    if !arguments.is_empty() {
        cargo.arg("--").args(arguments);
    }
    cargo
}
