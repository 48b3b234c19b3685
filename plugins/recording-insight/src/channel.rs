//! One channel: what is heard in it, in the order in which it is.

mod offset;

use std::collections::VecDeque;
use std::io::{self, Write};

use self::offset::Offset;
use crate::keypad::{Keypad, Press};
use crate::level::{Level, Levels};
use crate::report::Report;
use crate::segments::{Segment, Segments, Sound};
use crate::voice::Voice;
use crate::wav::Format;

/// How long it takes at most until a key is known to have been pressed, in milliseconds.
const HINDSIGHT: u64 = 100;
/// How far a press can reach beyond where it was found, in milliseconds: what is no part of
/// it there is no voice either.
const EDGE: u64 = 20;
/// How many digits are told as one text.
const MOST_DIGITS: usize = 1_000;

/// A channel that is being heard.
pub(crate) struct Channel {
    number: u16,
    format: Format,
    samples: u64,
    offset: Offset,
    level: Level,
    voice: Voice,
    keypad: Keypad,
    /// The frames that a key may still be found in.
    frames: VecDeque<Frame>,
    segments: Segments,
    times: Times,
    digits: String,
}

/// A frame, before it is known what it is.
struct Frame {
    from: u64,
    to: u64,
    talks: bool,
}

/// How long there was what, in samples.
#[derive(Debug, Default)]
pub(crate) struct Times {
    pub(crate) all: u64,
    pub(crate) speech: u64,
    pub(crate) silence: u64,
    pub(crate) longest_silence: u64,
    /// How often somebody began to talk.
    pub(crate) speeches: u64,
}

/// What was heard in a channel.
pub(crate) struct Heard {
    pub(crate) number: u16,
    pub(crate) levels: Levels,
    pub(crate) times: Times,
    /// The keys that were pressed, in their order, as far as they are told.
    pub(crate) digits: String,
    /// How many are not.
    pub(crate) digits_left_out: u64,
}

impl Channel {
    pub(crate) fn new(number: u16, format: Format) -> Self {
        Self {
            number,
            format,
            samples: 0,
            offset: Offset::new(format.rate),
            level: Level::new(format.rate),
            voice: Voice::default(),
            keypad: Keypad::new(format.rate),
            frames: VecDeque::new(),
            segments: Segments::new(format.rate),
            times: Times::default(),
            digits: String::new(),
        }
    }

    /// Hears one frame, and reports what is over.
    pub(crate) fn hear(
        &mut self,
        samples: &[f32],
        report: &mut Report<impl Write>,
    ) -> io::Result<()> {
        self.level.hear(samples);
        let samples = self.offset.without(samples);
        self.keypad.hear(&samples);
        let from = self.samples;
        self.samples += samples.len() as u64;
        self.frames.push_back(Frame {
            from,
            to: self.samples,
            talks: self.voice.talks(&samples),
        });
        let certain = self.samples.saturating_sub(self.spell(HINDSIGHT));
        self.judge(certain, report)
    }

    /// Hears that there is no more.
    pub(crate) fn finish(mut self, report: &mut Report<impl Write>) -> io::Result<Heard> {
        self.judge(self.samples, report)?;
        if let Some(segment) = self.segments.end(self.samples) {
            self.over(&segment, report)?;
        }
        Ok(Heard {
            number: self.number,
            levels: self.level.finish(),
            digits_left_out: self.keypad.pressed() - self.digits.len() as u64,
            times: self.times,
            digits: self.digits,
        })
    }

    /// Decides on the frames that end by this sample.
    fn judge(&mut self, certain: u64, report: &mut Report<impl Write>) -> io::Result<()> {
        while let Some(frame) = self.frames.pop_front_if(|frame| frame.to <= certain) {
            let sound = self.sound(&frame);
            self.keypad
                .forget_before(frame.from.saturating_sub(self.spell(EDGE)));
            let segment = self.segments.hear(sound, frame.from, frame.to);
            if let Some(segment) = segment {
                self.over(&segment, report)?;
            }
        }
        Ok(())
    }

    fn sound(&mut self, frame: &Frame) -> Sound {
        let (edge, middle) = (self.spell(EDGE), frame.from.midpoint(frame.to));
        let touches = |press: &&Press| {
            press.from.saturating_sub(edge) < frame.to && frame.from < press.to + edge
        };
        let mut near = self.keypad.presses().filter(touches).peekable();
        let is_near = near.peek().is_some();
        let pressed = near.find(|press| (press.from..press.to).contains(&middle));
        match (pressed, frame.talks) {
            (Some(press), _) => Sound::Key(press.key, press.number),
            (None, true) if !is_near => Sound::Speech,
            (None, _) => Sound::Silence,
        }
    }

    fn over(&mut self, segment: &Segment, report: &mut Report<impl Write>) -> io::Result<()> {
        self.times.add(segment);
        match segment.sound {
            Sound::Key(key, _) if self.digits.len() < MOST_DIGITS => self.digits.push(key.into()),
            _ => {}
        }
        report.add(self.number, segment)
    }

    /// So many milliseconds, in samples.
    fn spell(&self, milliseconds: u64) -> u64 {
        milliseconds * u64::from(self.format.rate) / 1_000
    }
}

impl Times {
    fn add(&mut self, segment: &Segment) {
        let length = segment.to - segment.from;
        self.all += length;
        match segment.sound {
            Sound::Speech => {
                self.speech += length;
                self.speeches += 1;
            }
            Sound::Silence => {
                self.silence += length;
                self.longest_silence = self.longest_silence.max(length);
            }
            Sound::Key(..) => {}
        }
    }
}
