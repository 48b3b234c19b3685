//! What a component wants of its host, by name.

use std::collections::BTreeSet;

use wasmparser::{Parser, Payload};

/// The names that a component imports, as in `wasi:config/store@0.2.0-rc.1`. Of one that
/// cannot be read, those before the place where it cannot.
#[must_use]
pub fn of(component: &[u8]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload {
            Ok(Payload::Version { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::ComponentImportSection(imports)) if depth == 1 => {
                let imports = imports.into_iter().flatten();
                names.extend(imports.map(|import| import.name.name.to_owned()));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_the_component_itself_are_named_and_those_inside_are_not() {
        let text = r#"(component
            (import "a:b/c@1.0.0" (instance))
            (import "d" (func))
            (component (import "inner" (func)))
            (core module (import "core" "f" (func))))"#;
        let names = of(&wat::parse_str(text).unwrap());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["a:b/c@1.0.0", "d"]);
        assert!(of(b"not wasm").is_empty());
    }
}
