//! Debian's own Rust, for machines that reach package registries and nothing else.
//!
//! Debian packages a current rustc with the sources of its standard library, but
//! not the library itself for WebAssembly: it is built here, once, and put where
//! that rustc looks for it. Debian ships no WebAssembly linker with it either;
//! the active toolchain's own serves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result};

use super::compiler::Compiler;
use super::{WasmTarget, WasmToolchain};
use crate::workspace::Workspace;
use crate::{apt, command, files};

/// What Debian calls a current rustc, its cargo, its sources, and WASI's libc.
pub(super) const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "wasi-libc"];

/// Where Debian puts programs.
const PROGRAMS: &str = "/usr/bin";

/// Where `wasi-libc` puts its files.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";

/// The crate whose dependency the standard library is.
const CRATE: &str = "throwaway";

/// Debian's toolchain, which need not be installed.
pub(super) struct Debian {
    compiler: Compiler,
    linker: Option<PathBuf>,
}

impl Debian {
    /// Debian's compiler, with the linker of the active one.
    pub(super) fn new(active: &Compiler) -> Self {
        let program = |name| Path::new(PROGRAMS).join(name).into();
        let compiler = Compiler {
            cargo: program("cargo"),
            rustc: program("rustc"),
        };
        Self {
            compiler,
            linker: active.rust_lld(),
        }
    }

    /// Whether every target was added to it earlier.
    pub(super) fn is_ready(&self, workspace: &Workspace) -> bool {
        self.linker.is_some() && self.compiler.builds_every_target(workspace)
    }

    /// Whether [`build`](Self::build) has a chance.
    pub(super) fn may_build(&self) -> bool {
        self.linker.is_some() && apt::may_install()
    }

    /// The toolchain as a value.
    pub(super) fn toolchain(&self) -> Result<WasmToolchain> {
        let linker = self
            .linker
            .as_ref()
            .context("the active toolchain has no `rust-lld`")?;
        // cargo-component asks the first rustc on PATH for its library.
        let path = env::var_os("PATH").unwrap_or_default();
        let path = [PROGRAMS.into()].into_iter().chain(env::split_paths(&path));
        let mut variables = vec![
            ("PATH", env::join_paths(path)?),
            ("RUSTC", self.compiler.rustc.clone()),
        ];
        for target in WasmTarget::ALL {
            variables.push((target.linker_variable(), linker.into()));
        }
        Ok(WasmToolchain {
            cargo: self.compiler.cargo.clone(),
            variables,
        })
    }

    /// Installs the packages, builds the library for every target, and puts it
    /// into its place in one step, so that an interruption leaves no half of it.
    pub(super) fn build(&self, workspace: &Workspace) -> Result<()> {
        self.install_packages()?;
        let directory = workspace.wasm_target().join("std");
        // Two generations of the library in one folder would both be copied.
        files::remove_directory(&directory)?;
        self.compile_library(&directory)?;
        for target in WasmTarget::ALL {
            self.install_library(target, &directory)?;
        }
        files::remove_directory(&directory)?;
        self.compiler.check_every_target(workspace)
    }

    fn install_packages(&self) -> Result<()> {
        if self.has_packages() {
            return Ok(());
        }
        apt::update()?;
        apt::install(&PACKAGES)
    }

    fn has_packages(&self) -> bool {
        let library = self.compiler.library_directory(WasmTarget::UnknownUnknown);
        let sources = library.ok().and_then(|library| {
            let libraries_of_all = library.parent()?.parent()?;
            Some(libraries_of_all.join("src/rust/library/std"))
        });
        self.compiler.check_version().is_ok()
            && sources.is_some_and(|sources| sources.exists())
            && Path::new(&self.compiler.cargo).exists()
            && Path::new(WASI_LIBC).exists()
    }

    fn compile_library(&self, directory: &Path) -> Result<()> {
        let manifest = directory.join("Cargo.toml");
        files::write_if_changed(&manifest, throwaway_manifest().as_bytes())?;
        files::write_if_changed(&directory.join("src/lib.rs"), b"")?;
        let mut cargo = Command::new(&self.compiler.cargo);
        cargo.current_dir(directory).args([
            "build",
            "--release",
            "-Z",
            "build-std=std,panic_abort",
        ]);
        for target in WasmTarget::ALL {
            cargo.args(["--target", target.triple()]);
        }
        cargo.env("CARGO_TARGET_DIR", directory.join("target"));
        cargo.env("RUSTC", &self.compiler.rustc);
        // Building the library is an unstable feature, which this rustc has all the same.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        // Without it, a provider with link-time optimisation does not link.
        cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes");
        command::run(&mut cargo)
    }

    fn install_library(&self, target: WasmTarget, directory: &Path) -> Result<()> {
        let place = self.compiler.library_directory(target)?;
        let partial = files::beside(&place, "new");
        fs::create_dir_all(&partial)?;
        let built = directory
            .join("target")
            .join(target.triple())
            .join("release/deps");
        copy_files(&built, &partial, is_of_the_library)?;
        if target == WasmTarget::Wasip1 {
            let libc = partial.join("self-contained");
            fs::create_dir_all(&libc)?;
            copy_files(Path::new(WASI_LIBC), &libc, |_| true)?;
        }
        files::replace_directory(&place, &partial)
            .with_context(|| format!("`{}` cannot be replaced", place.display()))
    }
}

fn throwaway_manifest() -> String {
    // The empty [workspace] keeps cargo from looking for one further up.
    format!(
        "[package]\nname = \"{CRATE}\"\nedition = \"2024\"\n\n\
         [profile.release]\npanic = \"abort\"\n\n[workspace]\n"
    )
}

fn is_of_the_library(name: &str) -> bool {
    name.ends_with(".rlib") && !name.starts_with(&format!("lib{CRATE}-"))
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    let entries = fs::read_dir(from).with_context(|| format!("no `{}`", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if entry.path().is_file() && wanted(&name.to_string_lossy()) {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_library_itself_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        for path in [&from, &to] {
            fs::create_dir(path).unwrap();
        }
        for name in [
            "libstd-1.rlib",
            "libstd-1.rmeta",
            "libthrowaway-1.rlib",
            "std-1.d",
        ] {
            fs::write(from.join(name), "").unwrap();
        }
        copy_files(&from, &to, is_of_the_library).unwrap();
        let kept: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(kept, ["libstd-1.rlib"]);
    }
}
