//! What is wrong with a configuration, told so that an operator can mend it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::veil;

/// A file's name and text, for as long as errors point into it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SourceText {
    /// The file's name, as the operator wrote it.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: Arc<SourceText>,
    pub(super) span: Range<usize>,
}

impl Place {
    pub(super) fn line(&self) -> usize {
        let end = self.span.start.min(self.source.text.len());
        self.source.text.as_bytes()[..end]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }

    fn column(&self) -> usize {
        let text = &self.source.text;
        let before = text.get(..self.span.start).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().count() + 1
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    pub(super) place: Place,
    pub(super) key: String,
    pub(super) problem: String,
    pub(super) help: String,
    pub(super) other: Option<(Place, String)>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, line) = (&self.place.source.name, self.place.line());
        write!(
            f,
            "{name}:{line}: {}; {}",
            self.title(),
            veil::sentence(&self.help)
        )
    }
}

impl ConfigError {
    /// The name of the file that it is in, as the operator wrote it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.place.source.name
    }

    /// Its line and its column, in characters, both counted from 1.
    #[must_use]
    pub fn position(&self) -> (usize, usize) {
        (self.place.line(), self.place.column())
    }

    /// Where in its file it is, in bytes; nothing stands there where a key is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.place.span.clone()
    }

    /// The key that is meant, as in `server.listen`; empty where it is none.
    #[must_use]
    pub fn key(&self) -> String {
        veil::sentence(&self.key)
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        veil::sentence(&self.problem)
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        veil::sentence(&self.help)
    }

    /// The error with its line shown, in colour if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = match colour {
            true => Renderer::styled(),
            false => Renderer::plain(),
        };
        let (title, help) = (self.title(), veil::sentence(&self.help));
        let mut group = Level::ERROR.primary_title(&title).element(
            self.snippet(&self.place)
                .annotation(AnnotationKind::Primary.span(visible(&self.place))),
        );
        if let Some((place, label)) = &self.other {
            group = group.element(
                self.snippet(place)
                    .annotation(AnnotationKind::Context.span(visible(place)).label(label)),
            );
        }
        let report: &[Group<'_>] = &[group.element(Level::HELP.message(&help))];
        renderer.render(report)
    }

    fn title(&self) -> String {
        veil::sentence(&match self.key.is_empty() {
            true => self.problem.clone(),
            false => format!("`{}`: {}", self.key, self.problem),
        })
    }

    /// Whether what was expected where the error is must not be shown: a secret, or a
    /// number or a message that may be somebody's.
    fn is_of_a_secret(&self) -> bool {
        let private = [".require", ".settings", ".smoke", ".callback"];
        let secret = ["accounts", "jobs.store", "jobs.seal"];
        secret.iter().any(|table| self.key.starts_with(table))
            || private.iter().any(|table| self.key.contains(table))
    }

    fn snippet<'s>(&self, place: &'s Place) -> Snippet<'s, annotate_snippets::Annotation<'s>> {
        let secret = self.is_of_a_secret().then_some(&place.span);
        Snippet::source(veil::file(&place.source.text, secret)).path(&place.source.name)
    }
}

/// The first line of a place: a whole table would hide what is said about it.
fn visible(place: &Place) -> Range<usize> {
    let text = &place.source.text;
    let start = place.span.start.min(text.len());
    let end = place.span.end.clamp(start, text.len());
    let line = text[start..end].find('\n').map_or(end, |at| start + at);
    start..line
}

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

impl ConfigErrors {
    /// The errors in the order in which an operator reads the files.
    pub(super) fn sorted(mut errors: Vec<ConfigError>) -> Self {
        errors.sort_by_key(|error| (error.place.source.name.clone(), error.place.span.start));
        Self(errors)
    }

    /// The errors, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }

    /// The errors with their lines shown, in colour if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let shown: Vec<String> = self.0.iter().map(|error| error.render(colour)).collect();
        shown.join("\n\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
