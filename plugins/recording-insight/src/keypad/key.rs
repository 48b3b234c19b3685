//! Which key two tones belong to.

use std::fmt;

use super::tones::{GROUP, Spectrum};

/// What of a window's energy is in the two tones. Tones that are as far off as they may be,
/// by 1.5 %, still have two thirds of it.
const SHARE: f32 = 0.6;
/// How much a tone stands out of the others of its group, as a ratio of energies: 6 dB.
const OUTSTANDING: f32 = 4.0;
/// How much stronger the higher tone may be: 6 dB.
const HIGHER: f32 = 4.0;
/// How much stronger the lower tone may be: 12 dB. Lines swallow what is high.
const LOWER: f32 = 16.0;
/// The mean square that a window has at the least: −40 dBFS.
const FAINTEST: f32 = 1e-4;

/// The keys by their lower tone, and then by their higher.
const KEYS: [[char; GROUP]; GROUP] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// A key of a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(char);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<Key> for char {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl Spectrum {
    /// The key whose tones these are, and hardly anything else.
    pub(super) fn key(&self) -> Option<Key> {
        if self.energy < FAINTEST * self.samples {
            return None;
        }
        let (low, high) = (outstanding(&self.low)?, outstanding(&self.high)?);
        let (lower, higher) = (self.low[low], self.high[high]);
        let is_pair = higher <= HIGHER * lower && lower <= LOWER * higher;
        let is_all = lower + higher >= SHARE * self.energy;
        (is_pair && is_all).then(|| Key(KEYS[low][high]))
    }
}

/// The tone of a group that stands out of the others.
fn outstanding(group: &[f32; GROUP]) -> Option<usize> {
    let (at, most) = group
        .iter()
        .enumerate()
        .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let mut others = group.iter().enumerate().filter(|(other, _)| *other != at);
    others
        .all(|(_, other)| other * OUTSTANDING <= *most)
        .then_some(at)
}
