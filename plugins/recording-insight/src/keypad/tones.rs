//! How much of each tone is in the sound: Goertzel's algorithm, over windows that overlap.
//!
//! A window is made of hops. Each hop is filtered once, and its results are turned to the
//! phase that they have in the window: overlapping costs nothing.

use std::f64::consts::TAU;

/// The tones of a group.
pub(super) const GROUP: usize = 4;
/// All tones in hertz: the lower group, and the higher.
const TONES: [f64; 2 * GROUP] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];
/// The hops of a window.
pub(super) const WINDOW: usize = 3;
/// How long a hop lasts, in seconds. A window, which is three times as long, is short enough
/// for tones that are 1.5 % off, and long enough to tell the lower ones apart.
const HOP: f64 = 0.0064;

/// Listens for tones.
pub(super) struct Tones {
    filters: [Filter; 2 * GROUP],
    hop: usize,
    /// The hop that is being filled.
    samples: usize,
    energy: f32,
    /// The energies of the window's hops, the oldest first.
    energies: [f32; WINDOW],
}

/// What is in a window. Energies are sums of squares.
pub(super) struct Spectrum {
    /// The samples of the window.
    pub(super) samples: f32,
    /// All energy.
    pub(super) energy: f32,
    /// The energy of each lower tone.
    pub(super) low: [f32; GROUP],
    /// The energy of each higher tone.
    pub(super) high: [f32; GROUP],
}

impl Tones {
    pub(super) fn new(rate: u32) -> Self {
        let hop = (f64::from(rate) * HOP).round() as usize;
        Self {
            filters: TONES.map(|tone| Filter::new(TAU * tone / f64::from(rate), hop)),
            hop,
            samples: 0,
            energy: 0.0,
            energies: [0.0; WINDOW],
        }
    }

    /// The samples of a hop.
    pub(super) fn hop(&self) -> usize {
        self.hop
    }

    /// Takes one sample, and tells of the window that ends with it, if one does.
    pub(super) fn hear(&mut self, sample: f32) -> Option<Spectrum> {
        self.filters.iter_mut().for_each(|it| it.hear(sample));
        self.energy += sample * sample;
        self.samples += 1;
        (self.samples == self.hop).then(|| self.window())
    }

    fn window(&mut self) -> Spectrum {
        self.samples = 0;
        self.energies.rotate_left(1);
        self.energies[WINDOW - 1] = std::mem::take(&mut self.energy);
        let samples = (self.hop * WINDOW) as f32;
        let tones = self.filters.each_mut();
        let tones = tones.map(|filter| 2.0 * filter.window().square() / samples);
        let [a, b, c, d, high @ ..] = tones;
        Spectrum {
            samples,
            energy: self.energies.iter().sum(),
            low: [a, b, c, d],
            high,
        }
    }
}

/// Goertzel's filter for one tone.
struct Filter {
    coefficient: f32,
    last: f32,
    before: f32,
    /// What one sample less turns the phase by.
    sample: Complex,
    /// What one hop more turns it by.
    hop: Complex,
    /// The hops of the window, the oldest first.
    hops: [Complex; WINDOW],
}

impl Filter {
    fn new(angle: f64, hop: usize) -> Self {
        Self {
            coefficient: (2.0 * angle.cos()) as f32,
            last: 0.0,
            before: 0.0,
            sample: Complex::turn(-angle),
            hop: Complex::turn(-angle * hop as f64),
            hops: [Complex::default(); WINDOW],
        }
    }

    fn hear(&mut self, sample: f32) {
        let next = sample + self.coefficient * self.last - self.before;
        self.before = self.last;
        self.last = next;
    }

    /// Ends a hop, and adds up the window.
    fn window(&mut self) -> Complex {
        let (last, before) = (self.last, self.before);
        (self.last, self.before) = (0.0, 0.0);
        self.hops.rotate_left(1);
        self.hops[WINDOW - 1] = Complex {
            re: last - before * self.sample.re,
            im: -before * self.sample.im,
        };
        let later_first = self.hops.iter().rev();
        later_first.fold(Complex::default(), |sum, hop| {
            sum.times(self.hop).plus(*hop)
        })
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    fn turn(angle: f64) -> Self {
        Self {
            re: angle.cos() as f32,
            im: angle.sin() as f32,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }

    fn times(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn square(self) -> f32 {
        self.re * self.re + self.im * self.im
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::sounds::{RATES, sine};

    /// The energies of the last window of a sound that is four windows long.
    fn last_window(rate: u32, sound: impl Fn(usize) -> Vec<f32>) -> Spectrum {
        let mut tones = Tones::new(rate);
        let sound = sound(4 * WINDOW * tones.hop());
        let windows = sound.iter().filter_map(|sample| tones.hear(*sample));
        windows.last().unwrap()
    }

    #[test]
    fn all_energy_of_a_tone_is_found_in_it() {
        for rate in RATES {
            for (at, tone) in TONES.into_iter().enumerate() {
                let found = last_window(rate, |length| sine(length, rate, tone, -12.0));
                let group = [found.low, found.high].concat();
                let share = group[at] / found.energy;
                assert!((0.85..1.15).contains(&share), "{rate} {tone}: {share}");
            }
        }
    }

    #[test]
    fn a_sound_between_the_tones_is_in_none() {
        for rate in RATES {
            for frequency in [400.0, 1_050.0, 1_075.0] {
                let found = last_window(rate, |length| sine(length, rate, frequency, -12.0));
                let group = [found.low, found.high].concat();
                let most = group.iter().copied().fold(0.0, f32::max) / found.energy;
                assert!(most < 0.2, "{rate} {frequency}: {most}");
            }
        }
    }
}
