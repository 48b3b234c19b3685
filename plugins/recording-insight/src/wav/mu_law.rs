//! Mu-law by ITU-T G.711: fourteen bits in eight, finer where it is quiet.

/// What the encoder adds, so that every segment begins at a power of two.
const BIAS: i32 = 0x84;

/// All of them, since a byte is not much to look up.
static DECODED: [f32; 256] = {
    let mut decoded = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        decoded[byte] = linear(byte as u8) as f32 / 32_768.0;
        byte += 1;
    }
    decoded
};

/// A sample between −1 and 1.
pub(super) fn decode(byte: u8) -> f32 {
    DECODED[usize::from(byte)]
}

/// A sample of sixteen bits. On the line, every bit is the other way round.
const fn linear(byte: u8) -> i32 {
    let byte = !byte;
    let (segment, step) = ((byte >> 4) & 7, (byte & 15) as i32);
    let size = (((step << 3) + BIAS) << segment) - BIAS;
    if byte & 0x80 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the table of G.711, times four: it has fourteen bits, and here are sixteen.
    #[test]
    fn the_recommendations_values_are_decoded() {
        for (byte, value) in [
            (0x80, 8_031),
            (0x8f, 4_191),
            (0x9f, 2_079),
            (0xaf, 1_023),
            (0xbf, 495),
            (0xcf, 231),
            (0xdf, 99),
            (0xef, 33),
            (0xfe, 2),
            (0xff, 0),
            (0x7f, 0),
            (0x7e, -2),
            (0x00, -8_031),
        ] {
            assert_eq!(linear(byte), value * 4, "{byte:#x}");
        }
    }

    #[test]
    fn the_sign_is_a_bit_and_the_rest_is_the_size() {
        for byte in 0..=127 {
            assert_eq!(decode(byte), -decode(byte | 0x80));
        }
    }
}
