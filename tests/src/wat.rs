//! Components that are written as text: what no compiler would make.

use std::path::Path;

/// A component whose core module lies under this name in `guests/wat`, put into the frame
/// that makes it a provider.
///
/// # Panics
/// Where the text is no component.
#[must_use]
pub fn wat_guest(name: &str) -> Vec<u8> {
    let module = text(name);
    let arguments = match module.contains("(core instance $things") {
        true => "(with \"things\" (instance $things))",
        false => "",
    };
    let component =
        text("frame")
            .replacen("{{module}}", &module, 1)
            .replacen("{{arguments}}", arguments, 1);
    wat::parse_str(component).unwrap_or_else(|error| panic!("`{name}.wat`: {error}"))
}

/// A file's text, with the files that its `{{names}}` stand for. The frame's own place is
/// left open.
fn text(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/wat");
    let path = directory.join(format!("{name}.wat"));
    let mut text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    for part in ["calm", "mute", "realloc", "empty"] {
        let place = format!("{{{{{part}}}}}");
        if text.contains(&place) {
            text = text.replace(&place, &self::text(part));
        }
    }
    text
}
