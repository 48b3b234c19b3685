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

/// The world of providers for recordings, with the types of the other one.
pub mod analysis {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "analysis-provider",
        with: { "jackfield:addon/types@1.1.0": crate::contract::jackfield::addon::types },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "::jackfield_sdk::contract::analysis",
        runtime_path: "::jackfield_sdk::wit_bindgen::rt",
    });
}

/// The interface that providers may export besides, and the one through which they read
/// their settings. What a provider does not use of it, its component does not have.
pub mod settings {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: r"
            package jackfield:sdk;

            world settings {
                import wasi:config/store@0.2.0-rc.1;
                export jackfield:addon/settings@1.1.0;
            }

            package wasi:config@0.2.0-rc.1 {
                interface store {
                    variant error { upstream(string), io(string) }
                    get: func(key: string) -> result<option<string>, error>;
                    get-all: func() -> result<list<tuple<string, string>>, error>;
                }
            }
        ",
        world: "jackfield:sdk/settings",
        generate_all,
        pub_export_macro: true,
        default_bindings_module: "::jackfield_sdk::contract::settings",
        runtime_path: "::jackfield_sdk::wit_bindgen::rt",
    });
}
