//! The answer: what is said of a message, and why nothing is where nothing is.

use serde::Serialize;

use crate::language::{self, Language};
use crate::score::{self, Sentiment};
use crate::tokens::{self, Token};

/// The characters of a message that are read: Twilio's own limit for a message.
const READ: usize = 1600;

/// Why a message is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The lexicon has no words of its language.
    LanguageNotCovered,
    /// Its words are too few or too odd to tell the language.
    LanguageUndetermined,
    /// It holds neither words nor emoji, as a code or a link.
    NoWords,
}

/// An answer's fields, as the customer sees them.
#[derive(Debug, Serialize)]
pub(crate) struct Opinion {
    /// `None` is not neutral: it stands for no opinion.
    pub(crate) sentiment: Option<Sentiment>,
    /// From -1 to 1, to two decimals.
    pub(crate) score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason>,
    pub(crate) language: Language,
    /// The message was longer than what was read.
    pub(crate) truncated: bool,
}

impl Opinion {
    pub(crate) fn of(message: &str) -> Self {
        let read = beginning(message);
        let truncated = read.len() < message.len();
        let language = language::detect(&language::words(read));
        let judged = judge(read, language);
        Self {
            sentiment: judged.ok().map(Sentiment::from),
            score: judged.ok().map(two_decimals),
            reason: judged.err(),
            language,
            truncated,
        }
    }
}

fn judge(message: &str, language: Language) -> Result<f32, Reason> {
    let tokens = tokens::tokens(message);
    let worded = !language::words(message).is_empty();
    if language.is_english() || !worded && tokens.iter().any(is_judged) {
        Ok(score::score(message, &tokens))
    } else if !worded {
        Err(Reason::NoWords)
    } else if language.is_undetermined() {
        Err(Reason::LanguageUndetermined)
    } else {
        Err(Reason::LanguageNotCovered)
    }
}

fn is_judged(token: &Token) -> bool {
    token.valence.is_some()
}

fn beginning(message: &str) -> &str {
    let end = message
        .char_indices()
        .nth(READ)
        .map_or(message.len(), |(end, _)| end);
    &message[..end]
}

/// Adding zero turns -0 into 0.
fn two_decimals(score: f32) -> f32 {
    (score * 100.0).round() / 100.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_needs_no_language() {
        let opinion = Opinion::of("😍");
        assert_eq!(opinion.sentiment, Some(Sentiment::Positive));
        assert_eq!(opinion.reason, None);
        assert!(opinion.language.is_undetermined());
    }

    #[test]
    fn no_opinion_has_its_reason() {
        for (message, reason) in [
            (
                "Der Techniker ist nicht gekommen und niemand geht ans Telefon",
                Reason::LanguageNotCovered,
            ),
            ("zzkw qpfl", Reason::LanguageUndetermined),
            ("482910", Reason::NoWords),
        ] {
            let opinion = Opinion::of(message);
            assert_eq!(opinion.sentiment, None, "{message}");
            assert_eq!(opinion.score, None, "{message}");
            assert_eq!(opinion.reason, Some(reason), "{message}");
        }
    }

    #[test]
    fn a_long_message_is_read_up_to_the_limit() {
        let start = format!("{:é<1600}", "Great service ");
        assert!(!Opinion::of(&start).truncated);
        let long = Opinion::of(&(start.clone() + " horrible awful terrible"));
        assert!(long.truncated);
        assert_eq!(long.score, Opinion::of(&start).score);
    }

    #[test]
    fn a_judgement_without_feeling_is_a_plain_zero() {
        let opinion = Opinion::of("What time does the shop close today?");
        assert_eq!(opinion.sentiment, Some(Sentiment::Neutral));
        assert_eq!(opinion.score.map(f32::to_bits), Some(0));
    }
}
