//! What is signed: a URL, in one of two forms, and the parameters of a form.

use crate::protocol::parameters::Parameter;
use crate::protocol::public_url::{PublicUrl, UrlParts};

/// What is signed, in the pieces it is made of, so that no copy is needed.
#[derive(Debug, Clone, Copy)]
pub struct SignedText<'a> {
    origin: &'a str,
    port: Option<&'a str>,
    prefix: &'a str,
    rest: &'a str,
    form: &'a [Parameter],
}

impl<'a> SignedText<'a> {
    /// The text over a configured base and a request's target.
    #[must_use]
    pub fn at(base: &'a PublicUrl, target: &'a str) -> Self {
        Self {
            origin: base.origin(),
            port: base.port(),
            prefix: base.prefix(),
            rest: target,
            form: &[],
        }
    }

    /// The text over a whole URL.
    #[must_use]
    pub fn over(url: UrlParts<'a>) -> Self {
        Self {
            origin: url.origin,
            port: url.port,
            prefix: "",
            rest: url.rest,
            form: &[],
        }
    }

    /// The same with a form's parameters, which must come from [`signing_order`].
    #[must_use]
    pub fn with_form(self, form: &'a [Parameter]) -> Self {
        Self { form, ..self }
    }

    /// The same in a form of its URL.
    pub(super) fn in_form(self, form: UrlForm) -> Self {
        let url = UrlParts {
            origin: self.origin,
            port: None,
            rest: "",
        };
        let port = match form {
            UrlForm::AsGiven => self.port,
            UrlForm::PortRemoved => None,
            UrlForm::PortAdded => Some(url.default_port()),
        };
        Self { port, ..self }
    }

    pub(super) fn pieces(&self, mut each: impl FnMut(&str)) {
        each(self.origin);
        if let Some(port) = self.port {
            each(":");
            each(port);
        }
        each(self.prefix);
        each(self.rest);
        for (name, value) in self.form {
            each(name);
            each(value);
        }
    }

    /// The two forms that a genuine signature may cover: Twilio is inconsistent about
    /// the port, so the official libraries try with and without it. A port that is
    /// written is never replaced by another.
    pub(super) fn forms(&self) -> [UrlForm; 2] {
        match self.port {
            Some(_) => [UrlForm::AsGiven, UrlForm::PortRemoved],
            None => [UrlForm::AsGiven, UrlForm::PortAdded],
        }
    }
}

/// Which form of the URL a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlForm {
    /// The URL as it was given.
    AsGiven,
    /// The URL without the port that it was given with.
    PortRemoved,
    /// The URL with the port that its scheme implies.
    PortAdded,
}

impl UrlForm {
    /// The form, in words that follow "the URL".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::AsGiven => "as given",
            Self::PortRemoved => "without its port",
            Self::PortAdded => "with its default port",
        }
    }
}

/// Sorts parameters as they are signed: each distinct name in byte order, each of its
/// distinct values in byte order.
#[must_use]
pub fn signing_order(mut form: Vec<Parameter>) -> Vec<Parameter> {
    form.sort_unstable();
    form.dedup();
    form
}
