//! What a channel is made of, from its beginning to its end: speech, silence, and keys
//! that are pressed. Every sample is in exactly one segment.

use crate::keypad::Key;

/// A pause between words belongs to what is said: less than so many milliseconds.
const PAUSE: u64 = 300;
/// What is shorter is no word, in milliseconds.
const WORD: u64 = 100;

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    Silence,
    Speech,
    /// A key, by the number of the press: the same key twice is two segments.
    Key(Key, u64),
}

/// A part of a channel. Its times are counted in samples, and the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) sound: Sound,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// Makes segments out of frames.
pub(crate) struct Segments {
    rate: u64,
    now: Run,
    /// What it may have become: it has not lasted long enough yet.
    next: Option<Run>,
}

#[derive(Clone, Copy)]
struct Run {
    sound: Sound,
    from: u64,
}

impl Segments {
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            rate: u64::from(rate),
            now: Run {
                sound: Sound::Silence,
                from: 0,
            },
            next: None,
        }
    }

    /// Takes a frame, and returns the segment that is over, if one is.
    pub(crate) fn hear(&mut self, sound: Sound, from: u64, to: u64) -> Option<Segment> {
        if sound == self.now.sound {
            self.next = None;
            return None;
        }
        let next = match self.next {
            Some(next) if next.sound == sound => next,
            _ => Run { sound, from },
        };
        if to - next.from < self.least(sound) {
            self.next = Some(next);
            return None;
        }
        let over = self.until(next.from);
        (self.now, self.next) = (next, None);
        over
    }

    /// The last segment, which ends with the channel.
    pub(crate) fn end(&self, at: u64) -> Option<Segment> {
        self.until(at)
    }

    /// How long a sound lasts before it is one, in samples.
    fn least(&self, sound: Sound) -> u64 {
        let least = match (self.now.sound, sound) {
            (Sound::Speech, Sound::Silence) => PAUSE,
            (_, Sound::Speech) => WORD,
            _ => 0,
        };
        least * self.rate / 1_000
    }

    fn until(&self, to: u64) -> Option<Segment> {
        let Run { sound, from } = self.now;
        (from < to).then_some(Segment { sound, from, to })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: u32 = 1_000;
    const FRAME: u64 = 20;

    fn sound(letter: char) -> Sound {
        match letter {
            's' => Sound::Speech,
            _ => Sound::Silence,
        }
    }

    /// The segments of a text whose letters are frames.
    fn segments(frames: &str) -> Vec<Segment> {
        let mut segments = Segments::new(RATE);
        let frames = (0..).step_by(FRAME as usize).zip(frames.chars());
        let mut end = 0;
        let mut found = Vec::new();
        for (from, letter) in frames {
            end = from + FRAME;
            found.extend(segments.hear(sound(letter), from, end));
        }
        found.extend(segments.end(end));
        found
    }

    fn told(frames: &str) -> Vec<(Sound, u64)> {
        let frames = frames.replace(' ', "");
        let told = segments(&frames).into_iter();
        told.map(|it| (it.sound, it.to)).collect()
    }

    #[test]
    fn a_pause_belongs_to_what_is_said_and_a_click_to_the_silence() {
        use Sound::{Silence, Speech};
        let (word, pause) = ("s".repeat(5), "-".repeat(14));
        assert_eq!(told(""), []);
        assert_eq!(told("----"), [(Silence, 80)]);
        assert_eq!(told("--ssss--"), [(Silence, 160)]);
        assert_eq!(told(&word), [(Speech, 100)]);
        assert_eq!(told(&format!("-{word}")), [(Silence, 20), (Speech, 120)]);
        assert_eq!(told(&format!("{word}{pause}{word}")), [(Speech, 480)]);
        let apart = told(&format!("{word}{pause}-{word}"));
        assert_eq!(apart, [(Speech, 100), (Silence, 400), (Speech, 500)]);
    }

    proptest! {
        #[test]
        fn segments_follow_each_other_without_a_gap(frames in "[s-]{0,200}") {
            let segments = segments(&frames);
            let mut at = 0;
            for segment in &segments {
                prop_assert_eq!(segment.from, at);
                prop_assert!(segment.to > at);
                at = segment.to;
            }
            prop_assert_eq!(at, frames.len() as u64 * FRAME);
            prop_assert!(segments.windows(2).all(|two| two[0].sound != two[1].sound));
        }
    }
}
