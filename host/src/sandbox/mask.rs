//! What a guest was told and no log may hold, left out of whatever the guest says.

use std::collections::HashSet;

use crate::config::Settings;
use crate::protocol::address::Address;
use crate::protocol::invocation::Invocation;

/// Digits in a row, separators left aside, from which on they may be somebody's number.
const LONGEST_NUMBER: usize = 5;

/// Letters of a part of a secret from which on it gives something away by itself.
const TELLING: usize = 4;

/// What a request said, as far as its guest knows, and the secrets among its settings.
#[derive(Default)]
pub(super) struct Private {
    secrets: Vec<String>,
    words: HashSet<String>,
}

impl Private {
    /// What a guest with these settings was told, and by its request.
    pub(super) fn of<'a>(
        settings: Option<&Settings>,
        said: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut private = Self::default();
        for secret in settings.into_iter().flat_map(Settings::secrets) {
            let parts = words(secret).filter(|part| part.chars().count() >= TELLING);
            private.words.extend(parts.map(str::to_lowercase));
            private.secrets.push(secret.to_owned());
        }
        // One may be the beginning of another, which is to be left out as a whole.
        private
            .secrets
            .sort_by_key(|secret| usize::MAX - secret.len());
        for text in said {
            private.words.extend(words(text).map(str::to_lowercase));
        }
        private
    }

    /// A text with all of that left out, and with every number that could be somebody's:
    /// a guest may write the parts of one that it was given whole.
    pub(super) fn mask(&self, text: &str) -> String {
        self.without_words(&self.without_secrets(text), true)
    }

    /// A text with all of that left out, for a guest that was told of nobody.
    pub(super) fn mask_but_numbers(&self, text: &str) -> String {
        self.without_words(&self.without_secrets(text), false)
    }

    fn without_secrets(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            shown = shown.replace(secret.as_str(), "…");
        }
        shown
    }

    fn without_words(&self, text: &str, nor_numbers: bool) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(char::is_alphanumeric) {
            let (between, from_word) = rest.split_at(start);
            masked.push_str(between);
            let word = words(from_word).next().unwrap_or_default();
            let length = match number(from_word).filter(|_| nor_numbers) {
                Some(length) => length.max(word.len()),
                None => word.len(),
            };
            let known = self.words.contains(&word.to_lowercase());
            match length > word.len() || known || (nor_numbers && has_number(word)) {
                true => masked.push('…'),
                false => masked.push_str(word),
            }
            rest = &from_word[length..];
        }
        masked + rest
    }
}

/// Everything that a guest is given of a request.
pub(super) fn texts(invocation: &Invocation) -> impl Iterator<Item = &str> {
    let addresses = [Some(&invocation.address), invocation.other.as_ref()];
    let addresses = addresses.into_iter().flatten().map(Address::raw);
    let fields = invocation.fields.iter().map(|(_, value)| value.as_str());
    addresses.chain(invocation.body.as_deref()).chain(fields)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

fn has_number(word: &str) -> bool {
    word.chars().filter(|c| c.is_numeric()).count() >= LONGEST_NUMBER
}

/// The length of the number that a text begins with, if it is a long one.
fn number(text: &str) -> Option<usize> {
    let part = |c: char| c.is_numeric() || " ()-./".contains(c);
    let run = text.find(|c| !part(c)).map_or(text, |end| &text[..end]);
    let run = run.trim_end_matches(|c: char| !c.is_numeric());
    has_number(run).then_some(run.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(texts: &[&str], secrets: &[&str]) -> Private {
        let telling = |part: &&str| part.chars().count() >= TELLING;
        let of_secrets = secrets.iter().flat_map(|text| words(text)).filter(telling);
        let all = texts.iter().flat_map(|text| words(text)).chain(of_secrets);
        Private {
            secrets: secrets.iter().map(|text| (*text).to_owned()).collect(),
            words: all.map(str::to_lowercase).collect(),
        }
    }

    #[test]
    fn what_the_request_said_is_left_out_whatever_stands_around_it() {
        let private = private(&["+12125550123", "Meet Zoë at 5\nor never"], &[]);
        for (written, masked) in [
            ("table loaded", "table loaded"),
            ("looking up +12125550123", "looking up +…"),
            ("[12125550123]", "[…]"),
            ("+1 (212) 555-0123.", "+…."),
            ("tel12125550123x", "…"),
            ("a 1-2-3 and 4", "a 1-2-3 and 4"),
            ("took 12 ms of 800", "took 12 ms of 800"),
            ("said \"meet ZOË, at\"", "said \"… …, …\""),
            ("\u{661}\u{662}\u{663}\u{664}\u{665}", "…"),
            ("", ""),
        ] {
            assert_eq!(private.mask(written), masked, "{written:?}");
        }
    }

    #[test]
    fn a_secret_is_left_out_as_a_whole_and_in_parts_that_tell_something() {
        let private = private(&[], &["sk-live/Sup3rSecret", "ab"]);
        for (written, masked) in [
            ("key sk-live/Sup3rSecret is short", "key … is short"),
            ("keysk-live/Sup3rSecretX", "key…X"),
            ("SUP3RSECRET of live", "… of …"),
            ("the sk of cab", "the sk of c…"),
            ("port 65536", "port 65536"),
        ] {
            assert_eq!(private.mask_but_numbers(written), masked, "{written:?}");
        }
        assert_eq!(private.mask("port 65536"), "port …");
    }
}
