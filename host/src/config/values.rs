//! Values that several tables share: durations, sizes, counts, secrets, names.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use secrecy::SecretString;

use super::checked::{Checking, Spot};
use super::error::SourceText;
use super::raw::{At, RawSecret, RawSource, RawSources};
use super::veil::is_token;
use crate::protocol::fields::FieldSource;

/// A table of a file: what its keys are called, and where they stand.
#[derive(Clone, Copy)]
pub(super) struct Table<'s> {
    pub(super) source: &'s Arc<SourceText>,
    pub(super) name: &'s str,
}

impl<'s> Table<'s> {
    /// A table that is within this one, by its whole name.
    pub(super) fn within(self, name: &'s str) -> Self {
        Self { name, ..self }
    }

    /// The place of one key's value.
    pub(super) fn at<T>(&self, key: &str, value: &At<T>) -> Spot {
        Spot::new(self.source, value.span(), format!("{}.{key}", self.name))
    }
}

const NAME_OF_A_FIELD: &str = "write the name that was registered with Twilio, or remove the key";

/// The most that a secret's file may hold, in bytes.
const LONGEST_SECRET: u64 = 64 * 1024;

impl Checking<'_> {
    /// A duration such as `800ms`, within bounds.
    pub(super) fn duration(
        &mut self,
        table: Table<'_>,
        key: &str,
        value: Option<&At<String>>,
        default: Duration,
        bounds: (Duration, Duration),
    ) -> Duration {
        let Some(value) = value else {
            return default;
        };
        let help = "write a number and its unit, as in \"800ms\", \"5s\" or \"2m\"";
        match humantime::parse_duration(value.get_ref()) {
            Ok(duration) if (bounds.0..=bounds.1).contains(&duration) => duration,
            Ok(_) => {
                let (least, most) = (
                    humantime::format_duration(bounds.0),
                    humantime::format_duration(bounds.1),
                );
                let found = value.get_ref();
                let problem =
                    format!("expected a duration from {least} to {most}, found `{found}`");
                self.fail(&table.at(key, value), problem, help);
                default
            }
            Err(_) => {
                let problem = format!("expected a duration, found `{}`", value.get_ref());
                self.fail(&table.at(key, value), problem, help);
                default
            }
        }
    }

    /// A size such as `16MiB`, within bounds, in bytes.
    pub(super) fn size(
        &mut self,
        table: Table<'_>,
        key: &str,
        value: Option<&At<String>>,
        default: usize,
        bounds: (usize, usize),
    ) -> usize {
        let Some(value) = value else {
            return default;
        };
        let parsed = value.get_ref().parse::<bytesize::ByteSize>();
        let bytes = parsed
            .ok()
            .and_then(|size| usize::try_from(size.as_u64()).ok());
        match bytes {
            Some(bytes) if (bounds.0..=bounds.1).contains(&bytes) => bytes,
            _ => {
                let show = |bytes: usize| bytesize::ByteSize::b(bytes as u64).display().iec();
                let problem = format!(
                    "expected a size from {} to {}, found `{}`",
                    show(bounds.0),
                    show(bounds.1),
                    value.get_ref()
                );
                let help = "write a number and its unit, as in \"64KiB\" or \"16MiB\"";
                self.fail(&table.at(key, value), problem, help);
                default
            }
        }
    }

    /// A count, within bounds.
    pub(super) fn count(
        &mut self,
        table: Table<'_>,
        key: &str,
        value: Option<&At<i64>>,
        default: usize,
        bounds: (usize, usize),
    ) -> usize {
        let Some(value) = value else {
            return default;
        };
        match usize::try_from(*value.get_ref()) {
            Ok(count) if (bounds.0..=bounds.1).contains(&count) => count,
            _ => {
                let problem = format!("expected a number from {} to {}", bounds.0, bounds.1);
                let help = "the limit is there to protect the host: choose one within it";
                self.fail(&table.at(key, value), problem, help);
                default
            }
        }
    }

    /// A secret, by its reference.
    pub(super) fn secret(&mut self, at: &Spot, secret: &RawSecret) -> Option<SecretString> {
        let (RawSecret::Env { env: name } | RawSecret::File { file: name }) = secret;
        if is_token(name) {
            let problem = "this looks like a secret itself, not like where one is kept";
            let help = "put it into the environment or a file of its own, and name that; whoever \
                        could read this file may know it by now";
            self.fail(at, problem, help);
            return None;
        }
        let found = match secret {
            RawSecret::Env { env } => self
                .environment
                .get(env)
                .map(SecretString::from)
                .ok_or_else(|| {
                    let problem = format!("the environment has no `{env}`, or an empty one");
                    (
                        problem,
                        "set it for the host's process, or in a `.env` file beside this one",
                    )
                }),
            RawSecret::File { file } => self.secret_file(file).map_err(|why| {
                let problem = format!("the secret in `{file}` cannot be read: {why}");
                (
                    problem,
                    "put the secret alone into that file, readable by the host",
                )
            }),
        };
        found
            .map_err(|(problem, help)| self.fail(at, problem, help))
            .ok()
    }

    /// The content of a secret's file, without the line end that editors add.
    fn secret_file(&mut self, name: &str) -> Result<SecretString, String> {
        let bytes = self.file(name, LONGEST_SECRET)?;
        let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err("it is empty".to_owned()),
            secret => Ok(SecretString::from(secret)),
        }
    }

    /// The content of a file that the configuration names, which is watched as the
    /// configuration is.
    pub(super) fn file(&mut self, name: &str, longest: u64) -> Result<Vec<u8>, String> {
        let path = self.rooted(name);
        self.inputs.file(&path, None);
        let meta = std::fs::metadata(&path).map_err(|error| error.to_string())?;
        if !meta.is_file() || meta.len() > longest {
            return Err(format!("it is no file of at most {longest} bytes"));
        }
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        self.inputs.file(&path, Some(&bytes));
        Ok(bytes)
    }

    /// Where a field is read from.
    pub(super) fn sources(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: &At<RawSources>,
    ) -> Vec<FieldSource> {
        let at = table.at(key, raw);
        let several = match raw.get_ref() {
            RawSources::One(source) => std::slice::from_ref(source),
            RawSources::Several(sources) => sources,
        };
        if several.is_empty() {
            self.fail(&at, "expected at least one name", NAME_OF_A_FIELD);
        }
        several
            .iter()
            .filter_map(|source| self.field_source(&at, source))
            .collect()
    }

    fn field_source(&mut self, at: &Spot, raw: &RawSource) -> Option<FieldSource> {
        match raw {
            RawSource::Parameter(name) if name.is_empty() => {
                let problem = "expected a parameter's name, found an empty text";
                self.fail(at, problem, NAME_OF_A_FIELD);
                None
            }
            RawSource::Parameter(name) => Some(FieldSource::Parameter(name.clone())),
            RawSource::Header(raw) => self.header_name(at, &raw.header).map(FieldSource::Header),
        }
    }

    pub(super) fn header_name(&mut self, at: &Spot, name: &str) -> Option<HeaderName> {
        match name.parse() {
            Ok(name) => Some(name),
            Err(_) => {
                let problem = format!("`{name}` is no name of a header");
                self.fail(at, problem, "use letters, digits and `-`");
                None
            }
        }
    }

    /// A text that is a value of `T`.
    pub(super) fn parsed<T: std::str::FromStr>(
        &mut self,
        at: &Spot,
        text: &str,
        help: &str,
    ) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail(at, format!("{error}, found `{text}`"), help);
                None
            }
        }
    }
}
