//! What a recorder adds to every sample, taken away: it is no sound, and would count as
//! one.

use std::f64::consts::TAU;

/// What is slower is no sound, in hertz.
const SLOWEST: f64 = 20.0;

/// A filter that lets everything through but what does not change.
pub(super) struct Offset {
    keeps: f32,
    /// The last sample and what was made of it.
    last: Option<(f32, f32)>,
}

impl Offset {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            keeps: (1.0 - TAU * SLOWEST / f64::from(rate)) as f32,
            last: None,
        }
    }

    /// The same samples around zero.
    pub(super) fn without(&mut self, samples: &[f32]) -> Vec<f32> {
        let each = samples.iter().map(|&sample| {
            let (before, made) = self.last.unwrap_or((sample, 0.0));
            let made = sample - before + self.keeps * made;
            self.last = Some((sample, made));
            made
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sounds::sine;

    #[test]
    fn what_never_changes_is_gone_and_a_voice_is_as_it_was() {
        let voice = sine(8_000, 8_000, 200.0, -10.0);
        let lifted: Vec<f32> = voice.iter().map(|sample| sample + 0.25).collect();
        let plain = Offset::new(8_000).without(&lifted);
        // By then it has forgotten the offset, and has got used to the voice.
        let mean = plain[4_000..].iter().sum::<f32>() / 4_000.0;
        assert!(mean.abs() < 1e-3, "{mean}");
        let energy = |of: &[f32]| of.iter().map(|sample| sample * sample).sum::<f32>();
        let share = energy(&plain[4_000..]) / energy(&voice[4_000..]);
        assert!((0.97..=1.03).contains(&share), "{share}");
    }
}
