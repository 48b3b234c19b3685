//! Lists that stand where tables should. serde takes a list for a struct, each value for
//! the key at its place: what an operator never meant would be read.

use std::ops::Range;
use std::sync::LazyLock;

use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::schema::schema;

/// The schema knows what is a table, for it is made of the types that are read into.
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&schema()).unwrap_or_default());

/// A list that stands where a table should: its place, and its keys from `top` on.
pub(super) struct Misplaced {
    pub(super) place: Range<usize>,
    pub(super) keys: Vec<String>,
}

/// The first such list in a value that stands under `top`, or under a name in it.
pub(super) fn misplaced_list(top: &str, value: &Spanned<DeValue<'_>>) -> Option<Misplaced> {
    let schema = &SCHEMA["properties"][top];
    let schema = named(schema).unwrap_or(schema);
    find(schema, value)
}

/// What each of a table's names has to be, where they are the operator's.
fn named(schema: &Value) -> Option<&Value> {
    let patterns = schema["patternProperties"].as_object();
    let pattern = patterns.and_then(|patterns| patterns.values().next());
    pattern.or_else(|| Some(&schema["additionalProperties"]).filter(|named| named.is_object()))
}

fn find(schema: &Value, value: &Spanned<DeValue<'_>>) -> Option<Misplaced> {
    match value.get_ref() {
        DeValue::Array(_) if schema["type"] == "object" => Some(Misplaced {
            place: value.span(),
            keys: Vec::new(),
        }),
        DeValue::Array(items) => items.iter().find_map(|item| find(&schema["items"], item)),
        DeValue::Table(table) => table.iter().find_map(|(key, value)| {
            let name = key.get_ref().as_ref();
            let own = schema["properties"].get(name);
            let mut found = find(own.or_else(|| named(schema))?, value)?;
            found.keys.insert(0, name.to_owned());
            Some(found)
        }),
        _ => None,
    }
}
