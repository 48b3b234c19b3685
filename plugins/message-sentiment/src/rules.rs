//! The rules of VADER (Hutto and Gilbert, 2014): what the words around a word do
//! to what it is worth. The figures are that paper's, found by experiment.

use crate::tokens::Token;

const BOOST: f32 = 0.293;
const SHOUT: f32 = 0.733;
const NEGATION: f32 = -0.74;
const NEVER_SO: f32 = 1.25;

/// A word's influence fades with its distance: one, two and three words back.
const FADING: [f32; 3] = [1.0, 0.95, 0.9];

/// Besides every word that holds `n't`.
#[rustfmt::skip]
const NEGATIONS: [&str; 37] = [
    "aint", "arent", "cannot", "cant", "couldnt", "darent", "despite", "didnt", "doesnt", "dont",
    "hadnt", "hasnt", "havent", "isnt", "mightnt", "mustnt", "neednt", "neither", "never", "none",
    "nope", "nor", "not", "nothing", "nowhere", "oughtnt", "rarely", "seldom", "shant", "shouldnt",
    "uh-uh", "uhuh", "wasnt", "werent", "without", "wont", "wouldnt",
];

#[rustfmt::skip]
const BOOSTERS: [&str; 60] = [
    "absolutely", "amazingly", "awfully", "completely", "considerable", "considerably",
    "decidedly", "deeply", "effing", "enormous", "enormously", "entirely", "especially",
    "exceptional", "exceptionally", "extreme", "extremely", "fabulously", "flippin", "flipping",
    "frackin", "fracking", "frickin", "fricking", "friggin", "frigging", "fuckin", "fucking",
    "fuggin", "fugging", "fully", "greatly", "hella", "highly", "hugely", "incredible",
    "incredibly", "intensely", "major", "majorly", "more", "most", "particularly", "purely",
    "quite", "really", "remarkably", "so", "substantially", "thoroughly", "total", "totally",
    "tremendous", "tremendously", "uber", "unbelievably", "unusually", "utter", "utterly", "very",
];

#[rustfmt::skip]
const DAMPENERS: [&str; 20] = [
    "almost", "barely", "hardly", "kind-of", "kinda", "kindof", "less", "little", "marginal",
    "marginally", "occasional", "occasionally", "partly", "scarce", "scarcely", "slight",
    "slightly", "somewhat", "sort-of", "sorta",
];

const DAMPENING_PHRASES: [&[&str]; 3] = [&["just", "enough"], &["kind", "of"], &["sort", "of"]];

/// Phrases that are worth something else than their words are.
const IDIOMS: [(&[&str], f32); 8] = [
    (&["the", "shit"], 3.0),
    (&["the", "bomb"], 3.0),
    (&["bad", "ass"], 1.5),
    (&["bus", "stop"], 0.0),
    (&["yeah", "right"], -2.0),
    (&["kiss", "of", "death"], -1.5),
    (&["to", "die", "for"], 3.0),
    (&["beating", "heart"], 3.5),
];

/// What the word at `index` is worth among its neighbours. `emphatic`: the message
/// mixes words in capitals with others, so that capitals mean something.
pub(crate) fn valence(tokens: &[Token], index: usize, emphatic: bool) -> f32 {
    let token = &tokens[index];
    let Some(known) = token.valence else {
        return 0.0;
    };
    if boost(tokens, index) != 0.0 || phrase(tokens, index, &["kind", "of"]) {
        return 0.0;
    }
    let mut valence = after_no(tokens, index, idiom(tokens, index).unwrap_or(known));
    if token.shouted && emphatic {
        valence += SHOUT.copysign(valence);
    }
    for distance in 1..=3.min(index) {
        if tokens[index - distance].valence.is_none() {
            valence += boosted_by(tokens, index, distance, valence, emphatic);
            valence *= negation(tokens, index, distance);
        }
    }
    valence * least(tokens, index)
}

/// `no` is a negation only in front of a word that is worth something; by itself
/// it is a word with a valence of its own.
fn after_no(tokens: &[Token], index: usize, known: f32) -> f32 {
    let said = |distance: usize| index >= distance && tokens[index - distance].is("no");
    let listed = index >= 1 && tokens[index - 1].is_any(&["or", "nor"]);
    let next = tokens.get(index + 1);
    if said(1) || said(2) || (said(3) && listed) {
        known * NEGATION
    } else if tokens[index].is("no") && next.is_some_and(|next| next.valence.is_some()) {
        0.0
    } else {
        known
    }
}

/// What the word `distance` back adds, away from zero or towards it.
fn boosted_by(
    tokens: &[Token],
    index: usize,
    distance: usize,
    valence: f32,
    emphatic: bool,
) -> f32 {
    let before = index - distance;
    let boost = boost(tokens, before);
    if boost == 0.0 {
        return 0.0;
    }
    let shout = if tokens[before].shouted && emphatic {
        SHOUT
    } else {
        0.0
    };
    let away = if valence < 0.0 { -1.0 } else { 1.0 };
    (boost + shout) * away * FADING[distance - 1]
}

fn boost(tokens: &[Token], index: usize) -> f32 {
    let word = tokens[index].text.as_str();
    let ends = |words: &&[&str]| index >= 1 && phrase(tokens, index - 1, words);
    if BOOSTERS.binary_search(&word).is_ok() {
        BOOST
    } else if DAMPENERS.binary_search(&word).is_ok() || DAMPENING_PHRASES.iter().any(ends) {
        -BOOST
    } else {
        0.0
    }
}

/// The factor for the word `distance` back. `never so good` praises, and
/// `without doubt` denies nothing.
fn negation(tokens: &[Token], index: usize, distance: usize) -> f32 {
    let before = &tokens[index - distance];
    let between = &tokens[index - distance + 1..index];
    let has = |words: &[&str]| between.iter().any(|token| token.is_any(words));
    if before.is("never") && has(&["so", "this"]) {
        NEVER_SO
    } else if is_negation(before) && !(before.is("without") && has(&["doubt"])) {
        NEGATION
    } else {
        1.0
    }
}

fn is_negation(token: &Token) -> bool {
    token.text.contains("n't") || NEGATIONS.binary_search(&token.text.as_str()).is_ok()
}

/// What the idiom is worth that the word at `index` is a part of.
fn idiom(tokens: &[Token], index: usize) -> Option<f32> {
    let covers = |words: &[&str]| {
        let first = (index + 1).saturating_sub(words.len());
        (first..=index).any(|start| phrase(tokens, start, words))
    };
    let idiom = IDIOMS.iter().find(|(words, _)| covers(words));
    idiom.map(|(_, worth)| *worth)
}

fn phrase(tokens: &[Token], start: usize, words: &[&str]) -> bool {
    let window = tokens.get(start..start + words.len());
    window.is_some_and(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))
}

/// `least helpful` is a negation, `at least helpful` is none.
fn least(tokens: &[Token], index: usize) -> f32 {
    let said = index >= 1 && tokens[index - 1].is("least");
    let spared = index >= 2 && tokens[index - 2].is_any(&["at", "very"]);
    if said && !spared { NEGATION } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokens;

    /// What the last word of a message is worth.
    fn last(message: &str) -> f32 {
        let tokens = tokens(message);
        valence(&tokens, tokens.len() - 1, true)
    }

    #[track_caller]
    fn assert_near(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(NEGATIONS.is_sorted() && BOOSTERS.is_sorted() && DAMPENERS.is_sorted());
    }

    #[test]
    fn a_negation_turns_a_word_and_weakens_it() {
        assert_near(last("not good"), 1.9 * NEGATION);
        assert_near(last("it doesn't look good"), 1.9 * NEGATION);
        assert_near(last("no good"), 1.9 * NEGATION);
        assert_near(last("least good"), 1.9 * NEGATION);
    }

    #[test]
    fn what_looks_like_a_negation_may_be_none() {
        assert_near(last("at least good"), 1.9);
        assert_near(last("never so good"), (1.9 + BOOST) * NEVER_SO);
        assert_near(last("without doubt good"), 1.9);
        assert_near(last("not that it ever was good"), 1.9);
    }

    #[test]
    fn intensifiers_work_on_both_sides_and_fade() {
        assert_near(last("very good"), 1.9 + BOOST);
        assert_near(last("very bad"), -2.5 - BOOST);
        assert_near(last("kind of bad"), -2.5 + BOOST);
        assert_near(last("slightly bad"), -2.5 + BOOST);
        assert_near(last("really a good"), 1.9 + BOOST * 0.95);
        assert_near(last("really the most"), 0.0);
    }

    #[test]
    fn capitals_weigh_more_among_other_words() {
        assert_near(last("so GOOD"), 1.9 + SHOUT + BOOST);
        assert_near(last("this is BAD"), -2.5 - SHOUT);
    }

    #[test]
    fn an_idiom_is_not_its_words() {
        let tokens = tokens("this cake is to die for");
        assert_near(valence(&tokens, 4, false), 3.0);
        assert_near(last("at the bus stop"), 0.0);
    }
}
