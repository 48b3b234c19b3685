//! Leaves in the program what `jackfield version` tells of how it was built.

use std::env;
use std::process::Command;

fn main() {
    // Whoever builds a release says which commit it is; the repository itself is not
    // looked at, so that a commit alone compiles nothing again.
    println!("cargo:rerun-if-env-changed=JACKFIELD_COMMIT");
    println!("cargo:rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    println!("cargo:rustc-env=JACKFIELD_TARGET={target}");
    println!("cargo:rustc-env=JACKFIELD_RUSTC={}", rustc());
}

/// The compiler's version, as in `1.95.0 (59807616e 2026-04-14)`.
fn rustc() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let printed = Command::new(rustc).arg("--version").output();
    let printed = printed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let printed = printed.unwrap_or_default();
    let version = printed.trim().strip_prefix("rustc ");
    version.unwrap_or("unknown").to_owned()
}
