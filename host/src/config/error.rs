//! What is wrong with a configuration, told so that an operator can mend it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

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
        write!(f, "{name}:{line}: ")?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.problem)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}

impl ConfigError {
    /// The error with its line shown, in colour if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = match colour {
            true => Renderer::styled(),
            false => Renderer::plain(),
        };
        let title = match self.key.is_empty() {
            true => self.problem.clone(),
            false => format!("`{}`: {}", self.key, self.problem),
        };
        let mut group = Level::ERROR.primary_title(&title).element(
            snippet(&self.place).annotation(AnnotationKind::Primary.span(visible(&self.place))),
        );
        if let Some((place, label)) = &self.other {
            group = group.element(
                snippet(place)
                    .annotation(AnnotationKind::Context.span(visible(place)).label(label)),
            );
        }
        if !self.help.is_empty() {
            group = group.element(Level::HELP.message(&self.help));
        }
        let report: &[Group<'_>] = &[group];
        renderer.render(report)
    }
}

fn snippet(place: &Place) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(&place.source.text).path(&place.source.name)
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
