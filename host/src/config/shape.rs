//! Turns what a deserialiser says about a table's shape into what an operator can act on.
//! No value is ever repeated: it may be a secret in the wrong place.

/// What is wrong, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// The key that is meant, within the table, where the message names one.
    pub(super) key: Option<String>,
    /// Whether that key is not there, so that there is no place to point at.
    pub(super) is_missing: bool,
    pub(super) problem: String,
    pub(super) help: String,
}

/// The least likeness, from 0 to 1, of a key that is suggested for another.
const ALIKE: f64 = 0.7;

/// Reads a message of serde's.
pub(super) fn advice(message: &str) -> Advice {
    let message = message.trim_end();
    unknown(message)
        .or_else(|| missing_key(message))
        .or_else(|| wrong_type(message))
        .unwrap_or_else(|| custom(message))
}

/// What to say about a key that nothing reads.
pub(super) fn unknown_key(key: &str, known: &[&str]) -> Advice {
    let likeness = |known: &str| strsim::jaro_winkler(known, key);
    let nearest = known
        .iter()
        .copied()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|nearest| likeness(nearest) >= ALIKE);
    let list = known.join(", ");
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? the keys here are {list}"),
        None => format!("remove it; the keys here are {list}"),
    };
    Advice {
        key: Some(key.to_owned()),
        is_missing: false,
        problem: "there is no such key".to_owned(),
        help,
    }
}

fn unknown(message: &str) -> Option<Advice> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    Some(unknown_key(key, &known))
}

fn missing_key(message: &str) -> Option<Advice> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    let help = match key {
        "sid" => "add sid = \"XB…\", the add-on's SID from Twilio's console".to_owned(),
        "component" => "add component = \"plugins/NAME.wasm\", the provider's file".to_owned(),
        "phone" => "add phone = \"+15005550006\", a number that the provider knows".to_owned(),
        "password" => "add password = { env = \"NAME\" }".to_owned(),
        key => format!("add {key} = …"),
    };
    Some(Advice {
        key: Some(key.to_owned()),
        is_missing: true,
        problem: "the key is missing".to_owned(),
        help,
    })
}

fn wrong_type(message: &str) -> Option<Advice> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?;
    // A text that was found may hold the separator itself.
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let (expected, help) = match expected {
        "a string" | "a borrowed string" => ("a text", "write it in quotes, as in \"text\""),
        "a boolean" => ("`true` or `false`", "write one of them, without quotes"),
        "a sequence" => ("a list", "write it in brackets, as in [\"one\", \"two\"]"),
        "i64" => ("a whole number", "write it without quotes, as in 64"),
        _ => (
            "a table",
            "write its keys in braces, as in { key = \"value\" }, or under a header of its own",
        ),
    };
    let problem = format!("expected {expected}, found {}", kind_of(found));
    Some(Advice {
        key: None,
        is_missing: false,
        problem,
        help: help.to_owned(),
    })
}

fn kind_of(found: &str) -> &'static str {
    match found.split([' ', ',']).next().unwrap_or_default() {
        "string" => "a text",
        "integer" => "a whole number",
        "floating" => "a number with a fraction",
        "boolean" => "`true` or `false`",
        "sequence" => "a list",
        "map" => "a table",
        _ => "something else",
    }
}

/// Our own messages hold what to do behind a semicolon.
fn custom(message: &str) -> Advice {
    let (problem, help) = message
        .split_once("; ")
        .unwrap_or((message, "see docs/operations.md for what can stand here"));
    Advice {
        key: None,
        is_missing: false,
        problem: problem.replace('\n', " "),
        help: help.replace('\n', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_repeated() {
        let message = "invalid type: string \"s3cret, expected x\", expected a sequence";
        let advice = advice(message);
        assert_eq!(advice.problem, "expected a list, found a text");
    }

    #[test]
    fn a_misspelt_key_is_told_its_neighbour() {
        let message = "unknown field `public-url`, expected one of `listen`, `public_url`";
        let advice = advice(message);
        assert_eq!(advice.key.as_deref(), Some("public-url"));
        assert_eq!(
            advice.help,
            "did you mean `public_url`? the keys here are listen, public_url"
        );
    }
}
