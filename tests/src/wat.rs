//! Components that are written as text: what no compiler would make.

use std::path::Path;

/// What modules have in common, and the files that it lies in.
const PARTS: [(&str, &str); 5] = [
    ("calm", "calm"),
    ("mute", "mute"),
    ("realloc", "realloc"),
    ("empty", "empty"),
    ("head", "recording/head"),
];

/// A component whose core module lies under this name in `guests/wat`, put into the frame
/// that makes it a provider.
///
/// # Panics
/// Where the text is no component.
#[must_use]
pub fn wat_guest(name: &str) -> Vec<u8> {
    framed(name, &text(name))
}

/// The guest that looks for what others leave, with so many pages of memory at its start.
///
/// # Panics
/// Where the text is no component.
#[must_use]
pub fn tenant(pages: u32) -> Vec<u8> {
    framed(
        "tenant",
        &text("tenant").replacen("{{pages}}", &pages.to_string(), 1),
    )
}

fn framed(name: &str, module: &str) -> Vec<u8> {
    let arguments = match module.contains("(core instance $things") {
        true => "(with \"things\" (instance $things))",
        false => "",
    };
    let component =
        text("frame")
            .replacen("{{module}}", module, 1)
            .replacen("{{arguments}}", arguments, 1);
    wat::parse_str(component).unwrap_or_else(|error| panic!("`{name}.wat`: {error}"))
}

/// A component whose core module lies under this name in `guests/wat/recording`, put into
/// the frame that makes it a provider for recordings. `realloc` is how it makes room for
/// what it is given.
///
/// # Panics
/// Where the text is no component.
#[must_use]
pub fn wat_recording_guest(name: &str, realloc: Realloc) -> Vec<u8> {
    let module = text(&format!("recording/{name}"));
    let component = text("recording/frame").replacen("{{module}}", &module, 1);
    let component = component.replacen("{{its-realloc}}", &realloc.text(), 1);
    wat::parse_str(component).unwrap_or_else(|error| panic!("`{name}.wat`: {error}"))
}

/// How a guest makes room for what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realloc {
    /// As it should.
    Sound,
    /// It makes room for the call, and none for what it reads: it never comes back.
    LoopsLater,
    /// What it reads is to lie beyond the end of its memory.
    OutsideLater,
}

impl Realloc {
    fn text(self) -> String {
        let later = match self {
            Self::Sound => return text("realloc"),
            Self::LoopsLater => "(loop $again (br $again)) (unreachable)",
            Self::OutsideLater => "(i32.const 0xfffffff0)",
        };
        // What `calm` reads is a list of bytes, which may lie anywhere, and no text is as long.
        let head = "(func (export \"realloc\")";
        let sound = text("realloc").replacen(head, "(func $sound", 1);
        format!(
            "{sound} {head} (param i32 i32 i32 i32) (result i32)
               (if (result i32) (i32.and (i32.eq (local.get 2) (i32.const 1))
                     (i32.eq (local.get 3) (i32.const 48)))
                 (then {later})
                 (else (call $sound
                   (local.get 0) (local.get 1) (local.get 2) (local.get 3)))))"
        )
    }
}

/// A file's text, with the files that its `{{names}}` stand for. The frame's own place is
/// left open.
fn text(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/wat");
    let path = directory.join(format!("{name}.wat"));
    let mut text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    for (part, file) in PARTS {
        let place = format!("{{{{{part}}}}}");
        if text.contains(&place) {
            text = text.replace(&place, &self::text(file));
        }
    }
    text
}
