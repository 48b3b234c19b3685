//! The schema that editors check by. Whatever the host takes, it takes: every good
//! configuration of these tests passes through [`accepts_every_file_of`].

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use super::*;
use crate::config::schema;

const DOCUMENTATION: &str = include_str!("../../../../docs/operations.md");
const EXAMPLE: &str = include_str!("../../../../addons.toml");

thread_local! {
    static VALIDATOR: (Schemas, SchemaIndex) = {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("addons", parsed()).unwrap();
        let index = compiler.compile("addons", &mut schemas).unwrap();
        (schemas, index)
    };
}

fn parsed() -> Value {
    serde_json::from_str(&schema()).unwrap()
}

/// What the schema says against a file's text.
fn judge(text: &str) -> Result<(), String> {
    let file: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let file = serde_json::to_value(file).unwrap();
    VALIDATOR.with(|(schemas, index)| {
        let verdict = schemas.validate(&file, *index);
        verdict.map_err(|error| format!("{error:#}"))
    })
}

pub(super) fn accepts_every_file_of(directory: &Path) {
    let pattern = directory.join("**/*.toml").display().to_string();
    for file in glob::glob(&pattern).unwrap() {
        let text = fs::read_to_string(file.unwrap()).unwrap();
        if let Err(error) = judge(&text) {
            panic!("the host takes this, and the schema does not: {error}\n\n{text}");
        }
    }
}

#[test]
fn the_example_is_accepted_and_names_its_schema() {
    judge(EXAMPLE).unwrap();
    assert!(EXAMPLE.starts_with("#:schema ./addons.schema.json\n"));
}

#[test]
fn what_is_wrong_by_its_shape_is_refused_by_the_schema_as_by_the_host() {
    let account = |keys: &str| format!("{}\n[accounts.{ACCOUNT}]\n{keys}", with_add_on(""));
    let token = "auth_tokens = [{ env = \"AUTH_TOKEN\" }]";
    assert!(load(&account(token)).is_ok());
    let recordings = |keys: &str| with_add_on(&format!("serves = [\"recordings\"]\n{keys}"));
    assert!(load(&recordings("")).is_ok());
    for text in [
        format!("includes = [\"a.toml\"]\n{SERVER}"),
        format!("include = \"a.toml\"\n{SERVER}"),
        with_server("listen = \"127.0.0.1:8080\""),
        with_server("public-url = \"https://addons.example.com\""),
        with_server("public_url = \"addons.example.com\""),
        with_server("public_url = \"https://a.example\"\npublic_urls = [\"https://b.example\"]"),
        with_server("public_urls = []"),
        format!("{SERVER}connections = \"10\""),
        format!("{SERVER}verify = 1"),
        format!("{SERVER}body_timeout = 5"),
        format!("{SERVER}body_timeout = \"5\""),
        format!("{SERVER}body_limit = \"much\""),
        format!("{SERVER}freshness = {{ ttl_unit = \"h\" }}"),
        format!("{SERVER}freshness = {{ ttl = [] }}"),
        format!("{SERVER}[egress]\nhost = [\"a.example\"]"),
        format!("{SERVER}[egress]\nhosts = \"a.example\""),
        format!("{SERVER}[egress]\nhosts = [\"*\"]"),
        format!("{SERVER}[egress]\nhosts = [\"a.example/callbacks\"]"),
        format!("{SERVER}[egress]\nnetworks = [\"loopback\"]"),
        format!("{SERVER}[egress]\nca = [\"ca.pem\"]"),
        format!("{SERVER}[jobs]\nworker = 1"),
        format!("{SERVER}[jobs]\nstore = \"postgres\""),
        format!("{SERVER}[jobs]\nstore = {{ postgres = \"postgres://h/d\" }}"),
        format!("{SERVER}[jobs]\nstore = {{ url = {{ env = \"A\" }} }}"),
        format!("{SERVER}[jobs]\nspool = 1"),
        format!("{SERVER}[jobs]\nspool_limit = 10"),
        format!("{SERVER}[jobs]\nkeep = \"24\""),
        format!("{SERVER}[jobs]\nseal = {{ env = \"A\" }}"),
        format!("{SERVER}[jobs]\nseal = [\"a key\"]"),
        format!("{SERVER}[ledger]"),
        account(""),
        account("auth_tokens = []"),
        account("auth_tokens = [\"a token\"]"),
        account("auth_tokens = [{ env = \"A\", file = \"B\" }]"),
        account(token).replace(ACCOUNT, "AC123"),
        format!("{SERVER}[addons.a]\ncomponent = \"plugins/a.wasm\""),
        format!("{SERVER}[addons.a]\nsid = \"{SID}\""),
        with_add_on("").replace("caller-name", "Caller"),
        with_add_on("").replace(SID, ACCOUNT),
        with_add_on("").replace(".wasm", ".wat"),
        with_add_on("time_out = \"800ms\""),
        with_add_on("sha256 = \"123\""),
        with_add_on("serves = \"lookups\""),
        with_add_on("serves = [\"transcriptions\"]"),
        with_add_on("serves = []"),
        with_add_on("path = \"cnam\""),
        with_add_on("path = { transcriptions = \"/cnam\" }"),
        with_add_on("methods = [\"post\"]"),
        with_add_on("accepts = [\"e614\"]"),
        with_add_on("default_region = \"USA\""),
        with_add_on("envelope = \"wrapped\""),
        with_add_on("overload = \"ignore\""),
        with_add_on("fallback = 1"),
        with_add_on("fields = { phone = { cookie = \"c\" } }"),
        with_add_on("fields = { phone = \"\" }"),
        with_add_on("grants = { http = [] }"),
        with_add_on("require = { query = { apikey = \"1\" } }"),
        with_add_on("require = { basic = { username = \"a\" } }"),
        with_add_on("concurrency = 1.5"),
        with_add_on("breaker = { pause = \"soon\" }"),
        recordings("signature = []"),
        recordings("signature = [\"none\"]"),
        recordings("signature = \"body-hash\""),
        recordings("duration_unit = \"min\""),
        recordings("callback = { username = \"a\" }"),
        recordings("callback = { username = \"a:b\", password = { env = \"AUTH_TOKEN\" } }"),
        recordings("callback = { username = \"a\", password = \"b\" }"),
        recordings("fields = { audio = \"\" }"),
        recordings("fields = { callback = [] }"),
        recordings("methods = [\"put\"]"),
    ] {
        assert!(load(&text).is_err(), "the host takes this:\n{text}");
        assert!(judge(&text).is_err(), "the schema takes this:\n{text}");
    }
}

/// Every key with its schema, by its path. Names of the operator's are left out of it.
fn keys(table: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    if !table.is_object() {
        return;
    }
    let options = table["anyOf"].as_array().into_iter().flatten();
    let named = table["patternProperties"].as_object();
    let named = named.into_iter().flat_map(serde_json::Map::values);
    let further = [&table["items"], &table["additionalProperties"]].into_iter();
    for within in options.chain(named).chain(further) {
        keys(within, path, found);
    }
    for (name, schema) in table["properties"].as_object().into_iter().flatten() {
        let path = [path, name].join(".").trim_start_matches('.').to_owned();
        keys(schema, &path, found);
        found.push((path, schema.clone()));
    }
}

fn all_keys() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    keys(&parsed(), "", &mut found);
    assert!(found.len() > 60, "{found:?}");
    found
}

#[test]
fn every_key_has_its_sentence_and_its_place_in_the_documentation() {
    let points = [
        "lookups",
        "incoming-sms",
        "incoming-voice-call",
        "recordings",
    ];
    for (path, schema) in all_keys() {
        let name = path.rsplit('.').next().unwrap();
        if points.contains(&name) {
            continue;
        }
        let sentence = schema["description"].as_str().unwrap_or_default();
        assert!(sentence.ends_with('.'), "`{path}`: {sentence:?}");
        let ways = [
            format!("`{name}`"),
            format!("`[{name}"),
            format!(".{name}`"),
            format!(".{name}]`"),
            format!("`{name}."),
            format!("{{ {name} = "),
        ];
        let is_told = ways.iter().any(|way| DOCUMENTATION.contains(way));
        assert!(is_told, "docs/operations.md does not have `{path}`");
    }
}

#[test]
fn a_numbers_bounds_are_those_that_the_host_checks() {
    let numbers = all_keys()
        .into_iter()
        .filter(|(_, schema)| schema["type"] == "integer");
    let mut count = 0;
    for (path, schema) in numbers {
        let bound = |name: &str| {
            let bound = schema[name].as_i64();
            bound.unwrap_or_else(|| panic!("`{path}` has no {name}"))
        };
        let (least, most) = (bound("minimum"), bound("maximum"));
        let (table, key) = path.split_once('.').unwrap();
        let takes = |number: i64| {
            let line = match key.split_once(".percent") {
                Some((table, _)) => {
                    format!("{table} = {{ component = \"plugins/b.wasm\", percent = {number} }}\n")
                }
                None => format!("{key} = {number}\n"),
            };
            load(&match table {
                "server" => format!("{SERVER}{line}"),
                "jobs" => format!("{SERVER}[jobs]\n{line}"),
                _ => with_add_on(&line),
            })
            .is_ok()
        };
        assert!(takes(least) && takes(most), "`{path}`");
        assert!(!takes(least - 1) && !takes(most + 1), "`{path}`");
        count += 1;
    }
    assert!(count >= 7, "{count}");
}
