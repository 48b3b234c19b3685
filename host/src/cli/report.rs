//! What a check finds: for people as lines and a table, for programs as one JSON document.

use std::sync::Arc;

use serde::Serialize;

use crate::add_on::AddOn;
use crate::config::{ConfigError, ConfigErrors};
use crate::registry::Registry;

/// The largest stack that is not worth a word, in bytes: that much of a guest's memory
/// stays mapped between calls.
const ORDINARY_STACK: u32 = 128 * 1024;

/// What a check finds. Its JSON is what docs/operations.md says.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Whether a host would serve all of it.
    pub(super) ok: bool,
    errors: Vec<Mistake>,
    pub(super) warnings: Vec<String>,
    add_ons: Vec<Checked>,
}

/// A mistake in a file.
#[derive(Debug, Serialize)]
struct Mistake {
    file: String,
    line: usize,
    column: usize,
    key: String,
    problem: String,
    help: String,
}

/// An add-on of a configuration without mistakes.
#[derive(Debug, Serialize)]
struct Checked {
    name: String,
    sid: String,
    paths: Vec<Reached>,
    component: String,
    sha256: Option<String>,
    state: &'static str,
    reason: Option<String>,
}

/// Where an add-on is reached.
#[derive(Debug, Serialize)]
struct Reached {
    integration_point: String,
    path: String,
}

impl Report {
    /// Of a configuration that is refused.
    pub(super) fn of_mistakes(errors: &ConfigErrors) -> Self {
        Self {
            errors: errors.iter().map(Mistake::of).collect(),
            ..Self::default()
        }
    }

    /// Of what would be served, and what there is to warn of.
    pub(super) fn of(mut warnings: Vec<String>, registry: &Registry) -> Self {
        let mut add_ons: Vec<&AddOn> = registry.add_ons().map(Arc::as_ref).collect();
        add_ons.sort_by_key(|add_on| &add_on.config().name);
        warnings.extend(add_ons.iter().filter_map(|add_on| stack_warning(add_on)));
        let add_ons: Vec<_> = add_ons.into_iter().map(Checked::of).collect();
        Self {
            ok: add_ons.iter().all(|add_on| add_on.reason.is_none()),
            errors: Vec::new(),
            warnings,
            add_ons,
        }
    }

    /// What is wrong with each add-on that is not served, on a line.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.add_ons.iter().filter_map(|add_on| {
            let reason = add_on.reason.as_ref()?;
            Some(format!("`addons.{}`: {reason}", add_on.name))
        })
    }
}

impl Mistake {
    fn of(error: &ConfigError) -> Self {
        let (line, column) = error.position();
        Self {
            file: error.file().to_owned(),
            line,
            column,
            key: error.key(),
            problem: error.problem(),
            help: error.help(),
        }
    }
}

impl Checked {
    fn of(add_on: &AddOn) -> Self {
        let config = add_on.config();
        let points = config.paths.points().into_iter();
        let reached = points.filter_map(|point| {
            Some(Reached {
                integration_point: point.to_string(),
                path: config.paths.of(point)?.to_owned(),
            })
        });
        let reason = add_on.fault().map(ToString::to_string);
        Self {
            name: config.name.to_string(),
            sid: config.terms.add_on.to_string(),
            paths: reached.collect(),
            component: config.component.path.display().to_string(),
            sha256: add_on.sha256().map(str::to_owned),
            state: match reason {
                None => "ready",
                Some(_) => "unavailable",
            },
            reason,
        }
    }
}

fn stack_warning(add_on: &AddOn) -> Option<String> {
    let stack = add_on.stack().filter(|stack| *stack > ORDINARY_STACK)?;
    let size = bytesize::ByteSize::b(u64::from(stack)).display().iec();
    Some(format!(
        "`addons.{}`: every call sets {size} of stack aside; link the provider with \
         `-zstack-size=65536` or less, if it needs no more, and calls get cheaper",
        add_on.config().name
    ))
}
