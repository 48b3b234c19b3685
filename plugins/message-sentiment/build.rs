//! Turns the word lists of two crates into perfect-hash tables, so that a fresh
//! instance finds them in its memory and builds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

use phf_codegen::Map;
use qsv_vader_sentiment_analysis::{EMOJI_LEXICON, LEXICON};

/// Languages in Latin script whose common words are no evidence for English.
const NEIGHBOURS: [&str; 20] = [
    "af", "ca", "cs", "da", "de", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "nl", "no", "pl",
    "pt", "ro", "sv", "tr",
];

/// Words that the lexicon takes for feelings, and that businesses' messages use
/// without any. Only `data/development.tsv` had a say in them.
const PLAIN: [&str; 8] = [
    "alert", "credit", "help", "please", "security", "share", "stop", "yes",
];

/// Spellings of text messages that no list of common words has, and whether they
/// tell English from its neighbours.
const TEXTING: [(&str, bool); 24] = [
    ("bday", true),
    ("btw", true),
    ("cu", false),
    ("gonna", true),
    ("gotta", true),
    ("gr8", true),
    ("idk", true),
    ("im", false),
    ("l8r", true),
    ("np", false),
    ("omw", true),
    ("pls", true),
    ("plz", true),
    ("r", false),
    ("thru", true),
    ("thx", true),
    ("tmrw", true),
    ("ty", false),
    ("u", false),
    ("ur", false),
    ("wanna", true),
    ("x", false),
    ("xx", true),
    ("xxx", true),
];

/// A guest's stack in bytes. The deepest calls seen, in `whatlang`, take less than
/// 5 KiB of it; the default is 1 MiB, which every instance would have to reserve.
const STACK: u32 = 16 * 1024;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK}");
    }
    let valences = valences();
    let tables = [
        table("VALENCES", "&'static str, f32", &valence_map(&valences)),
        table("EMOJI", "char, &'static str", &emoji_map(&valences)),
        table("ENGLISH", "&'static str, bool", &english_map(&valences)),
    ];
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    fs::write(Path::new(&out).join("lexicon.rs"), tables.concat()).expect("OUT_DIR is writable");
}

fn table(name: &str, types: &str, map: &str) -> String {
    format!("static {name}: phf::Map<{types}> = {map};\n")
}

/// VADER's words and emoticons in lower case, without the plain ones. Where two
/// differ only by case, the lexicon itself keeps one.
fn valences() -> BTreeMap<String, f64> {
    LEXICON
        .iter()
        .map(|(word, valence)| (word.to_lowercase(), *valence))
        .filter(|(word, _)| !PLAIN.contains(&word.as_str()))
        .collect()
}

fn valence_map(valences: &BTreeMap<String, f64>) -> String {
    let mut map = Map::new();
    for (word, valence) in valences {
        map.entry(word.as_str(), format!("{valence:?}"));
    }
    map.build().to_string()
}

/// Emoji that are worth something, with the words that say what.
fn emoji_map(valences: &BTreeMap<String, f64>) -> String {
    let mut descriptions = BTreeMap::new();
    for (emoji, description) in EMOJI_LEXICON.iter() {
        let description = meaning(&description.to_lowercase());
        let scored = description
            .split(' ')
            .any(|word| valences.contains_key(word));
        if let (Some(symbol), true) = (single_char(emoji), scored) {
            descriptions.insert(symbol, description);
        }
    }
    let mut map = Map::new();
    for (symbol, description) in &descriptions {
        map.entry(*symbol, format!("{description:?}"));
    }
    map.build().to_string()
}

/// The commonest emoji of all have descriptions without a word of the lexicon.
fn meaning(description: &str) -> String {
    match description {
        "thumbs up" => "good".into(),
        "thumbs down" => "bad".into(),
        heart if heart.ends_with(" heart") && heart != "broken heart" => "love".into(),
        other => other.into(),
    }
}

fn single_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Common English words, and whether they tell English from its neighbours. Of
/// the lexicon only those are listed that do not.
fn english_map(valences: &BTreeMap<String, f64>) -> String {
    let neighbours: BTreeSet<&str> = NEIGHBOURS.into_iter().flat_map(common_words).collect();
    let shared = valences.keys().map(String::as_str);
    let shared = shared.filter(|word| neighbours.contains(word));
    let words: BTreeSet<&str> = common_words("en").chain(shared).collect();
    let mut evidence: BTreeMap<&str, bool> = words
        .into_iter()
        .map(|word| (word, !neighbours.contains(word)))
        .collect();
    evidence.extend(TEXTING);
    let mut map = Map::new();
    for (word, distinctive) in evidence {
        map.entry(word, distinctive.to_string());
    }
    map.build().to_string()
}

/// A language's common words, without single letters other than English ones.
fn common_words<'a>(language: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let listed = stop_words::lookup(language).expect("the language is listed");
    let is_word = |word: &&str| word.chars().count() > 1 || ["a", "i"].contains(word);
    listed.iter().copied().filter(is_word)
}
