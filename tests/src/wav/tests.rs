use sha2::{Digest, Sha256};

use super::*;
use crate::twilio::hex;

fn number(bytes: &[u8], place: usize) -> u32 {
    u32::from_le_bytes(bytes[place..place + 4].try_into().unwrap())
}

/// How much of a tone there is in a wave: 1 where it is nothing else.
fn share(wave: &[f64], rate: u32, hertz: f64) -> f64 {
    let step = TAU * hertz / f64::from(rate);
    let at = |turn: fn(f64) -> f64| -> f64 {
        let products = wave.iter().enumerate();
        products
            .map(|(place, it)| it * turn(step * place as f64))
            .sum()
    };
    let power: f64 = wave.iter().map(|it| it * it).sum();
    2.0 * (at(f64::sin).powi(2) + at(f64::cos).powi(2)) / (power * wave.len() as f64)
}

#[test]
fn a_file_says_what_it_holds() {
    let wav = Wav::tone(1_500).channel(&[Sound::Silence(500)]);
    let bytes = wav.bytes();
    assert_eq!(wav.millis(), 1_500);
    assert_eq!(bytes.len(), 44 + 8 * 1_500 * 2 * 2);
    assert_eq!(&bytes[..4], b"RIFF");
    assert_eq!(number(&bytes, 4) as usize, bytes.len() - 8);
    assert_eq!(&bytes[8..16], b"WAVEfmt ");
    assert_eq!(bytes[20..24], [1, 0, 2, 0]);
    assert_eq!(number(&bytes, 24), 8_000);
    assert_eq!(number(&bytes, 28), 32_000);
    assert_eq!(&bytes[36..40], b"data");
    assert_eq!(number(&bytes, 40) as usize, bytes.len() - 44);
}

#[test]
fn mu_law_has_a_fact_and_an_even_length() {
    let bytes = Wav::new(Samples::MuLaw, 8_000)
        .channel(&[Sound::Tone(300.0, 1.0, 1)])
        .bytes();
    assert_eq!(bytes.len(), 12 + 26 + 12 + 8 + 8);
    assert_eq!(bytes[20], 7);
    assert_eq!(&bytes[38..42], b"fact");
    let odd = Wav::new(Samples::Pcm8, 11_000).channel(&[Sound::Silence(1)]);
    assert_eq!(odd.bytes().len(), 44 + 12);
}

#[test]
fn samples_are_written_as_each_format_has_it() {
    let written = |samples: Samples, heard| {
        let mut bytes = Vec::new();
        samples.write(heard, &mut bytes);
        bytes
    };
    assert_eq!(written(Samples::Pcm16, 1.0), [0xff, 0x7f]);
    assert_eq!(written(Samples::Pcm16, -2.0), [0x01, 0x80]);
    assert_eq!(written(Samples::Pcm8, 0.0), [128]);
    assert_eq!(written(Samples::Pcm8, 1.0), [255]);
    assert_eq!(written(Samples::Pcm8, -1.0), [0]);
    // Pairs from the tables of G.711.
    for (sample, code) in [
        (0, 0xff),
        (-1, 0x7f),
        (8, 0xfe),
        (1_000, 0xce),
        (32_767, 0x80),
        (-32_767, 0x00),
    ] {
        assert_eq!(mu_law(sample), code, "{sample}");
    }
}

#[test]
fn a_tone_is_that_tone_and_a_digit_both_of_its_own() {
    let mut noise = fastrand::Rng::with_seed(0);
    let tone = Sound::Tone(440.0, 0.5, 100).wave(8_000, &mut noise);
    assert!(share(&tone, 8_000, 440.0) > 0.99);
    let five = Sound::Digits("5").wave(8_000, &mut noise);
    assert_eq!(five.len(), 1_600);
    for hertz in [770.0, 1336.0] {
        assert!(
            (0.45..0.55).contains(&share(&five[..800], 8_000, hertz)),
            "{hertz}"
        );
    }
    assert!(five[800..].iter().all(|heard| *heard == 0.0));
}

#[test]
fn noise_has_its_level_and_no_tone() {
    let mut noise = fastrand::Rng::with_seed(7);
    let wave = Sound::Noise(0.25, 1_000).wave(8_000, &mut noise);
    let loudest = wave
        .iter()
        .fold(0.0_f64, |loudest, it| loudest.max(it.abs()));
    assert!((0.24..=0.25).contains(&loudest), "{loudest}");
    assert!(share(&wave, 8_000, 440.0) < 0.01);
}

#[test]
fn a_large_recording_is_as_long_as_it_says_and_the_same_every_time() {
    let large = Large::new(1, 3 * 64 * 1024 + 46);
    let (mut length, mut hash) = (0, Sha256::new());
    for part in large.parts() {
        assert!(part.len() <= 64 * 1024);
        length += part.len() as u64;
        hash.update(&part);
    }
    assert_eq!(length, large.length());
    assert_eq!(hex(&hash.finalize()), large.hash());
    assert_ne!(Large::new(2, large.length()).hash(), large.hash());
    assert_eq!(Large::new(1, 44 + 32_000).millis(), 2_000);
    let head = large.parts().next().unwrap();
    assert_eq!(u64::from(number(&head, 40)), large.length() - 44);
}
