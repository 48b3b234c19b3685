//! What an operator has to grant for an import.

/// What is linked without being granted, and has nothing behind it (see
/// [`wasi`](crate::sandbox)).
const STAND_INS: [&str; 5] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
];
/// What is known, and that this version of the host does not have.
const NOT_GRANTED: [&str; 5] = [
    "wasi:http/",
    "wasi:keyvalue/",
    "wasi:logging/",
    "wasi:sockets/",
    "wasi:tls/",
];

/// What an import needs, by its name.
pub(super) fn of(import: &str) -> &'static str {
    let begins = |names: &[&str]| names.iter().any(|name| import.starts_with(name));
    if import.starts_with("jackfield:addon/types@1.") {
        "nothing: the contract's own types"
    } else if import.starts_with("jackfield:addon/recording-media@1.") {
        "an add-on that serves recordings"
    } else if begins(&STAND_INS) {
        match import.rsplit_once('@') {
            Some((_, version)) if version.starts_with("0.2.") => {
                "nothing: it is there, with nothing behind it"
            }
            _ => "not granted by this version, which has WASI 0.2",
        }
    } else if import.starts_with("wasi:config/store@") {
        "a table [addons.NAME.settings]"
    } else if begins(&NOT_GRANTED) {
        "not granted by this version"
    } else {
        "not known"
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn every_import_is_told_what_it_needs() {
        for (import, need) in [
            ("jackfield:addon/types@1.0.0", "nothing: the contract"),
            ("jackfield:addon/types@2.0.0", "not known"),
            ("jackfield:addon/recording-media@1.1.0", "an add-on that"),
            ("wasi:cli/environment@0.2.6", "nothing: it is there"),
            ("wasi:clocks/monotonic-clock@0.3.0", "not granted by this"),
            ("wasi:config/store@0.2.0-rc.1", "a table"),
            ("wasi:sockets/tcp@0.2.0", "not granted by this version"),
            ("wasi:http/outgoing-handler@0.2.0", "not granted by this"),
            ("acme:telephone/exchange", "not known"),
            ("wasi:clips/run@0.2.0", "not known"),
        ] {
            assert!(of(import).starts_with(need), "{import}: {}", of(import));
        }
    }
}
