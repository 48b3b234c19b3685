//! Which language a message is in. Three opinions are asked for, since text
//! messages are shorter than any one of them was made for: how many words are
//! known to be English; `whichlang`, good with short text but sure that all text
//! is in one of its 16 languages; `whatlang`, which knows 70 but needs a sentence.

use serde::Serialize;

use crate::codes;
use crate::lexicon::{self, Evidence};

/// So many words tell the language; more only cost time.
const WORDS: usize = 60;

/// The words that `whichlang` is shown at once to see how steady its opinion is.
const WINDOW: usize = 3;

/// From this share of known words on, `whichlang`'s word that it is English counts.
const SOME: f32 = 0.2;

/// From this share of distinctive words on, a message is English whatever others say.
const MANY: f32 = 0.5;

/// From here on `whatlang` is believed alone.
const SURE: f32 = 0.5;

/// A language as ISO 639-1 names it, and from 0 to 1 how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Language {
    pub(crate) code: &'static str,
    pub(crate) confidence: f32,
}

impl Language {
    const UNDETERMINED: Self = Self {
        code: "und",
        confidence: 0.0,
    };

    fn new(code: &'static str, confidence: f32) -> Self {
        Self {
            code,
            confidence: (confidence * 100.0).round() / 100.0,
        }
    }

    pub(crate) fn is_english(self) -> bool {
        self.code == "en"
    }

    pub(crate) fn is_undetermined(self) -> bool {
        self == Self::UNDETERMINED
    }
}

/// The language of a message's [`words`].
pub(crate) fn detect(words: &[&str]) -> Language {
    if words.is_empty() {
        return Language::UNDETERMINED;
    }
    let guess = whichlang::detect_language(&words.join(" "));
    let steadiness = steadiness(words, guess);
    english(words, guess, steadiness)
        .or_else(|| another(words, guess, steadiness))
        .unwrap_or(Language::UNDETERMINED)
}

/// The words of a message that may tell its language: no numbers, links,
/// addresses or emoticons.
pub(crate) fn words(message: &str) -> Vec<&str> {
    message
        .split_whitespace()
        .filter(|written| {
            !written.contains(|symbol: char| symbol.is_ascii_digit() || "/@".contains(symbol))
        })
        .filter(|written| !is_emoticon(written))
        .map(|written| written.trim_matches(|symbol: char| !symbol.is_alphabetic()))
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .collect()
}

fn is_emoticon(written: &str) -> bool {
    let worded = written.chars().all(|symbol| symbol.is_alphabetic());
    !worded && lexicon::valence(&written.to_lowercase()).is_some()
}

fn english(words: &[&str], guess: whichlang::Lang, steadiness: f32) -> Option<Language> {
    let evidence: Vec<Evidence> = words
        .iter()
        .map(|word| lexicon::english(&plain(word)))
        .collect();
    let share = |wanted: &dyn Fn(Evidence) -> bool| {
        evidence.iter().filter(|found| wanted(**found)).count() as f32 / words.len() as f32
    };
    let known = share(&|found| found != Evidence::None);
    let guessed = guess == whichlang::Lang::Eng;
    let steadiness = if guessed { steadiness } else { 0.0 };
    let is_english =
        guessed && known >= SOME || share(&|found| found == Evidence::Distinctive) >= MANY;
    is_english.then(|| Language::new("en", either(known, steadiness)))
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace('\u{2019}', "'")
}

fn another(words: &[&str], guess: whichlang::Lang, steadiness: f32) -> Option<Language> {
    let found = whatlang::detect(&words.join(" "))?;
    let sure = found.confidence() as f32;
    let agreed = found.lang().code() == guess.three_letter_code();
    let confidence = if agreed {
        either(sure, steadiness)
    } else {
        sure
    };
    (confidence >= SURE).then(|| Language::new(codes::two_letters(found.lang()), confidence))
}

/// The share of windows of a few words for which the guess stays the same. One
/// window more is counted against it, so that a short message is never certain.
fn steadiness(words: &[&str], guess: whichlang::Lang) -> f32 {
    let windows = words.windows(WINDOW.min(words.len()));
    let count = windows.len() as f32;
    let same = windows.filter(|window| whichlang::detect_language(&window.join(" ")) == guess);
    same.count() as f32 / (count + 1.0)
}

/// How sure two independent opinions make together.
fn either(one: f32, other: f32) -> f32 {
    1.0 - (1.0 - one) * (1.0 - other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(message: &str) -> &'static str {
        detect(&words(message)).code
    }

    #[test]
    fn a_few_words_of_english_are_enough() {
        for message in [
            "ok thanks",
            "Thanks!",
            "lol",
            "on my way",
            "Great",
            "Don’t",
            "see u soon xx",
        ] {
            assert_eq!(code(message), "en", "{message}");
        }
    }

    #[test]
    fn other_languages_are_named() {
        for (message, expected) in [
            ("Gracias por su ayuda, todo llegó perfecto", "es"),
            ("Muchas gracias", "es"),
            ("Das ist nicht gut", "de"),
            (
                "Der Techniker ist nicht gekommen und niemand geht ans Telefon",
                "de",
            ),
            ("Je suis très content de votre service", "fr"),
            ("Il servizio è stato pessimo", "it"),
            ("Obrigado pela ajuda", "pt"),
            ("Tack så mycket", "sv"),
            ("Dziękuję bardzo za pomoc", "pl"),
            ("A csomag még nem érkezett meg", "hu"),
            ("ありがとうございます", "ja"),
            ("谢谢", "zh"),
            ("Ευχαριστώ πολύ", "el"),
        ] {
            assert_eq!(code(message), expected, "{message}");
        }
    }

    #[test]
    fn words_of_other_languages_do_not_pass_for_english() {
        for message in [
            "Die Ware war kaputt",
            "Asante sana, nimepokea mzigo",
            "Paket saya belum sampai, tolong dicek",
            "Pakken er ikke kommet endnu",
            "no es la de su",
            "Fatal, no funciona nada",
        ] {
            assert_ne!(code(message), "en", "{message}");
        }
    }

    #[test]
    fn what_holds_no_words_is_undetermined() {
        for message in ["", "482910", ":-) :D", "👍", "https://example.com/a", "???"] {
            assert!(detect(&words(message)).is_undetermined(), "{message}");
        }
    }

    #[test]
    fn confidence_grows_with_the_evidence() {
        let sure = detect(&words("Thank you for your help with the order")).confidence;
        let unsure = detect(&words("Flight boards early")).confidence;
        assert!((0.9..=1.0).contains(&sure), "{sure}");
        assert!(unsure < sure, "{unsure}");
    }

    #[test]
    fn a_long_message_is_judged_by_its_first_words() {
        assert_eq!(words(&"word ".repeat(500)).len(), WORDS);
    }
}
