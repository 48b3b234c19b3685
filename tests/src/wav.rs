//! Audio that tests make: tones, digits, noise and silence, written as WAV files, and a
//! recording of any size that is never held.

mod large;

pub use self::large::Large;

use std::f64::consts::TAU;

/// How long a dialled digit sounds, and for how long nothing is heard after it.
const DIGIT_MILLIS: u32 = 100;
/// The level of each of a digit's two tones.
const DIGIT_LEVEL: f64 = 0.35;
/// The rows and columns of a telephone's keys, in hertz.
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// The keys, row by row.
const KEYS: &str = "123A456B789C*0#D";

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Samples {
    /// Unsigned, 8 bits.
    Pcm8,
    /// Signed, 16 bits, the low byte first.
    Pcm16,
    /// G.711 mu-law, 8 bits.
    MuLaw,
}

/// What is heard for a while. Levels go from 0 to 1, the loudest that can be written.
#[derive(Debug, Clone)]
pub enum Sound {
    /// Nothing, for so many milliseconds.
    Silence(u32),
    /// A tone of so many hertz, at a level, for so many milliseconds.
    Tone(f64, f64, u32),
    /// White noise at a level, for so many milliseconds.
    Noise(f64, u32),
    /// Dialled digits, each heard for 100 ms and followed by as much silence.
    Digits(&'static str),
}

/// A recording that is made sound by sound.
#[derive(Debug, Clone)]
pub struct Wav {
    samples: Samples,
    rate: u32,
    channels: Vec<Vec<f64>>,
}

impl Wav {
    /// A recording without a channel yet, of so many samples a second.
    #[must_use]
    pub fn new(samples: Samples, rate: u32) -> Self {
        Self {
            samples,
            rate,
            channels: Vec::new(),
        }
    }

    /// A tone on one channel, as telephones carry it: what is sent where any audio will do.
    #[must_use]
    pub fn tone(millis: u32) -> Self {
        Self::new(Samples::Pcm16, 8_000).channel(&[Sound::Tone(440.0, 0.5, millis)])
    }

    /// Adds a channel. The shorter ones end in silence.
    #[must_use]
    pub fn channel(mut self, sounds: &[Sound]) -> Self {
        let mut noise = fastrand::Rng::with_seed(self.channels.len() as u64);
        let heard = sounds.iter().flat_map(|it| it.wave(self.rate, &mut noise));
        self.channels.push(heard.collect());
        self
    }

    /// How long it lasts, in milliseconds.
    #[must_use]
    pub fn millis(&self) -> u64 {
        self.frames() as u64 * 1_000 / u64::from(self.rate)
    }

    /// How its samples are written.
    #[must_use]
    pub fn samples(&self) -> Samples {
        self.samples
    }

    /// The samples of a second, of each channel.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How many channels there are.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let (frames, channels) = (self.frames(), self.channels.len());
        let length = frames * channels * self.samples.width();
        let mut bytes = self.header(u32::try_from(length).expect("a test's recording is short"));
        for frame in 0..frames {
            for channel in &self.channels {
                let heard = channel.get(frame).copied().unwrap_or(0.0);
                self.samples.write(heard, &mut bytes);
            }
        }
        // A chunk of an odd length is padded.
        bytes.resize(bytes.len() + length % 2, 0);
        bytes
    }

    fn frames(&self) -> usize {
        self.channels.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Everything before the first sample, for so many bytes of samples.
    fn header(&self, length: u32) -> Vec<u8> {
        let channels = u16::try_from(self.channels.len()).expect("few channels");
        header(self.samples, self.rate, channels, length)
    }
}

/// The head of a file whose samples take so many bytes.
fn header(samples: Samples, rate: u32, channels: u16, length: u32) -> Vec<u8> {
    let frame = channels * u16::try_from(samples.width()).expect("a byte or two");
    let mut format = Vec::new();
    format.extend(samples.tag().to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(rate.to_le_bytes());
    format.extend((rate * u32::from(frame)).to_le_bytes());
    format.extend(frame.to_le_bytes());
    format.extend((8 * u16::try_from(samples.width()).expect("a byte or two")).to_le_bytes());
    let mut chunks = b"WAVE".to_vec();
    match samples {
        Samples::Pcm8 | Samples::Pcm16 => chunk(b"fmt ", &format, &mut chunks),
        Samples::MuLaw => {
            // What is not PCM says that it has no further parameters, and counts its frames.
            format.extend(0_u16.to_le_bytes());
            chunk(b"fmt ", &format, &mut chunks);
            let frames = length / u32::from(frame.max(1));
            chunk(b"fact", &frames.to_le_bytes(), &mut chunks);
        }
    }
    chunks.extend(b"data");
    chunks.extend(length.to_le_bytes());
    let rest = u32::try_from(chunks.len()).expect("a short head") + length + length % 2;
    [b"RIFF".as_slice(), &rest.to_le_bytes(), &chunks].concat()
}

fn chunk(name: &[u8; 4], content: &[u8], into: &mut Vec<u8>) {
    into.extend(name);
    into.extend(u32::try_from(content.len()).expect("short").to_le_bytes());
    into.extend(content);
}

impl Sound {
    fn wave(&self, rate: u32, noise: &mut fastrand::Rng) -> Vec<f64> {
        let count = |millis: &u32| (u64::from(*millis) * u64::from(rate) / 1_000) as usize;
        match self {
            Self::Silence(millis) => vec![0.0; count(millis)],
            Self::Tone(hertz, level, millis) => sine(*hertz, *level, rate, count(millis)),
            Self::Noise(level, millis) => (0..count(millis))
                .map(|_| level * (2.0 * noise.f64() - 1.0))
                .collect(),
            Self::Digits(digits) => {
                let length = count(&DIGIT_MILLIS);
                digits
                    .chars()
                    .flat_map(|it| digit(it, rate, length))
                    .collect()
            }
        }
    }
}

fn sine(hertz: f64, level: f64, rate: u32, count: usize) -> Vec<f64> {
    let step = TAU * hertz / f64::from(rate);
    (0..count)
        .map(|place| level * (step * place as f64).sin())
        .collect()
}

/// Both tones of a key, and silence for as long.
fn digit(key: char, rate: u32, length: usize) -> Vec<f64> {
    let place = KEYS.find(key).expect("a telephone has this key");
    let row = sine(ROWS[place / 4], DIGIT_LEVEL, rate, length);
    let column = sine(COLUMNS[place % 4], DIGIT_LEVEL, rate, length);
    let both = row.iter().zip(column).map(|(one, other)| one + other);
    both.chain(std::iter::repeat_n(0.0, length)).collect()
}

impl Samples {
    /// The bytes of one sample.
    #[must_use]
    pub fn width(self) -> usize {
        match self {
            Self::Pcm8 | Self::MuLaw => 1,
            Self::Pcm16 => 2,
        }
    }

    /// The number of the format.
    fn tag(self) -> u16 {
        match self {
            Self::Pcm8 | Self::Pcm16 => 1,
            Self::MuLaw => 7,
        }
    }

    fn write(self, heard: f64, into: &mut Vec<u8>) {
        let whole = (heard.clamp(-1.0, 1.0) * f64::from(i16::MAX)).round() as i16;
        match self {
            Self::Pcm8 => into.push((((i32::from(whole)) >> 8) + 128) as u8),
            Self::Pcm16 => into.extend(whole.to_le_bytes()),
            Self::MuLaw => into.push(mu_law(whole)),
        }
    }
}

/// G.711: a sign, the place of the magnitude's first bit, and the four bits after it.
fn mu_law(sample: i16) -> u8 {
    const BIAS: u16 = 132;
    const LOUDEST: u16 = 32_635;
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs().min(LOUDEST) + BIAS;
    let exponent = 8 - magnitude.leading_zeros();
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent as u8) << 4 | mantissa as u8)
}

#[cfg(test)]
mod tests;
