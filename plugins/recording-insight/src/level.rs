//! How loud one channel is as a whole.

use ebur128::{EbuR128, Mode};

use crate::decibels;

/// What is gathered of a channel's level.
pub(crate) struct Level {
    samples: u64,
    squares: f64,
    peak: f32,
    /// Loudness by EBU R 128, as listeners have it. It keeps a histogram, and not every
    /// block that it ever measured.
    loudness: Option<EbuR128>,
}

/// A channel's level. There is none where there is no sound.
pub(crate) struct Levels {
    pub(crate) loudness_lufs: Option<f64>,
    pub(crate) rms_dbfs: Option<f64>,
    pub(crate) peak_dbfs: Option<f64>,
}

impl Level {
    pub(crate) fn new(rate: u32) -> Self {
        Self {
            samples: 0,
            squares: 0.0,
            peak: 0.0,
            loudness: EbuR128::new(1, rate, Mode::I | Mode::HISTOGRAM).ok(),
        }
    }

    pub(crate) fn hear(&mut self, samples: &[f32]) {
        self.samples += samples.len() as u64;
        self.squares += squares(samples);
        let sizes = samples.iter().map(|sample| sample.abs());
        self.peak = sizes.fold(self.peak, f32::max);
        if let Some(loudness) = &mut self.loudness
            && loudness.add_frames_f32(samples).is_err()
        {
            self.loudness = None;
        }
    }

    pub(crate) fn finish(self) -> Levels {
        let loudness = self.loudness.and_then(|it| it.loudness_global().ok());
        let mean = self.squares / self.samples as f64;
        Levels {
            loudness_lufs: loudness.and_then(decibels::rounded),
            rms_dbfs: decibels::rounded(decibels::of_mean_square(mean)),
            peak_dbfs: decibels::rounded(decibels::of_peak(self.peak)),
        }
    }
}

/// The sum of squares.
pub(crate) fn squares(samples: &[f32]) -> f64 {
    let squares = samples.iter().map(|&sample| f64::from(sample).powi(2));
    squares.sum()
}
