//! A message cut into the words and emoticons that the rules look at.

use crate::lexicon;

/// The tokens of a message that are looked at. Only a message of emoji, which are
/// several words each, has more of them.
const TOKENS: usize = 800;

/// One word, emoticon or number.
#[derive(Debug, PartialEq)]
pub(crate) struct Token {
    /// In lower case, without the punctuation around it.
    pub(crate) text: String,
    /// Written in capitals alone.
    pub(crate) shouted: bool,
    /// From -4 to 4, where the lexicon knows it.
    pub(crate) valence: Option<f32>,
}

impl Token {
    fn new(written: &str) -> Self {
        let text = written.to_lowercase();
        Self {
            shouted: is_shouted(written),
            valence: lexicon::valence(&text),
            text,
        }
    }

    pub(crate) fn is(&self, word: &str) -> bool {
        self.text == word
    }

    pub(crate) fn is_any(&self, words: &[&str]) -> bool {
        words.contains(&self.text.as_str())
    }
}

/// The tokens of a message, with emoji as the words of their descriptions.
pub(crate) fn tokens(message: &str) -> Vec<Token> {
    spell_out(message)
        .split_whitespace()
        .take(TOKENS)
        .map(|written| Token::new(without_punctuation(written)))
        .collect()
}

/// Telephones type a curly apostrophe, the lexicon a straight one.
fn spell_out(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for symbol in message.chars() {
        match lexicon::emoji(symbol) {
            Some(description) => text.extend([" ", description, " "]),
            None if symbol == '\u{2019}' => text.push('\''),
            None if is_invisible(symbol) => {}
            None => text.push(symbol),
        }
    }
    text
}

/// What follows an emoji to choose its colour or to join it to another.
fn is_invisible(symbol: char) -> bool {
    matches!(symbol, '\u{fe0f}' | '\u{200d}')
}

/// An emoticon is punctuation itself, so only what is not one loses it.
fn without_punctuation(written: &str) -> &str {
    let word = written.trim_matches(|symbol: char| symbol.is_ascii_punctuation());
    if word.is_empty() || lexicon::valence(&written.to_lowercase()).is_some() {
        written
    } else {
        word
    }
}

fn is_shouted(written: &str) -> bool {
    let mut letters = written.chars().filter(|symbol| symbol.is_alphabetic());
    let mut any = false;
    letters.all(|letter| {
        any = true;
        letter.is_uppercase()
    }) && any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(message: &str) -> Vec<String> {
        tokens(message)
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn words_lose_their_punctuation_and_case() {
        assert_eq!(texts("No, \"Great\" day!!"), ["no", "great", "day"]);
    }

    #[test]
    fn emoticons_keep_theirs() {
        assert_eq!(texts("home :) (now) :-("), ["home", ":)", "now", ":-("]);
    }

    #[test]
    fn emoji_become_the_words_of_their_description() {
        assert_eq!(texts("yes💔"), ["yes", "broken", "heart"]);
        assert_eq!(texts("❤️👍"), ["love", "good"]);
    }

    #[test]
    fn a_curly_apostrophe_is_an_apostrophe() {
        assert_eq!(texts("don’t"), ["don't"]);
    }

    #[test]
    fn capitals_are_noticed_and_digits_are_no_capitals() {
        let shouted = |written| tokens(written)[0].shouted;
        assert!(shouted("GREAT!"));
        assert!(shouted("B2B"));
        assert!(!shouted("Great"));
        assert!(!shouted("1600"));
    }

    #[test]
    fn a_flood_of_emoji_is_cut() {
        assert_eq!(tokens(&"😍".repeat(1600)).len(), TOKENS);
    }

    #[test]
    fn nothing_is_no_token() {
        assert!(tokens(" \n\t").is_empty());
    }
}
