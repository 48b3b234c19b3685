//! Whether somebody talks: whether it is louder than the noise that is always there.
//!
//! A frame is compared with the quietest of the last seconds, since even who talks without
//! end breathes. What a word is, this does not know: music is somebody who talks as well.

use crate::decibels;
use crate::level::squares;

/// What is quieter is nobody who talks into a telephone, in dBFS.
const QUIETEST_VOICE: f64 = -50.0;
/// What is louder is no noise, however long it lasts, in dBFS.
const LOUDEST_NOISE: f64 = -30.0;
/// How much louder than the noise a voice is, in decibels.
const ABOVE_NOISE: f64 = 9.0;
/// How much quieter than at its beginning a voice may become, in decibels.
const FADING: f64 = 3.0;
/// What is quieter was made by a machine that had no sound to send, in dBFS: the noise
/// comes back with the sound.
const NO_SOUND: f64 = -80.0;

/// The frames of one second.
const SECOND: u32 = 50;
/// The seconds that the noise is looked for in.
const SECONDS: usize = 8;

/// Listens for a voice.
#[derive(Default)]
pub(crate) struct Voice {
    noise: Noise,
    talks: bool,
}

impl Voice {
    /// Whether somebody talks in the next frame.
    pub(crate) fn talks(&mut self, frame: &[f32]) -> bool {
        let level = decibels::of_mean_square(squares(frame) / frame.len() as f64);
        if level > NO_SOUND {
            self.noise.hear(level);
        }
        let least = self.noise.level() + ABOVE_NOISE;
        let least = least.clamp(QUIETEST_VOICE, LOUDEST_NOISE);
        let least = if self.talks { least - FADING } else { least };
        self.talks = level > least;
        self.talks
    }
}

/// The quietest frame of each of the last seconds.
struct Noise {
    seconds: [f64; SECONDS],
    at: usize,
    frames: u32,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            seconds: [f64::INFINITY; SECONDS],
            at: 0,
            frames: 0,
        }
    }
}

impl Noise {
    fn hear(&mut self, level: f64) {
        if self.frames == SECOND {
            self.frames = 0;
            self.at = (self.at + 1) % SECONDS;
            self.seconds[self.at] = f64::INFINITY;
        }
        self.frames += 1;
        self.seconds[self.at] = self.seconds[self.at].min(level);
    }

    fn level(&self) -> f64 {
        let seconds = self.seconds.iter().copied();
        seconds.fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sounds::{noise, silence, sine};

    /// How many of a sound's frames somebody talks in.
    fn talking(voice: &mut Voice, sound: &[f32]) -> (usize, usize) {
        let frames = sound.chunks(160);
        let all = frames.len();
        (frames.filter(|frame| voice.talks(frame)).count(), all)
    }

    #[test]
    fn nobody_talks_in_silence_or_steady_noise() {
        let mut voice = Voice::default();
        assert_eq!(talking(&mut voice, &silence(8_000)).0, 0);
        assert_eq!(talking(&mut voice, &noise(80_000, -45.0, 1)).0, 0);
        assert_eq!(talking(&mut voice, &noise(80_000, -38.0, 2)).0, 0);
        assert_eq!(talking(&mut voice, &silence(8_000)).0, 0);
    }

    #[test]
    fn somebody_talks_in_what_stands_out_of_the_noise() {
        let mut voice = Voice::default();
        let (talks, _) = talking(&mut voice, &noise(16_000, -50.0, 3));
        assert_eq!(talks, 0);
        let (talks, all) = talking(&mut voice, &sine(16_000, 8_000, 300.0, -33.0));
        assert_eq!(talks, all);
        let (talks, _) = talking(&mut voice, &noise(16_000, -50.0, 4));
        assert_eq!(talks, 0);
    }

    #[test]
    fn a_long_loud_sound_does_not_become_noise() {
        let mut voice = Voice::default();
        let (talks, all) = talking(&mut voice, &sine(60 * 8_000, 8_000, 300.0, -20.0));
        assert_eq!(talks, all);
    }
}
