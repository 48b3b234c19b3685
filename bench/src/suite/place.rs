//! The add-ons that are served and asked.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::load::{Asked, Pool, Shape, Template};
use crate::server::AddOn;

/// The different requests of a pool: every number of add-ons that is measured divides it.
pub(super) const REQUESTS: usize = 2_000;

/// An example provider, and where it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its component, without the ending.
    pub(super) component: &'static str,
    /// The path at which it is asked.
    pub(super) path: &'static str,
    /// What its table has besides.
    pub(super) toml: &'static str,
    /// The message that it is given.
    pub(super) message: Option<&'static str>,
}

/// Who calls, out of a table.
pub(super) const CALLER_NAME: Place = Place {
    component: "caller_name",
    path: "/lookups",
    toml: "",
    message: None,
};

/// What a number's digits tell.
pub(super) const NUMBER_INSIGHT: Place = Place {
    component: "number_insight",
    ..CALLER_NAME
};

/// How a message sounds.
pub(super) const MESSAGE_SENTIMENT: Place = Place {
    component: "message_sentiment",
    path: "/incoming-sms",
    toml: "grants = { fields = [\"body\"] }",
    message: Some("Thank you so much, the plumber was brilliant!"),
};

/// The SID of an add-on by its number.
pub(super) fn sid(number: usize) -> String {
    format!("XB{number:032x}")
}

impl Place {
    /// The component's bytes.
    pub(super) fn component(&self, plugins: &Path) -> Result<Vec<u8>> {
        let file = format!("{}.wasm", self.component);
        fs::read(plugins.join(&file)).with_context(|| format!("no `{file}`"))
    }

    /// It as the only add-on.
    pub(super) fn add_on(&self, plugins: &Path) -> Result<AddOn> {
        Ok(AddOn {
            name: self.component.to_owned(),
            sid: sid(0),
            component: self.component(plugins)?,
            toml: self.toml.to_owned(),
        })
    }

    /// Requests, which go to so many add-ons in turn.
    pub(super) fn templates(
        &self,
        shape: Shape,
        numbers: &[String],
        add_ons: usize,
    ) -> Vec<Template> {
        let template = |place: usize| {
            Template::new(&Asked {
                shape,
                path: self.path,
                add_on: &sid(place % add_ons),
                number: &numbers[place % numbers.len()],
                message: self.message,
            })
        };
        (0..REQUESTS).map(template).collect()
    }

    /// Requests for one add-on.
    pub(super) fn pool(&self, shape: Shape, numbers: &[String]) -> Pool {
        Pool::in_turn(self.templates(shape, numbers, 1))
    }
}
