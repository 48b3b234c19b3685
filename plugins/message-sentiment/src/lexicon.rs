//! The tables that build.rs makes: what words, emoticons and emoji are worth, and
//! which words are English. All of them are constants; nothing is set up.

include!(concat!(env!("OUT_DIR"), "/lexicon.rs"));

/// What a word in lower case or an emoticon is worth, from -4 to 4.
pub(crate) fn valence(word: &str) -> Option<f32> {
    VALENCES.get(word).copied()
}

/// The English description of an emoji that is worth something.
pub(crate) fn emoji(symbol: char) -> Option<&'static str> {
    EMOJI.get(&symbol).copied()
}

/// What a word tells about the language of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// English, and common in no neighbouring language.
    Distinctive,
    /// English, and common in another language too, as `die` or `no`.
    Shared,
    /// Not a word known to be English.
    None,
}

/// Whether a word in lower case is known to be English. Words of the sentiment
/// lexicon count from three letters on.
pub(crate) fn english(word: &str) -> Evidence {
    match ENGLISH.get(word) {
        Some(true) => Evidence::Distinctive,
        Some(false) => Evidence::Shared,
        None if word.len() > 2 && valence(word).is_some() => Evidence::Distinctive,
        None => Evidence::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_emoticons_have_the_reference_lexicons_values() {
        assert_eq!(valence("great"), Some(3.1));
        assert_eq!(valence("terrible"), Some(-2.1));
        assert_eq!(valence(":)"), Some(2.0));
        assert_eq!(valence("parcel"), None);
    }

    #[test]
    fn the_whole_lexicon_is_in_the_table() {
        assert!(VALENCES.len() > 7000, "{} words", VALENCES.len());
        assert!(VALENCES.values().all(|valence| valence.abs() <= 4.0));
        assert!(VALENCES.keys().all(|word| *word == word.to_lowercase()));
    }

    #[test]
    fn emoji_are_described_when_they_are_worth_something() {
        assert_eq!(emoji('😍'), Some("smiling face with heart-eyes"));
        assert_eq!(emoji('🚪'), None);
    }

    #[test]
    fn a_word_of_two_languages_is_shared_evidence() {
        assert_eq!(english("your"), Evidence::Distinctive);
        assert_eq!(english("delicious"), Evidence::Distinctive);
        assert_eq!(english("die"), Evidence::Shared);
        assert_eq!(english("no"), Evidence::Shared);
        assert_eq!(english("gracias"), Evidence::None);
    }
}
