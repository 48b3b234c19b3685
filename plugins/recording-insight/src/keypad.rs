//! The keys that are pressed: two tones at once, for at least forty milliseconds, as in
//! ITU-T Q.23 and Q.24.

mod key;
mod tones;

use std::collections::VecDeque;

pub(crate) use self::key::Key;
use self::tones::{Tones, WINDOW};

/// How often in succession a key's tones are found before it counts as pressed. With
/// windows as they are, tones of forty milliseconds are found at least five times, and
/// those of twenty at most three times.
const FOUND: u32 = 4;
/// How often in succession they are missed before it counts as released: a gap of ten
/// milliseconds is none.
const MISSED: u32 = 4;

/// A key that was pressed. Its times are counted in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Press {
    /// Which of all presses it is.
    pub(crate) number: u64,
    pub(crate) key: Key,
    pub(crate) from: u64,
    /// Its end, as far as it is known.
    pub(crate) to: u64,
}

/// Listens for keys.
pub(crate) struct Keypad {
    tones: Tones,
    hop: u64,
    heard: u64,
    finger: Option<Finger>,
    pressed: u64,
    /// Those that somebody may still ask for.
    presses: VecDeque<Press>,
}

/// What may be a key that is being pressed.
struct Finger {
    key: Key,
    from: u64,
    found: u32,
    missed: u32,
}

impl Keypad {
    pub(crate) fn new(rate: u32) -> Self {
        let tones = Tones::new(rate);
        Self {
            hop: tones.hop() as u64,
            tones,
            heard: 0,
            finger: None,
            pressed: 0,
            presses: VecDeque::new(),
        }
    }

    pub(crate) fn hear(&mut self, samples: &[f32]) {
        for &sample in samples {
            self.heard += 1;
            if let Some(spectrum) = self.tones.hear(sample) {
                self.find(spectrum.key());
            }
        }
    }

    /// The presses that ended no earlier than the last call said.
    pub(crate) fn presses(&self) -> impl Iterator<Item = &Press> {
        self.presses.iter()
    }

    /// Forgets the presses that ended before this sample.
    pub(crate) fn forget_before(&mut self, sample: u64) {
        while self.presses.front().is_some_and(|press| press.to < sample) {
            self.presses.pop_front();
        }
    }

    /// How many keys were pressed so far.
    pub(crate) fn pressed(&self) -> u64 {
        self.pressed
    }

    /// Goes on by one window, with the key that is in it.
    fn find(&mut self, key: Option<Key>) {
        match (&mut self.finger, key) {
            (Some(finger), Some(key)) if finger.key == key => {
                finger.found = finger.found.saturating_add(1);
                finger.missed = 0;
                self.hold();
            }
            // Another key is no gap.
            (_, Some(key)) => {
                // The first window is filled to two thirds at the least.
                let from = self.heard.saturating_sub(self.hop * WINDOW as u64);
                self.finger = Some(Finger {
                    key,
                    from: from + self.hop / 2,
                    found: 1,
                    missed: 0,
                });
            }
            (Some(finger), None) => {
                finger.missed += 1;
                if finger.found < FOUND || finger.missed == MISSED {
                    self.finger = None;
                }
            }
            (None, None) => {}
        }
    }

    fn hold(&mut self) {
        let Some(finger) = &self.finger else { return };
        let to = self.heard - self.hop / 2;
        if finger.found == FOUND {
            self.pressed += 1;
            self.presses.push_back(Press {
                number: self.pressed,
                key: finger.key,
                from: finger.from,
                to,
            });
        } else if finger.found > FOUND
            && let Some(press) = self.presses.back_mut()
        {
            press.to = to;
        }
    }
}

#[cfg(test)]
mod tests;
