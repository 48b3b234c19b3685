//! Texts of strangers, made fit for a terminal.

/// A text on one line, without anything that a terminal or a reader could take for
/// something else: what is no letter, digit, sign of ASCII or space is written as its
/// number. What is beyond `longest` characters is left out.
pub(super) fn plain(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    let mut characters = text.chars();
    for c in characters.by_ref().take(longest) {
        match c {
            c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => shown.push(c),
            c => shown.extend(c.escape_unicode()),
        }
    }
    if characters.next().is_some() {
        shown.push_str("...");
    }
    shown
}

/// A text of several lines on one, made plain.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    plain(&words.join(" "), longest)
}

#[cfg(test)]
mod tests {
    use super::{one_line, plain};

    #[test]
    fn what_a_terminal_obeys_is_shown_by_its_number() {
        for (text, shown) in [
            ("wasi:cli/run@0.2.6", "wasi:cli/run@0.2.6"),
            ("Zoë's \"tool\"", "Zoë's \"tool\""),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{200b}c", "a\\u{202e}b\\u{200b}c"),
            ("one\r\ntwo\0", "one\\u{d}\\u{a}two\\u{0}"),
        ] {
            assert_eq!(plain(text, 100), shown);
        }
        assert_eq!(one_line(" one\r\n\ttwo\0", 100), "one two\\u{0}");
    }

    #[test]
    fn what_is_too_long_ends_in_dots() {
        assert_eq!(plain("12345", 5), "12345");
        assert_eq!(plain("éééééé", 5), "ééééé...");
    }
}
