//! Recordings that last: what is kept of them does not, and what is told has its limit.

use std::io::{self, Read};

use serde_json::Value;

use super::File;
use super::sounds::{key, silence, then, vowel};
use crate::listen;

/// A file that says nothing of its length, and repeats the same sound.
struct Repeated {
    head: Vec<u8>,
    sound: Vec<u8>,
    at: usize,
    times: usize,
}

impl Repeated {
    fn new(sound: &[f32], times: usize) -> Self {
        let mut file = File::mu_law(8_000, &[sound]);
        file.said = Some(u32::MAX);
        let sound = std::mem::take(&mut file.audio);
        let (head, at) = (file.bytes(), 0);
        Self {
            head,
            sound,
            at,
            times,
        }
    }
}

impl Read for Repeated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            let taken = self.head.len().min(into.len());
            into[..taken].copy_from_slice(&self.head[..taken]);
            self.head.drain(..taken);
            return Ok(taken);
        }
        if self.at == self.sound.len() {
            self.times -= 1;
            self.at = 0;
        }
        if self.times == 0 {
            return Ok(0);
        }
        let read = (&self.sound[self.at..]).read(into)?;
        self.at += read;
        Ok(read)
    }
}

fn told(sound: &[f32], times: usize, limit: u64) -> (String, Value) {
    let mut report = Vec::new();
    listen(Repeated::new(sound, times), &mut report, limit).unwrap();
    let text = String::from_utf8(report).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

/// A word, a key, and a pause: a second of them.
fn busy() -> Vec<f32> {
    then(&[
        vowel(4_000, 8_000, 150.0, -20.0),
        key(800, 8_000, '5', -16.0),
        silence(3_200),
    ])
}

#[test]
fn segments_that_have_no_room_are_left_out_and_that_is_said() {
    let limit = 16 * 1024;
    let (text, value) = told(&busy(), 600, limit);
    assert!(text.len() as u64 <= limit, "{}", text.len());
    assert_eq!(value["segments_complete"], false);
    let segments = value["segments"].as_array().unwrap();
    assert!(segments.len() > 100, "{}", segments.len());
    assert!(
        segments
            .windows(2)
            .all(|two| two[0]["to_ms"] == two[1]["from_ms"])
    );
    assert_eq!(value["duration_ms"], 600_000);
    assert_eq!(value["channels"][0]["speech_segments"], 600);
}

#[test]
fn what_has_to_be_said_is_said_without_any_room_for_segments() {
    let (text, value) = told(&busy(), 3, 0);
    assert!(text.len() < 1_024, "{text}");
    assert_eq!(value["segments"], Value::Array(Vec::new()));
    assert_eq!(value["segments_complete"], false);
    assert_eq!(value["channels"][0]["digits"], "555");
}

#[test]
fn digits_beyond_a_thousand_are_counted() {
    let pressed = then(&[key(400, 8_000, '9', -16.0), silence(400)]);
    let (text, value) = told(&pressed, 1_234, 8 * 1024);
    assert!(text.len() <= 8 * 1024);
    let channel = &value["channels"][0];
    assert_eq!(channel["digits"].as_str().unwrap(), "9".repeat(1_000));
    assert_eq!(channel["digits_left_out"], 234);
}
