//! One figure for a whole message, and the label that it stands for.

use serde::Serialize;

use crate::rules;
use crate::tokens::Token;

/// The sum of 15 at which a score is half way to its limit of 1, squared.
const SCALE: f32 = 15.0;

/// Scores nearer to zero than this are neutral.
const NEUTRAL: f32 = 0.05;

const BEFORE_BUT: f32 = 0.5;
const AFTER_BUT: f32 = 1.5;

/// How a message sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sentiment {
    Positive,
    Neutral,
    Negative,
}

impl From<f32> for Sentiment {
    fn from(score: f32) -> Self {
        if score >= NEUTRAL {
            Self::Positive
        } else if score <= -NEUTRAL {
            Self::Negative
        } else {
            Self::Neutral
        }
    }
}

/// From -1 to 1. `message` is the text of the `tokens`: its exclamation and
/// question marks are not among them.
pub(crate) fn score(message: &str, tokens: &[Token]) -> f32 {
    let sum = sum(tokens);
    let emphasised = match sum {
        0.0 => 0.0,
        _ => sum + punctuation(message).copysign(sum),
    };
    emphasised / (emphasised * emphasised + SCALE).sqrt()
}

fn sum(tokens: &[Token]) -> f32 {
    let emphatic =
        tokens.iter().any(|token| token.shouted) && !tokens.iter().all(|token| token.shouted);
    let but = tokens.iter().position(|token| token.is("but"));
    (0..tokens.len())
        .map(|index| rules::valence(tokens, index, emphatic) * around_but(index, but))
        .sum()
}

/// What follows `but` is what is meant.
fn around_but(index: usize, but: Option<usize>) -> f32 {
    match but {
        Some(but) if index < but => BEFORE_BUT,
        Some(but) if index > but => AFTER_BUT,
        _ => 1.0,
    }
}

/// Up to four exclamation marks count, and question marks from the second on.
fn punctuation(message: &str) -> f32 {
    let marks = |mark| message.chars().filter(|symbol| *symbol == mark).count();
    let questions = match marks('?') {
        0 | 1 => 0.0,
        marks @ 2..=3 => 0.18 * marks as f32,
        _ => 0.96,
    };
    0.292 * marks('!').min(4) as f32 + questions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    fn score_of(message: &str) -> f32 {
        score(message, &tokens(message))
    }

    #[test]
    fn the_reference_scores_of_vader_are_met() {
        for (message, expected) in [
            ("VADER is smart, handsome, and funny.", 0.8316),
            ("VADER is smart, handsome, and funny!", 0.8439),
            ("VADER is very smart, handsome, and funny.", 0.8545),
            ("VADER is VERY SMART, handsome, and FUNNY.", 0.9227),
            ("VADER is not smart, handsome, nor funny.", -0.7424),
            ("The book was good.", 0.4404),
            ("At least it isn't a horrible book.", 0.431),
            ("Today SUX!", -0.5461),
            ("Today only kinda sux! But I'll get by, lol", 0.5249),
        ] {
            let found = score_of(message);
            assert!(
                (found - expected).abs() < 1e-3,
                "{message}: {found}, not {expected}"
            );
        }
    }

    /// The reference overlooks short words with punctuation, reads `so` and `this`
    /// right before a word as if `never` stood there too, and knows no plain words.
    fn is_read_alike(message: &str) -> bool {
        let differs = |word: &str| {
            let bare = word.trim_matches(|symbol: char| symbol.is_ascii_punctuation());
            let overlooked = bare != word && (1..=2).contains(&bare.len());
            overlooked || DIFFERENT.contains(&bare.to_lowercase().as_str())
        };
        message.is_ascii() && !message.split_whitespace().any(differs)
    }

    const DIFFERENT: [&str; 10] = [
        "alert", "credit", "help", "please", "security", "share", "so", "stop", "this", "yes",
    ];

    #[test]
    fn the_reference_implementation_finds_the_same_scores() {
        let reference = vader_parity::SentimentIntensityAnalyzer::new();
        let files = [
            include_str!("../data/labelled.tsv"),
            include_str!("../data/development.tsv"),
        ];
        let lines = files.into_iter().flat_map(str::lines);
        let messages = lines.filter_map(|line| line.split('\t').nth(1));
        let mut compared = 0;
        for message in messages.filter(|message| is_read_alike(message)) {
            let expected = reference.polarity_scores(message).compound as f32;
            let found = score_of(message);
            assert!(
                (found - expected).abs() < 1e-3,
                "{message}: {found}, not {expected}"
            );
            compared += 1;
        }
        assert!(compared > 80, "{compared} messages");
    }

    #[test]
    fn a_score_stays_within_one() {
        assert!(score_of(&"AMAZING! awesome! ".repeat(200)) <= 1.0);
        assert!(score_of(&"horrible! ".repeat(200)) >= -1.0);
    }

    #[test]
    fn marks_strengthen_what_is_said_but_say_nothing() {
        assert!(score_of("good!!!") > score_of("good"));
        assert!(score_of("bad??") < score_of("bad"));
        assert_eq!(score_of("good!!!!"), score_of("good!!!!!!!!"));
        assert_eq!(score_of("!!!"), 0.0);
    }

    #[test]
    fn labels_begin_at_a_twentieth() {
        assert_eq!(Sentiment::from(0.05), Sentiment::Positive);
        assert_eq!(Sentiment::from(0.049), Sentiment::Neutral);
        assert_eq!(Sentiment::from(0.0), Sentiment::Neutral);
        assert_eq!(Sentiment::from(-0.05), Sentiment::Negative);
    }
}
