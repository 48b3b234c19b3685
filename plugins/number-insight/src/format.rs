//! The four ways in which a number is written.

use serde::Serialize;

use crate::number::Number;
use crate::plan::{Format, Formats, ask};

/// A number as it is written.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Written {
    pub(crate) e164: String,
    pub(crate) international: String,
    pub(crate) national: String,
    pub(crate) rfc3966: String,
}

impl From<&Number> for Written {
    fn from(number: &Number) -> Self {
        let Number {
            calling_code,
            national,
        } = number;
        let code = calling_code.code.to_string();
        let abroad = |template: fn(&Format) -> &'static str| {
            grouped(&calling_code.international, national, template)
        };
        Self {
            e164: ["+", &code, national].concat(),
            international: ["+", &code, " ", &abroad(|format| format.international)].concat(),
            national: grouped(&calling_code.national, national, |format| format.national),
            rfc3966: ["tel:+", &code, "-", &abroad(|format| format.rfc3966)].concat(),
        }
    }
}

/// The digits in a template of the first format that fits, or as they are.
fn grouped(formats: &Formats, digits: &str, template: fn(&Format) -> &'static str) -> String {
    let place = usize::from(ask(formats.choice, digits)).checked_sub(1);
    match place.and_then(|place| formats.formats.get(place)) {
        Some(format) => fill(template(format), &split(format.groups, digits)),
        None => digits.to_owned(),
    }
}

/// Each group takes as many digits as the later ones can spare.
fn split<'a>(groups: &[(u8, u8)], mut digits: &'a str) -> Vec<&'a str> {
    let mut later: usize = groups.iter().map(|(least, _)| usize::from(*least)).sum();
    let mut parts = Vec::with_capacity(groups.len());
    for &(least, most) in groups {
        later -= usize::from(least);
        let width = digits.len().saturating_sub(later).min(usize::from(most));
        let (part, rest) = digits.split_at_checked(width).unwrap_or((digits, ""));
        parts.push(part);
        digits = rest;
    }
    parts
}

fn fill(template: &str, parts: &[&str]) -> String {
    let mut written = String::with_capacity(template.len() + 16);
    let mut characters = template.chars();
    while let Some(character) = characters.next() {
        if character != '$' {
            written.push(character);
            continue;
        }
        let group = characters.next().and_then(|digit| digit.to_digit(10));
        let place = group.and_then(|group| (group as usize).checked_sub(1));
        written.push_str(place.and_then(|place| parts.get(place)).unwrap_or(&""));
    }
    written
}
