//! Numbers for people.

use crate::figure::{Figure, Goal};
use crate::spread::Spread;

/// A number with about three digits that count, and commas between thousands.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => grouped(&format!("{value:.0}")),
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A median, and how far apart the lowest and the highest are.
pub(super) fn spread(value: &Spread) -> String {
    let [median, min, max] = [value.median, value.min, value.max].map(short);
    format!("{median} ({min} to {max})")
}

/// What a figure is, with its unit.
pub(super) fn value(figure: &Figure) -> String {
    let value = figure.value.as_ref();
    value.map_or_else(
        || "not measured".into(),
        |it| format!("{} {}", spread(it), figure.unit),
    )
}

/// What it is to be.
pub(super) fn goal(figure: &Figure) -> String {
    figure.goal.map_or_else(String::new, |goal| match goal {
        Goal::AtLeast(bound) => format!("≥ {bound} {}", figure.unit),
        Goal::AtMost(bound) => format!("≤ {bound} {}", figure.unit),
    })
}

/// Whether it is.
pub(super) fn met(figure: &Figure) -> &'static str {
    match (figure.goal, figure.is_met()) {
        (None, _) => "",
        (_, Some(true)) => "yes",
        (_, Some(false)) => "no",
        (_, None) => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        let shown = [0.6251, 9.876, 23.45, 150.4, 1_234.5, 12_345_678.0].map(short);
        assert_eq!(
            shown,
            ["0.63", "9.88", "23.4", "150", "1,234", "12,345,678"]
        );
    }
}
