//! WAV files, as recorders write them.

/// What a file is made of. Its fields are what the header says, true or not.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) tag: u16,
    pub(crate) channels: u16,
    pub(crate) rate: u32,
    pub(crate) width: u16,
    pub(crate) bits: u16,
    /// What follows the format's first sixteen bytes.
    pub(crate) more: Vec<u8>,
    /// Chunks between the format and the audio, by name and content.
    pub(crate) between: Vec<([u8; 4], Vec<u8>)>,
    /// The audio's length, if something else is to be said than what it has.
    pub(crate) said: Option<u32>,
    pub(crate) audio: Vec<u8>,
}

impl File {
    pub(crate) fn pcm16(rate: u32, channels: &[&[f32]]) -> Self {
        let to_bytes = |sample: f32| {
            let sample = (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0);
            (sample as i16).to_le_bytes().to_vec()
        };
        Self::of(1, 16, rate, channels, to_bytes)
    }

    pub(crate) fn pcm8(rate: u32, channels: &[&[f32]]) -> Self {
        let to_bytes = |sample: f32| vec![(sample * 128.0 + 128.0).round().clamp(0.0, 255.0) as u8];
        Self::of(1, 8, rate, channels, to_bytes)
    }

    pub(crate) fn mu_law(rate: u32, channels: &[&[f32]]) -> Self {
        let to_bytes = |sample: f32| vec![mu_law((sample * 32_768.0).round() as i32)];
        Self::of(7, 8, rate, channels, to_bytes)
    }

    fn of(
        tag: u16,
        bits: u16,
        rate: u32,
        channels: &[&[f32]],
        to_bytes: impl Fn(f32) -> Vec<u8>,
    ) -> Self {
        let samples = channels[0].len();
        assert!(channels.iter().all(|channel| channel.len() == samples));
        let samples = (0..samples).flat_map(|at| channels.iter().map(move |it| it[at]));
        let count = u16::try_from(channels.len()).unwrap();
        Self {
            tag,
            channels: count,
            rate,
            width: count * bits / 8,
            bits,
            more: Vec::new(),
            between: Vec::new(),
            said: None,
            audio: samples.flat_map(to_bytes).collect(),
        }
    }

    /// The same with its tag further behind.
    pub(crate) fn extensible(mut self) -> Self {
        self.more = vec![22, 0, 0, 0, 0, 0, 0, 0];
        self.more.extend(self.tag.to_le_bytes());
        self.more
            .extend(b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71");
        self.tag = 0xfffe;
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut format = Vec::new();
        format.extend(self.tag.to_le_bytes());
        format.extend(self.channels.to_le_bytes());
        format.extend(self.rate.to_le_bytes());
        format.extend((self.rate * u32::from(self.width)).to_le_bytes());
        format.extend(self.width.to_le_bytes());
        format.extend(self.bits.to_le_bytes());
        format.extend(&self.more);
        let mut chunks = chunk(b"fmt ", &format, None);
        for (name, content) in &self.between {
            chunks.extend(chunk(name, content, None));
        }
        chunks.extend(chunk(b"data", &self.audio, self.said));
        wav(&chunks)
    }
}

/// A file of these chunks.
pub(crate) fn wav(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap();
    [b"RIFF", &length.to_le_bytes()[..], b"WAVE", chunks].concat()
}

pub(crate) fn chunk(name: &[u8; 4], content: &[u8], said: Option<u32>) -> Vec<u8> {
    let length = said.unwrap_or(u32::try_from(content.len()).unwrap());
    let pad = vec![0; content.len() % 2];
    [name, &length.to_le_bytes()[..], content, &pad].concat()
}

/// The byte whose value is nearest, by G.711's own way: the segment is where the highest bit
/// is.
fn mu_law(sample: i32) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let size = sample.abs().min(32_635) + 0x84;
    let segment = (size.ilog2() - 7) as u8;
    let step = ((size >> (segment + 3)) & 15) as u8;
    !(sign | segment << 4 | step)
}
