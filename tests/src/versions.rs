//! Any number of versions of one component, sound ones and broken ones, without compiling
//! anything for them: they are made of `guests/versioned`, in which a text is changed.

use crate::{artefacts, bombs, wat_guest};

/// What stands in the component as it was compiled.
const COMPILED: &str = "version-00000000-that-answers   ";

/// What a version does when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It answers with the request's nonce and its own label.
    Answers,
    /// It traps.
    Traps,
    /// It never returns.
    Spins,
}

/// A way in which a component is no good. Every number makes another file of it.
#[derive(Debug, Clone, Copy)]
pub struct Breakage {
    /// Its name.
    pub name: &'static str,
    /// What the host says about it.
    pub said: &'static str,
    make: fn() -> Vec<u8>,
}

/// What a host refuses before it serves anything. The bombs need [`TIGHT`] limits.
pub const REFUSED: &[Breakage] = &[
    Breakage {
        name: "truncated",
        said: "is not a WebAssembly component",
        make: truncated,
    },
    Breakage {
        name: "not wasm",
        said: "is not a WebAssembly component",
        make: || b"<!DOCTYPE html><title>404 Not Found</title>".to_vec(),
    },
    Breakage {
        name: "wrong world",
        said: "does not export `jackfield:addon/lookup@1.0.0`",
        make: || wat::parse_str("(component)").expect("a component"),
    },
    Breakage {
        name: "missing import",
        said: "imports what it is not granted",
        make: || wat_guest("unknown-import"),
    },
    Breakage {
        name: "huge memory",
        said: "raise `memory`",
        make: || wat_guest("huge-memory"),
    },
    Breakage {
        name: "bomb of time",
        said: "takes longer than 1s to compile (`compile_time`)",
        make: || bombs::nested_loops(700),
    },
    Breakage {
        name: "bomb of memory",
        said: "takes more than 256.0 MiB to compile (`compile_memory`)",
        // So large that it is at this limit in a tenth of the time that the other one gives.
        make: || bombs::nested_loops(48_000),
    },
    Breakage {
        name: "trap at start",
        said: "does not start",
        make: || wat_guest("trap-in-start"),
    },
];

/// What is refused by a host that makes a smoke request of each new version.
pub const UNANSWERING: &[Breakage] = &[Breakage {
    name: "failing smoke",
    said: "fails its smoke request",
    make: || version_that(Deed::Traps, 0),
}];

/// What starts, and fails every call.
pub const FAILING: &[Breakage] = &[Breakage {
    name: "trap when called",
    said: "the provider failed",
    make: || version_that(Deed::Traps, 0),
}];

/// The limits that the bombs meet: keys of `[server]`.
pub const TIGHT: &str = "compile_time = \"1s\"\ncompile_memory = \"256MiB\"";

impl Breakage {
    /// A component that is broken in this way, and differs from that of any other number.
    #[must_use]
    pub fn component(&self, number: u32) -> Vec<u8> {
        let mut bytes = (self.make)();
        bytes.extend(mark(number));
        bytes
    }
}

/// The version of a number. It answers.
#[must_use]
pub fn version(number: u32) -> Vec<u8> {
    version_that(Deed::Answers, number)
}

/// The version of a number, which does this.
#[must_use]
pub fn version_that(deed: Deed, number: u32) -> Vec<u8> {
    let compiled = std::fs::read(artefacts::guest("versioned")).expect("the guest is read");
    patched(&compiled, COMPILED, &label_of(deed, number))
}

/// What the answers of a version call it.
#[must_use]
pub fn label(number: u32) -> String {
    label_of(Deed::Answers, number)
}

/// The number in a label.
#[must_use]
pub fn number_in(label: &str) -> Option<u32> {
    let number: u32 = label.get(8..16)?.parse().ok()?;
    (self::label(number) == label).then_some(number)
}

fn label_of(deed: Deed, number: u32) -> String {
    let deed = match deed {
        Deed::Answers => "answers",
        Deed::Traps => "traps",
        Deed::Spins => "spins",
    };
    format!("version-{number:08}-that-{deed:10}")
}

/// A file in which a text that stands there once is another of the same length.
///
/// # Panics
/// Where it stands there more than once, or not at all.
#[must_use]
pub fn patched(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "`{old}` and `{new}`");
    let windows = bytes.windows(old.len()).enumerate();
    let places = windows.filter(|(_, window)| *window == old.as_bytes());
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let [place] = places[..] else {
        panic!("`{old}` stands there {} times", places.len());
    };
    let mut bytes = bytes.to_vec();
    bytes[place..place + new.len()].copy_from_slice(new.as_bytes());
    bytes
}

fn truncated() -> Vec<u8> {
    let mut bytes = version(0);
    bytes.truncate(bytes.len() * 2 / 3);
    bytes
}

/// A custom section, which changes nothing but the hash of the component that ends with it.
#[must_use]
pub fn mark(number: u32) -> Vec<u8> {
    let mut section = vec![0, 9, 4];
    section.extend(b"mark");
    section.extend(number.to_le_bytes());
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_its_number_and_a_patch_changes_nothing_else() {
        assert_eq!(label(0), COMPILED);
        for number in [0, 1, 99_999_999] {
            assert_eq!(number_in(&label(number)), Some(number));
        }
        for text in [
            "",
            &label_of(Deed::Traps, 1),
            "version-0000000a-that-answers   ",
        ] {
            assert_eq!(number_in(text), None, "{text}");
        }
        assert_eq!(patched(b"a-b-c", "b", "x"), b"a-x-c");
    }

    #[test]
    fn every_number_of_a_breakage_is_another_file() {
        for breakage in REFUSED.iter().chain(UNANSWERING).chain(FAILING) {
            let (one, other) = (breakage.component(1), breakage.component(2));
            assert_ne!(one, other, "{}", breakage.name);
        }
    }
}
