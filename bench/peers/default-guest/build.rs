//! The provider's table, and nothing of what else the provider asks of the linker.

#[path = "../build/table.rs"]
mod table;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../build");
    table::write()
}
