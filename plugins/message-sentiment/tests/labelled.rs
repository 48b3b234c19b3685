//! How often the provider's label is the one that a person gave the message.

use jackfield_sdk::{Lookup, Request};
use message_sentiment::MessageSentiment;
use serde_json::Value;

struct Labelled {
    label: &'static str,
    message: &'static str,
}

fn read(file: &'static str) -> Vec<Labelled> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').expect("a label, a tab, a message"))
        .map(|(label, message)| Labelled { label, message })
        .collect()
}

fn answer(message: &str) -> Value {
    let request = Request::incoming_sms("+15005550006").body(message);
    let answer = MessageSentiment::lookup(request).expect("a message with text has an answer");
    serde_json::from_str(&answer.json).expect("an answer is JSON")
}

/// Prints the misses and returns the share of right labels.
#[allow(clippy::print_stdout, reason = "a test run shows what is still missed")]
fn accuracy(messages: &[Labelled]) -> f64 {
    let mut right = 0;
    for Labelled { label, message } in messages {
        let answer = answer(message);
        if answer["sentiment"] == *label {
            right += 1;
        } else {
            println!("{label}, not {}: {message}", answer["sentiment"]);
        }
    }
    println!("{right} of {} right", messages.len());
    f64::from(right) / messages.len() as f64
}

#[test]
fn four_of_five_labels_are_right() {
    let messages = read(include_str!("../data/labelled.tsv"));
    assert_eq!(messages.len(), 100);
    assert!(accuracy(&messages) >= 0.8);
}

#[test]
fn three_of_four_labels_are_right_where_the_settings_are_chosen() {
    assert!(accuracy(&read(include_str!("../data/development.tsv"))) >= 0.75);
}

#[test]
fn nearly_every_english_message_is_found_to_be_english() {
    let files = [
        include_str!("../data/labelled.tsv"),
        include_str!("../data/development.tsv"),
    ];
    let messages: Vec<Labelled> = files.into_iter().flat_map(read).collect();
    let missed: Vec<&str> = messages
        .iter()
        .map(|labelled| labelled.message)
        .filter(|message| answer(message)["language"]["code"] != "en")
        .collect();
    assert!(missed.len() * 50 <= messages.len(), "{missed:?}");
}
