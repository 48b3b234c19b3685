//! A whole recording: its channels, beside each other.

use std::io::{self, Write};

use crate::channel::{self, Channel};
use crate::report::Report;
use crate::wav::{Format, Frame};

/// A recording that is being heard.
pub(crate) struct Call {
    format: Format,
    samples: u64,
    channels: Vec<Channel>,
}

/// What was heard in a recording.
pub(crate) struct Heard {
    pub(crate) duration_ms: u64,
    pub(crate) format: Format,
    pub(crate) channels: Vec<channel::Heard>,
}

impl Call {
    pub(crate) fn new(format: Format) -> Self {
        let channels = 1..=format.channels;
        Self {
            format,
            samples: 0,
            channels: channels.map(|it| Channel::new(it, format)).collect(),
        }
    }

    /// Hears a frame of all channels, and reports what is over.
    pub(crate) fn hear(
        &mut self,
        frame: &Frame,
        report: &mut Report<impl Write>,
    ) -> io::Result<()> {
        let samples = frame.channels();
        self.samples += samples.first().map_or(0, Vec::len) as u64;
        let mut channels = self.channels.iter_mut().zip(samples);
        channels.try_for_each(|(channel, samples)| channel.hear(samples, report))
    }

    /// Hears that there is no more.
    pub(crate) fn finish(self, report: &mut Report<impl Write>) -> io::Result<Heard> {
        let channels = self.channels.into_iter();
        let channels: io::Result<_> = channels.map(|it| it.finish(report)).collect();
        Ok(Heard {
            duration_ms: self.format.milliseconds(self.samples),
            format: self.format,
            channels: channels?,
        })
    }
}
