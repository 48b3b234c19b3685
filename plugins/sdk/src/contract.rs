//! The contract in Rust, generated from the repository's `wit/` directory.

// `unsafe` is how the component model's calling convention is spoken; the
// generator writes all of it, and the documentation is the contract's own.
#![allow(unsafe_code, missing_docs, unreachable_pub, unused_qualifications)]
#![allow(clippy::undocumented_unsafe_blocks)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "lookup-provider",
    additional_derives: [PartialEq, Eq],
    pub_export_macro: true,
    default_bindings_module: "::jackfield_sdk::contract",
    runtime_path: "::jackfield_sdk::wit_bindgen::rt",
});
