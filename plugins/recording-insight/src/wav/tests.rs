//! Files that are read, and files that are not.

use proptest::prelude::*;

use super::format::Encoding;
use super::*;
use crate::tests::sounds::{noise, silence, sine};
use crate::tests::{File, wav};

/// Reads a file to its end.
fn read(bytes: &[u8]) -> Result<(Format, Vec<Samples>), WavError> {
    let mut wav = Wav::open(bytes)?;
    let format = wav.format();
    let mut channels = vec![Vec::new(); usize::from(format.channels)];
    while let Some(frame) = wav.next_frame()? {
        for (channel, samples) in channels.iter_mut().zip(frame.channels()) {
            channel.extend(samples);
        }
    }
    Ok((format, channels))
}

fn refused(bytes: &[u8]) -> WavError {
    match read(bytes) {
        Ok((format, _)) => panic!("it is read, as {format:?}"),
        Err(error) => error,
    }
}

/// The largest difference between two sounds.
fn difference(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    let differences = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other).abs());
    differences.fold(0.0, f32::max)
}

fn second() -> File {
    File::pcm16(8_000, &[&sine(8_000, 8_000, 440.0, -20.0)])
}

#[test]
fn every_encoding_gives_back_what_was_recorded() {
    let left = sine(12_345, 8_000, 440.0, -10.0);
    let right = noise(12_345, -20.0, 1);
    for (make, encoding, off) in [
        (
            File::pcm8 as fn(u32, &[&[f32]]) -> File,
            Encoding::Pcm8,
            0.5 / 128.0,
        ),
        (File::pcm16, Encoding::Pcm16, 0.5 / 32_768.0),
        (File::mu_law, Encoding::MuLaw, 1.0 / 60.0),
    ] {
        for file in [
            make(8_000, &[&left, &right]),
            make(8_000, &[&left, &right]).extensible(),
        ] {
            let (format, channels) = read(&file.bytes()).unwrap();
            assert_eq!(
                (format.encoding, format.channels, format.rate),
                (encoding, 2, 8_000)
            );
            assert!(
                difference(&channels[0], &left) <= off * 1.01,
                "{encoding:?}"
            );
            assert!(
                difference(&channels[1], &right) <= off * 1.01,
                "{encoding:?}"
            );
        }
        let (format, channels) = read(&make(16_000, &[&right]).bytes()).unwrap();
        assert_eq!((format.channels, channels.len()), (1, 1));
        assert!(
            difference(&channels[0], &right) <= off * 1.01,
            "{encoding:?}"
        );
    }
}

#[test]
fn what_else_is_in_a_file_is_passed_over() {
    let mut file = second();
    file.between = vec![
        (*b"LIST", vec![b'x'; 1_001]),
        (*b"fact", 8_000_u32.to_le_bytes().to_vec()),
        (*b"junk", vec![0; 500_000]),
    ];
    let mut bytes = file.bytes();
    bytes.extend(b"id3 \x04\x00\x00\x00more");
    assert_eq!(read(&bytes).unwrap().1, read(&second().bytes()).unwrap().1);
}

#[test]
fn a_length_that_nobody_knew_means_all_there_is() {
    let mut file = second();
    file.said = Some(u32::MAX);
    assert_eq!(read(&file.bytes()).unwrap().1[0].len(), 8_000);
    let mut half_a_sample = file.bytes();
    half_a_sample.pop();
    assert_eq!(refused(&half_a_sample), WavError::Truncated);
    file.audio.clear();
    assert_eq!(refused(&file.bytes()), WavError::NoAudio);
}

#[test]
fn what_is_no_wav_file_is_told_apart_from_what_is_half_of_one() {
    let whole = second().bytes();
    for (bytes, error) in [
        (&b""[..], WavError::Missing),
        (b"R", WavError::Truncated),
        (b"RIFF\x10\x00\x00\x00WA", WavError::Truncated),
        (b"RIFX\x10\x00\x00\x00WAVE", WavError::NotWav),
        (b"RIFF\x10\x00\x00\x00AVI LIST", WavError::NotWav),
        (b"ID3\x04", WavError::NotWav),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", WavError::NotWav),
        (&whole[..12], WavError::Truncated),
        (&whole[..19], WavError::Truncated),
        (&whole[..30], WavError::Truncated),
        (&whole[..whole.len() - 1], WavError::Truncated),
        (&whole[..44], WavError::Truncated),
    ] {
        assert_eq!(refused(bytes), error, "{:?}", &bytes[..bytes.len().min(16)]);
    }
}

#[test]
fn a_header_that_contradicts_itself_is_refused() {
    let data = b"data\x02\x00\x00\x00\x00\x00";
    assert_eq!(refused(&wav(data)), WavError::FormatMissing);
    let format = |length: u32| [b"fmt ", &length.to_le_bytes()[..], &[0; 64]].concat();
    for length in [0, 14, 15, 1_025, u32::MAX] {
        assert_eq!(
            refused(&wav(&format(length))),
            WavError::FormatLength(length)
        );
    }
    let altered = |alter: fn(&mut File)| {
        let mut file = second();
        alter(&mut file);
        refused(&file.bytes())
    };
    assert_eq!(
        altered(|it| it.width = 4),
        WavError::Width { said: 4, has: 2 }
    );
    assert_eq!(
        altered(|it| it.width = 0),
        WavError::Width { said: 0, has: 2 }
    );
    assert_eq!(altered(|it| it.said = Some(15_999)), WavError::Fraction);
    assert_eq!(altered(|it| it.said = Some(0)), WavError::NoAudio);
    // It says to be extensible, and has no room to say what it is then.
    assert_eq!(altered(|it| it.tag = 0xfffe), WavError::FormatLength(16));
}

#[test]
fn what_it_does_not_understand_it_names() {
    let altered = |alter: fn(&mut File)| {
        let mut file = second();
        alter(&mut file);
        refused(&file.bytes()).to_string()
    };
    assert_eq!(
        altered(|it| it.tag = 3),
        "the WAV file's format is 3 with 16 bits: expected PCM with 8 or 16, or mu-law"
    );
    assert_eq!(
        altered(|it| it.bits = 24),
        "the WAV file's format is 1 with 24 bits: expected PCM with 8 or 16, or mu-law"
    );
    assert_eq!(
        altered(|it| it.channels = 6),
        "the WAV file has 6 channels: expected 1 or 2"
    );
    for channels in [0, 3, u16::MAX] {
        let mut file = second();
        file.channels = channels;
        assert_eq!(refused(&file.bytes()), WavError::Channels(channels));
    }
    for rate in [0, 1, 3_999, 192_001] {
        let mut file = second();
        file.rate = rate;
        assert_eq!(refused(&file.bytes()), WavError::Rate(rate));
    }
}

#[test]
fn a_header_is_not_read_for_ever() {
    let format = &second().bytes()[12..36];
    let huge = [format, b"LIST\xf0\xff\xff\xff"].concat();
    assert_eq!(refused(&wav(&huge)), WavError::LongHeader);
    let most = usize::try_from(header::LONGEST_HEADER).unwrap();
    let many = [format, &b"junk\x00\x00\x00\x00".repeat(most / 8)].concat();
    assert_eq!(refused(&wav(&many)), WavError::LongHeader);
    let odd = b"junk\x01\x00\x00\x00\x00\x00".repeat(most / 10 + 1);
    assert_eq!(refused(&wav(&odd)), WavError::LongHeader);
    let mut long = second();
    long.between = vec![(*b"LIST", vec![0; most - 100])];
    assert!(read(&long.bytes()).is_ok());
}

#[test]
fn a_frame_is_twenty_milliseconds_and_the_last_what_is_left() {
    let file = File::pcm16(11_025, &[&silence(500), &silence(500)]).bytes();
    let mut wav = Wav::open(&file[..]).unwrap();
    let frames = std::iter::from_fn(|| wav.next_frame().unwrap());
    let lengths = frames.map(|it| it.channels().iter().map(Vec::len).collect());
    let lengths: Vec<Vec<usize>> = lengths.collect();
    assert_eq!(lengths, [vec![220, 220], vec![220, 220], vec![60, 60]]);
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = read(&wav(&bytes));
    }

    #[test]
    fn a_header_with_any_byte_changed_is_read_or_refused(at in 0..44_usize, byte: u8) {
        let mut bytes = second().bytes();
        bytes[at] = byte;
        let _ = read(&bytes);
    }

    #[test]
    fn a_file_that_is_cut_off_is_never_read(cut in 0..16_044_usize) {
        let bytes = second().bytes();
        prop_assert!(read(&bytes[..cut]).is_err());
    }
}
