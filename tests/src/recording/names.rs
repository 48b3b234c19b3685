//! The names under which recordings travel: three families of them are known.

use crate::wav::{Large, Wav};

/// Whose names the fields have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The reference's: `AudioData`, `Duration` in milliseconds.
    Reference,
    /// Its sample's: `audio-data`, `duration` in seconds, `callback`.
    Sample,
    /// A vendor's: `audio_data`, `duration` in milliseconds, `callback_url`.
    Vendor,
}

impl Naming {
    /// Every family.
    pub const ALL: [Self; 3] = [Self::Reference, Self::Sample, Self::Vendor];
}

/// How the fields travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As the parts of a multipart body, with the audio among them.
    Multipart,
    /// As a form.
    Form,
    /// As a JSON object of texts.
    Json,
}

/// What is said of the audio.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    length: u64,
    heard: Option<Heard>,
}

#[derive(Debug, Clone)]
struct Heard {
    millis: u64,
    channels: usize,
    rate: u32,
    width: usize,
}

impl Facts {
    pub(super) fn of(wav: &Wav, length: u64) -> Self {
        let heard = Heard {
            millis: wav.millis(),
            channels: wav.channels(),
            rate: wav.rate(),
            width: wav.samples().width(),
        };
        Self {
            length,
            heard: Some(heard),
        }
    }

    pub(super) fn of_large(large: Large) -> Self {
        let heard = Heard {
            millis: large.millis(),
            channels: 1,
            rate: 8_000,
            width: 2,
        };
        Self {
            length: large.length(),
            heard: Some(heard),
        }
    }

    pub(super) fn of_bytes(length: u64) -> Self {
        Self {
            length,
            heard: None,
        }
    }
}

impl Naming {
    /// The name of the part that holds the audio.
    pub(super) fn audio(self) -> &'static str {
        match self {
            Self::Reference => "AudioData",
            Self::Sample => "audio-data",
            Self::Vendor => "audio_data",
        }
    }

    /// The text fields, in the order in which each family sends them.
    pub(super) fn fields(
        self,
        facts: &Facts,
        url: Option<&str>,
        callback: Option<&str>,
    ) -> Vec<(String, String)> {
        let heard = |it: fn(&Heard) -> u64| facts.heard.as_ref().map(|heard| it(heard).to_string());
        let length = Some(facts.length).filter(|length| *length > 0);
        let length = length.map(|length| length.to_string());
        let (url, callback) = (url.map(str::to_owned), callback.map(str::to_owned));
        let millis = heard(|heard| heard.millis);
        let channels = heard(|heard| heard.channels as u64);
        let format = |name: &str| facts.heard.as_ref().map(|_| name.to_owned());
        let fields = match self {
            Self::Reference => vec![
                ("URL", url),
                ("Size", length),
                ("Duration", millis),
                ("Format", format("SIGNED_16BIT_SLINEAR")),
                ("Channels", channels),
                ("SampleSize", heard(|heard| heard.width as u64)),
                ("SampleRate", heard(|heard| u64::from(heard.rate))),
                ("callback", callback),
            ],
            Self::Sample => vec![
                ("url", url),
                ("duration", heard(|heard| heard.millis.div_ceil(1_000))),
                ("format", format("audio/x-wav")),
                ("channels", channels),
                ("callback", callback),
            ],
            Self::Vendor => vec![
                ("url", url),
                ("size", length),
                ("duration", millis),
                ("format", format("audio/x-wav")),
                ("channels", channels),
                (
                    "media_sid",
                    Some("RE0123456789abcdef0123456789abcdef".to_owned()),
                ),
                ("callback_url", callback),
            ],
        };
        let sent = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        sent.collect()
    }
}
