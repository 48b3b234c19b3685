//! A recording to analyse: a call that is not one, of two sides.

use std::f32::consts::TAU;

/// Samples in a second of one channel, as in Twilio's recordings.
const RATE: u32 = 8_000;
/// How many channels there are: one for each side of a call.
const CHANNELS: u16 = 2;

/// Three seconds. One side talks for two of them, the other is silent but for a key that
/// it presses in the third.
pub(super) fn call() -> Vec<u8> {
    let samples = (0..3 * RATE).flat_map(|at| {
        let second = at / RATE;
        let time = at as f32 / RATE as f32;
        let talks = if second < 2 { tone(time, 220.0) } else { 0.0 };
        // What a telephone sends for the key 5.
        let key = if second == 2 {
            tone(time, 770.0) + tone(time, 1336.0)
        } else {
            0.0
        };
        [talks, key]
    });
    let samples: Vec<u8> = samples
        .flat_map(|sample| ((sample * 8_000.0) as i16).to_le_bytes())
        .collect();
    [header(samples.len()), samples].concat()
}

fn tone(time: f32, frequency: f32) -> f32 {
    (TAU * frequency * time).sin()
}

/// The header of a WAV file of 16-bit samples.
fn header(length: usize) -> Vec<u8> {
    let length = u32::try_from(length).expect("three seconds are short");
    let frame = CHANNELS * 2;
    let mut header = Vec::new();
    header.extend(b"RIFF");
    header.extend((length + 36).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(16_u32.to_le_bytes());
    header.extend(1_u16.to_le_bytes());
    header.extend(CHANNELS.to_le_bytes());
    header.extend(RATE.to_le_bytes());
    header.extend((RATE * u32::from(frame)).to_le_bytes());
    header.extend(frame.to_le_bytes());
    header.extend(16_u16.to_le_bytes());
    header.extend(b"data");
    header.extend(length.to_le_bytes());
    header
}
