//! One rustc with its cargo, and what it can compile for.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::WasmTarget;
use crate::workspace::{self, Workspace};
use crate::{command, files};

/// A compiler, which need not exist.
pub(super) struct Compiler {
    pub(super) cargo: OsString,
    pub(super) rustc: OsString,
}

impl Compiler {
    /// The one that cargo uses unless told otherwise.
    pub(super) fn active() -> Self {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        Self {
            cargo: workspace::active_cargo(),
            rustc,
        }
    }

    /// Whether [`check_every_target`](Self::check_every_target) succeeds.
    pub(super) fn builds_every_target(&self, workspace: &Workspace) -> bool {
        self.check_every_target(workspace).is_ok()
    }

    /// Compiles a line of Rust for every target. Looking for files alone would
    /// take a library of another rustc, or half a copy of one, for a good one.
    pub(super) fn check_every_target(&self, workspace: &Workspace) -> Result<()> {
        self.check_version()?;
        WasmTarget::ALL
            .into_iter()
            .try_for_each(|target| self.check_target(target, workspace))
    }

    /// Where rustc looks for the standard library of `target`.
    pub(super) fn library_directory(&self, target: WasmTarget) -> Result<PathBuf> {
        let directory = self.ask(&["--print", "target-libdir", "--target", target.triple()])?;
        Ok(directory.into())
    }

    /// The WebAssembly linker that rustup's toolchains ship for themselves.
    pub(super) fn rust_lld(&self) -> Option<PathBuf> {
        let host_libraries = PathBuf::from(self.ask(&["--print", "target-libdir"]).ok()?);
        let linker = host_libraries.parent()?.join("bin/rust-lld");
        linker.is_file().then_some(linker)
    }

    /// Whether it is new enough for the project.
    pub(super) fn check_version(&self) -> Result<()> {
        let printed = self.ask(&["--version"])?;
        let version = printed.split(' ').nth(1).and_then(major_and_minor);
        let version = version.with_context(|| format!("`{printed}` is not rustc's version"))?;
        let oldest = env!("CARGO_PKG_RUST_VERSION");
        if Some(version) < major_and_minor(oldest) {
            bail!("`{printed}` is older than {oldest}");
        }
        Ok(())
    }

    fn check_target(&self, target: WasmTarget, workspace: &Workspace) -> Result<()> {
        let directory = workspace.wasm_target().join("probe").join(target.triple());
        let source = directory.join("probe.rs");
        files::write_if_changed(&source, b"pub fn probe() -> String { String::new() }\n")?;
        let mut rustc = Command::new(&self.rustc);
        rustc.args([
            "--crate-type=lib",
            "--emit=metadata",
            "--target",
            target.triple(),
        ]);
        command::capture(rustc.arg("--out-dir").arg(&directory).arg(&source))?;
        let libc = self
            .library_directory(target)?
            .join("self-contained/libc.a");
        if target == WasmTarget::Wasip1 && !libc.is_file() {
            bail!("`{}` is missing", libc.display());
        }
        Ok(())
    }

    fn ask(&self, question: &[&str]) -> Result<String> {
        let answer = command::capture(Command::new(&self.rustc).args(question))?;
        Ok(answer.trim_end().to_owned())
    }
}

fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(major_and_minor("1.95.0") > major_and_minor("1.9.7"));
        assert!(major_and_minor("1.96.0-nightly") > major_and_minor("1.95"));
        assert_eq!(major_and_minor("stable"), None);
    }

    #[test]
    fn the_active_compiler_is_new_enough_for_the_project() {
        Compiler::active().check_version().unwrap();
    }

    #[test]
    fn a_compiler_that_does_not_exist_fails_its_check() {
        let absent = Compiler {
            cargo: "/absent/cargo".into(),
            rustc: "/absent/rustc".into(),
        };
        assert!(absent.check_version().is_err());
        assert_eq!(absent.rust_lld(), None);
    }
}
