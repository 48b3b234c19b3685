//! What Twilio's customer gets: the format, then segment after segment as they end, and at
//! last what there is to say of the whole.

use std::io::{self, Write};

use serde::Serialize;

use crate::call::Heard;
use crate::channel;
use crate::segments::{Segment, Sound};
use crate::wav::Format;

/// What is kept free for the whole, in bytes: two channels with all the digits that are
/// told, and more.
const WHOLE: u64 = 4 * 1024;

/// A report that is being written.
pub(crate) struct Report<W> {
    to: W,
    format: Format,
    /// The bytes that there is still room for.
    left: u64,
    begun: bool,
    is_complete: bool,
}

#[derive(Serialize)]
struct FormatView {
    encoding: &'static str,
    channels: u16,
    sample_rate: u32,
}

#[derive(Serialize)]
struct SegmentView {
    channel: u16,
    from_ms: u64,
    to_ms: u64,
    sound: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digit: Option<char>,
}

#[derive(Serialize)]
struct WholeView<'a> {
    segments_complete: bool,
    duration_ms: u64,
    channels: Vec<ChannelView<'a>>,
}

#[derive(Serialize)]
struct ChannelView<'a> {
    channel: u16,
    loudness_lufs: Option<f64>,
    rms_dbfs: Option<f64>,
    peak_dbfs: Option<f64>,
    speech_ms: u64,
    silence_ms: u64,
    longest_silence_ms: u64,
    speech_segments: u64,
    talk_ratio: f64,
    share_of_talk: Option<f64>,
    digits: &'a str,
    digits_left_out: u64,
}

impl<W: Write> Report<W> {
    /// Begins a report of at most `limit` bytes.
    pub(crate) fn begin(to: W, format: Format, limit: u64) -> io::Result<Self> {
        let mut report = Self {
            to,
            format,
            left: limit.saturating_sub(WHOLE),
            begun: false,
            is_complete: true,
        };
        let view = serde_json::to_string(&FormatView::from(format))?;
        let head = format!(r#"{{"format":{view},"segments":["#);
        report.left = report.left.saturating_sub(head.len() as u64);
        report.to.write_all(head.as_bytes())?;
        Ok(report)
    }

    /// Adds a segment of a channel, as long as there is room.
    pub(crate) fn add(&mut self, channel: u16, segment: &Segment) -> io::Result<()> {
        let mut text = serde_json::to_vec(&SegmentView::of(channel, segment, self.format))?;
        if self.begun {
            text.insert(0, b',');
        }
        match self.left.checked_sub(text.len() as u64) {
            Some(left) if self.is_complete => self.left = left,
            // What comes after a gap would look as if it followed what was before.
            _ => {
                self.is_complete = false;
                return Ok(());
            }
        }
        self.begun = true;
        self.to.write_all(&text)
    }

    /// Ends the report.
    pub(crate) fn end(mut self, heard: &Heard) -> io::Result<()> {
        let talk: u64 = heard.channels.iter().map(|it| it.times.speech).sum();
        let view = |it| ChannelView::of(it, heard.format, talk);
        let whole = WholeView {
            segments_complete: self.is_complete,
            duration_ms: heard.duration_ms,
            channels: heard.channels.iter().map(view).collect(),
        };
        let whole = serde_json::to_string(&whole)?;
        let fields = whole.trim_start_matches('{');
        write!(self.to, "],{fields}")
    }
}

impl From<Format> for FormatView {
    fn from(format: Format) -> Self {
        Self {
            encoding: format.encoding.name(),
            channels: format.channels,
            sample_rate: format.rate,
        }
    }
}

impl SegmentView {
    fn of(channel: u16, segment: &Segment, format: Format) -> Self {
        let (sound, digit) = match segment.sound {
            Sound::Silence => ("silence", None),
            Sound::Speech => ("speech", None),
            Sound::Key(key, _) => ("digit", Some(key.into())),
        };
        Self {
            channel,
            from_ms: format.milliseconds(segment.from),
            to_ms: format.milliseconds(segment.to),
            sound,
            digit,
        }
    }
}

impl<'a> ChannelView<'a> {
    fn of(heard: &'a channel::Heard, format: Format, talk: u64) -> Self {
        let times = &heard.times;
        let ratio = |of: u64| (of > 0).then(|| ratio(times.speech, of));
        Self {
            channel: heard.number,
            loudness_lufs: heard.levels.loudness_lufs,
            rms_dbfs: heard.levels.rms_dbfs,
            peak_dbfs: heard.levels.peak_dbfs,
            speech_ms: format.milliseconds(times.speech),
            silence_ms: format.milliseconds(times.silence),
            longest_silence_ms: format.milliseconds(times.longest_silence),
            speech_segments: times.speeches,
            talk_ratio: ratio(times.all).unwrap_or_default(),
            share_of_talk: ratio(talk),
            digits: &heard.digits,
            digits_left_out: heard.digits_left_out,
        }
    }
}

/// A ratio to three places.
fn ratio(part: u64, whole: u64) -> f64 {
    (part as f64 / whole as f64 * 1_000.0).round() / 1_000.0
}
