//! Takes one file apart, table by table: each that has another shape than it should is
//! reported, and none hides the next.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::error::{ConfigError, ConfigErrors, Place, SourceText};
use super::raw::{At, Named, RawConfig};
use super::shape::{self, Advice};
use super::source::RawFile;
use super::tables::{Misplaced, misplaced_list};

type Key<'i> = Spanned<Cow<'i, str>>;
type Value<'i> = Spanned<DeValue<'i>>;

/// What may stand at the top of a file.
const TABLES: [&str; 8] = [
    "include",
    "server",
    "egress",
    "operators",
    "accounts",
    "addons",
    "jobs",
    "traces",
];

/// Parses one file's text.
pub(super) fn parse(source: Arc<SourceText>) -> Result<RawFile, ConfigErrors> {
    let mut document = Document {
        source: &source,
        errors: Vec::new(),
    };
    let raw = document.read();
    match document.errors.is_empty() {
        true => Ok(RawFile { raw, source }),
        false => Err(ConfigErrors::sorted(document.errors)),
    }
}

struct Document<'s> {
    source: &'s Arc<SourceText>,
    errors: Vec<ConfigError>,
}

impl<'s> Document<'s> {
    fn read(&mut self) -> RawConfig {
        let mut raw = RawConfig::default();
        let tables = match DeTable::parse(&self.source.text) {
            Ok(tables) => tables.into_inner(),
            Err(error) => {
                self.no_toml(&error);
                return raw;
            }
        };
        for (key, value) in tables {
            match key.get_ref().as_ref() {
                "include" => raw.include = self.shaped(&key, "include", value).unwrap_or_default(),
                "server" => raw.server = self.shaped(&key, "server", value),
                "egress" => raw.egress = self.shaped(&key, "egress", value),
                "operators" => raw.operators = self.shaped(&key, "operators", value),
                "accounts" => raw.accounts = self.named(&key, value),
                "addons" => raw.addons = self.named(&key, value),
                "jobs" => raw.jobs = self.shaped(&key, "jobs", value),
                "traces" => raw.traces = self.shaped(&key, "traces", value),
                unknown => self.refuse(key.span(), "", shape::unknown_key(unknown, &TABLES)),
            }
        }
        raw
    }

    fn no_toml(&mut self, error: &toml::de::Error) {
        let message = error.message().trim_end();
        let problem = match message.starts_with("string values must be quoted") {
            true => "expected a value; a text needs quotes".to_owned(),
            false => message.replace('\n', ", "),
        };
        let help = match problem.as_str() {
            "duplicate key" => "give it another name, or put both into one table",
            _ => "write TOML: text stands in quotes, lists in [ ], tables in { } or under [name]",
        };
        let advice = Advice {
            key: None,
            is_missing: false,
            problem,
            help: help.to_owned(),
        };
        self.refuse(error.span().unwrap_or_default(), "", advice);
    }

    /// The tables of a table, each with a name of the operator's.
    fn named<T: DeserializeOwned>(&mut self, key: &Key<'s>, value: Value<'s>) -> Named<T> {
        let parent = key.get_ref();
        let place = value.span();
        let DeValue::Table(tables) = value.into_inner() else {
            let advice = Advice {
                key: None,
                is_missing: false,
                problem: "expected tables with names".to_owned(),
                help: format!("write each as [{parent}.NAME], and its keys below"),
            };
            self.refuse(place, parent, advice);
            return Vec::new();
        };
        let mut named = Vec::new();
        for (key, value) in tables {
            let table = format!("{parent}.{}", key.get_ref());
            if let Some(value) = self.shaped(&key, &table, value) {
                let name = At::new(key.span(), key.get_ref().to_string());
                named.push((name, value));
            }
        }
        named.sort_by_key(|(name, _): &(At<String>, _)| name.span().start);
        named
    }

    /// One value, of the shape that it should have.
    fn shaped<T: DeserializeOwned>(
        &mut self,
        key: &Key<'s>,
        name: &str,
        value: Value<'s>,
    ) -> Option<T> {
        let top = name.split('.').next().unwrap_or(name);
        if let Some(list) = misplaced_list(top, &value) {
            self.refuse_list(name, list);
            return None;
        }
        let read = serde_path_to_error::deserialize(ValueDeserializer::from(value));
        read.map_err(|error| {
            let within = readable(&error.path().to_string());
            let error = error.into_inner();
            let advice = shape::advice(error.message());
            let at_the_name = advice.is_missing && within.is_empty();
            let place = match at_the_name {
                true => key.span(),
                false => error.span().unwrap_or_else(|| key.span()),
            };
            let table = match within.as_str() {
                "" => name.to_owned(),
                within => format!("{name}.{within}"),
            };
            self.refuse(place, &table, advice);
        })
        .ok()
    }

    fn refuse_list(&mut self, name: &str, list: Misplaced) {
        let key = [name]
            .into_iter()
            .chain(list.keys.iter().map(String::as_str));
        let key = key.collect::<Vec<_>>().join(".");
        let advice = Advice {
            key: None,
            is_missing: false,
            problem: "expected a table, found a list".to_owned(),
            help: format!("write its keys with their names, as in [{key}] and the keys below"),
        };
        self.refuse(list.place, &key, advice);
    }

    fn refuse(&mut self, span: Range<usize>, table: &str, advice: Advice) {
        let key = match advice.key {
            Some(key) if table.is_empty() => key,
            Some(key) if table.ends_with(&format!(".{key}")) => table.to_owned(),
            Some(key) => format!("{table}.{key}"),
            None => table.to_owned(),
        };
        self.errors.push(ConfigError {
            place: Place {
                source: Arc::clone(self.source),
                span,
            },
            key,
            problem: advice.problem,
            help: advice.help,
            other: None,
        });
    }
}

/// The path of a key without what the parser adds to carry places.
fn readable(path: &str) -> String {
    let own = |part: &&str| !part.starts_with("$__") && !["", ".", "?"].contains(part);
    path.split('.').filter(own).collect::<Vec<_>>().join(".")
}
