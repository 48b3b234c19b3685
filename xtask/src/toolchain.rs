//! The wasm toolchain: a cargo and a rustc that build for WebAssembly.
//!
//! How it came to be is this module's secret. The targets may be installed
//! already, come from rustup, or be built from Debian's sources where a machine
//! reaches nothing but package registries.

mod compiler;
mod debian;
mod rustup;
mod way;

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Result, anyhow};
use compiler::Compiler;
use debian::Debian;
use way::{Facts, Way};

use crate::progress::Progress;
use crate::workspace::Workspace;

/// What the project compiles for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmTarget {
    /// Imports nothing: the recommended shape of a provider.
    UnknownUnknown,
    /// With WASI, which is what cargo-component builds for by default.
    Wasip1,
}

impl WasmTarget {
    /// Every target that the project needs.
    pub(crate) const ALL: [Self; 2] = [Self::UnknownUnknown, Self::Wasip1];

    /// The name by which cargo, rustc and rustup know it.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::UnknownUnknown => "wasm32-unknown-unknown",
            Self::Wasip1 => "wasm32-wasip1",
        }
    }

    fn linker_variable(self) -> &'static str {
        match self {
            Self::UnknownUnknown => "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            Self::Wasip1 => "CARGO_TARGET_WASM32_WASIP1_LINKER",
        }
    }
}

/// A toolchain that has every [`WasmTarget`].
pub(crate) struct WasmToolchain {
    cargo: OsString,
    variables: Vec<(&'static str, OsString)>,
}

impl WasmToolchain {
    /// Finds the toolchain, or makes it; that may take minutes, and says so.
    pub(crate) fn prepare(workspace: &Workspace, progress: &mut Progress) -> Result<Self> {
        progress.step("Find the WebAssembly targets", || {
            Self::find_or_make(workspace)
        })
    }

    /// Cargo that builds for WebAssembly, at work in the repository.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut cargo = Command::new(&self.cargo);
        cargo
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", workspace.wasm_target());
        cargo.envs(self.variables.iter().map(|(name, value)| (name, value)));
        cargo
    }

    fn find_or_make(workspace: &Workspace) -> Result<Self> {
        let active = Compiler::active();
        let debian = Debian::new(&active);
        let facts = Facts {
            active_is_ready: active.builds_every_target(workspace),
            debian_is_ready: debian.is_ready(workspace),
            has_rustup: rustup::is_installed(),
            may_build_on_debian: debian.may_build(),
        };
        let mut failures = Vec::new();
        for way in way::in_order(facts) {
            println!("    {}", way.describe());
            match Self::take(way, &active, &debian, workspace) {
                Ok(toolchain) => return Ok(toolchain),
                Err(failure) => failures.push(failure),
            }
        }
        Err(nothing_worked(&failures))
    }

    fn take(way: Way, active: &Compiler, debian: &Debian, workspace: &Workspace) -> Result<Self> {
        match way {
            Way::Active => Ok(Self::of_active(active)),
            Way::Debian => debian.toolchain(),
            Way::Rustup => {
                rustup::add_targets()?;
                active.check_every_target(workspace)?;
                Ok(Self::of_active(active))
            }
            Way::BuildOnDebian => {
                debian.build(workspace)?;
                debian.toolchain()
            }
        }
    }

    fn of_active(active: &Compiler) -> Self {
        Self {
            cargo: active.cargo.clone(),
            variables: Vec::new(),
        }
    }
}

fn nothing_worked(failures: &[anyhow::Error]) -> anyhow::Error {
    let targets = WasmTarget::ALL.map(WasmTarget::triple).join(" ");
    let failures: String = failures
        .iter()
        .map(|failure| format!("\n  {failure:#}"))
        .collect();
    anyhow!(
        "the Rust targets {targets} are not installed, and could not be installed.{failures}\n\
         With a network, run `rustup target add {targets}`.\n\
         On Debian without one, be root, with the packages {} at hand.",
        debian::PACKAGES.join(", ")
    )
}
