//! Sounds: tones, keys, noise, silence, and something that moves like a voice.

use std::f64::consts::TAU;

/// Rates that recordings have.
pub(crate) const RATES: [u32; 6] = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000];

/// The size of a sine wave at this level in dBFS.
fn size(level: f64) -> f64 {
    2.0_f64.sqrt() * 10.0_f64.powf(level / 20.0)
}

pub(crate) fn silence(samples: usize) -> Vec<f32> {
    vec![0.0; samples]
}

pub(crate) fn sine(samples: usize, rate: u32, frequency: f64, level: f64) -> Vec<f32> {
    let angle = TAU * frequency / f64::from(rate);
    let samples = 0..samples;
    samples
        .map(|at| (size(level) * (angle * at as f64).sin()) as f32)
        .collect()
}

/// Two sounds at once.
pub(crate) fn both(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one + other)
        .collect()
}

/// Sounds after one another.
pub(crate) fn then(sounds: &[Vec<f32>]) -> Vec<f32> {
    sounds.concat()
}

/// White noise at this level. The same seed makes the same noise.
pub(crate) fn noise(samples: usize, level: f64, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    // Uniform between −1 and 1, whose mean square is a third.
    let size = 3.0_f64.sqrt() * 10.0_f64.powf(level / 20.0);
    let samples = 0..samples;
    samples
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let uniform = (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
            (size * uniform) as f32
        })
        .collect()
}

/// The two tones of a key.
pub(crate) fn tones(key: char) -> (f64, f64) {
    let keys = "123A456B789C*0#D";
    let at = keys.find(key).unwrap();
    let (low, high) = (
        [697.0, 770.0, 852.0, 941.0],
        [1209.0, 1336.0, 1477.0, 1633.0],
    );
    (low[at / 4], high[at % 4])
}

/// A key, each of whose tones has this level.
pub(crate) fn key(samples: usize, rate: u32, key: char, level: f64) -> Vec<f32> {
    let (low, high) = tones(key);
    both(
        &sine(samples, rate, low, level),
        &sine(samples, rate, high, level),
    )
}

/// Many harmonics of a tone that goes up and down: what a vowel is to a telephone. It swells
/// and fades within five milliseconds.
pub(crate) fn vowel(samples: usize, rate: u32, pitch: f64, level: f64) -> Vec<f32> {
    let mut phase = 0.0;
    let edge = f64::from(rate) * 0.005;
    let samples = (0..samples).map(|at| {
        let swell = (at.min(samples - at) as f64 / edge).min(1.0);
        let time = at as f64 / f64::from(rate);
        phase += TAU * pitch * (1.0 + 0.1 * (TAU * 3.0 * time).sin()) / f64::from(rate);
        let formants = 1.0 + 0.5 * (TAU * 1.3 * time).sin();
        let harmonics = (1..=12).map(|harmonic| {
            let harmonic = f64::from(harmonic);
            (phase * harmonic).sin() / harmonic.powf(formants)
        });
        (swell * size(level) * harmonics.sum::<f64>() / 1.5) as f32
    });
    samples.collect()
}
