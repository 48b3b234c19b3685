//! Keys that are heard, and sounds that are none.

use proptest::prelude::*;

use super::*;
use crate::tests::sounds::{RATES, both, key, noise, silence, sine, then, tones, vowel};

const KEYS: &str = "123A456B789C*0#D";

/// All presses in a sound.
fn presses(rate: u32, sound: &[f32]) -> Vec<Press> {
    let mut keypad = Keypad::new(rate);
    keypad.hear(sound);
    keypad.presses().copied().collect()
}

fn keys(rate: u32, sound: &[f32]) -> String {
    let presses = presses(rate, sound);
    presses.iter().map(|press| char::from(press.key)).collect()
}

/// So many milliseconds, in samples.
fn ms(rate: u32, milliseconds: u32) -> usize {
    (rate * milliseconds / 1_000) as usize
}

/// Keys that are pressed and released for so long.
fn dialled(rate: u32, text: &str, on: u32, off: u32, level: f64) -> Vec<f32> {
    let pause = || silence(ms(rate, off));
    let each = text
        .chars()
        .map(|it| then(&[pause(), key(ms(rate, on), rate, it, level)]));
    then(&[each.collect::<Vec<_>>().concat(), pause()])
}

#[test]
fn every_key_is_heard_at_every_rate() {
    for rate in RATES {
        assert_eq!(
            keys(rate, &dialled(rate, KEYS, 100, 100, -13.0)),
            KEYS,
            "{rate}"
        );
    }
}

#[test]
fn keys_are_heard_as_short_as_they_may_be() {
    let twice = "0011223344556677889900";
    for rate in RATES {
        assert_eq!(
            keys(rate, &dialled(rate, twice, 40, 40, -20.0)),
            twice,
            "{rate}"
        );
    }
}

#[test]
fn keys_are_heard_loud_and_faint_and_in_noise() {
    for level in [-4.0, -10.0, -30.0, -38.0] {
        assert_eq!(
            keys(8_000, &dialled(8_000, KEYS, 60, 60, level)),
            KEYS,
            "{level}"
        );
        let sound = dialled(8_000, KEYS, 60, 60, level);
        let noisy = both(&sound, &noise(sound.len(), level - 12.0, 7));
        assert_eq!(keys(8_000, &noisy), KEYS, "{level}");
    }
}

#[test]
fn a_key_that_is_held_is_one_key_and_a_short_gap_is_none() {
    let long = key(40_000, 8_000, '7', -13.0);
    assert_eq!(keys(8_000, &long), "7");
    let gap = silence(ms(8_000, 9));
    let twice = then(&[
        key(800, 8_000, '7', -13.0),
        gap,
        key(800, 8_000, '7', -13.0),
    ]);
    assert_eq!(keys(8_000, &twice), "7");
}

#[test]
fn a_press_lasts_as_long_as_its_tones() {
    for rate in RATES {
        let sound = dialled(rate, "5", 120, 200, -13.0);
        let press = presses(rate, &sound)[0];
        let near = |at: u64, milliseconds: u32| {
            at.abs_diff(ms(rate, milliseconds) as u64) <= ms(rate, 10) as u64
        };
        assert!(
            near(press.from, 200) && near(press.to, 320),
            "{rate} {press:?}"
        );
    }
}

#[test]
fn what_is_too_short_is_no_key() {
    assert_eq!(keys(8_000, &dialled(8_000, KEYS, 20, 60, -13.0)), "");
}

#[test]
fn tones_that_are_too_far_off_or_too_unlike_are_no_key() {
    let two = |low: (f64, f64), high: (f64, f64)| {
        let (one, other) = (
            sine(800, 8_000, low.0, low.1),
            sine(800, 8_000, high.0, high.1),
        );
        let pause = silence(400);
        keys(8_000, &then(&[pause.clone(), both(&one, &other), pause]))
    };
    for key in KEYS.chars() {
        let (low, high) = tones(key);
        for off in [0.985, 0.99, 1.01, 1.015] {
            assert_eq!(
                two((low * off, -13.0), (high * off, -13.0)),
                key.to_string(),
                "{off}"
            );
        }
        for off in [0.96, 1.04] {
            assert_eq!(
                two((low * off, -13.0), (high * off, -13.0)),
                "",
                "{key} {off}"
            );
        }
        assert_eq!(two((low, -10.0), (high, -18.0)), key.to_string());
        assert_eq!(two((low, -13.0), (high, -9.0)), key.to_string());
        assert_eq!(
            two((low, -10.0), (high, -26.0)),
            "",
            "{key}: the higher is lost"
        );
        assert_eq!(
            two((low, -22.0), (high, -10.0)),
            "",
            "{key}: the lower is lost"
        );
    }
}

#[test]
fn one_tone_three_tones_and_tones_of_one_group_are_no_key() {
    let tone = |frequency| sine(8_000, 8_000, frequency, -13.0);
    assert_eq!(keys(8_000, &tone(697.0)), "");
    assert_eq!(keys(8_000, &tone(1_336.0)), "");
    assert_eq!(keys(8_000, &both(&tone(697.0), &tone(770.0))), "");
    assert_eq!(keys(8_000, &both(&tone(1_209.0), &tone(1_477.0))), "");
    let three = both(&both(&tone(697.0), &tone(1_209.0)), &tone(1_477.0));
    assert_eq!(keys(8_000, &three), "");
    // What a telephone makes when it rings, is busy, or waits for a number.
    for (one, other) in [(440.0, 480.0), (480.0, 620.0), (350.0, 440.0)] {
        assert_eq!(keys(8_000, &both(&tone(one), &tone(other))), "");
    }
}

#[test]
fn neither_silence_nor_noise_nor_a_voice_presses_a_key() {
    assert_eq!(keys(8_000, &silence(80_000)), "");
    assert_eq!(keys(8_000, &noise(800_000, -10.0, 11)), "");
    for pitch in (80..400).step_by(7) {
        let voice = vowel(40_000, 8_000, f64::from(pitch), -15.0);
        assert_eq!(keys(8_000, &voice), "", "{pitch}");
    }
}

#[test]
fn what_is_forgotten_makes_room() {
    let mut keypad = Keypad::new(8_000);
    keypad.hear(&dialled(8_000, KEYS, 60, 60, -13.0));
    assert_eq!((keypad.pressed(), keypad.presses().count()), (16, 16));
    let third = keypad.presses().nth(2).copied().unwrap();
    keypad.forget_before(third.to);
    assert_eq!(keypad.presses().next(), Some(&third));
    keypad.forget_before(u64::MAX);
    assert_eq!((keypad.pressed(), keypad.presses().count()), (16, 0));
}

proptest! {
    #[test]
    fn whatever_is_dialled_is_heard(
        text in "[0-9A-D*#]{1,12}",
        on in 40..200_u32,
        off in 40..200_u32,
        begin in 0..400_usize,
        level in -35..-6_i32,
    ) {
        let sound = dialled(8_000, &text, on, off, f64::from(level));
        let sound = then(&[silence(begin), sound]);
        prop_assert_eq!(keys(8_000, &sound), text);
    }
}
