//! A JSON text that comes byte by byte: its escapes, and its UTF-8.

/// Where in a text the last byte was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// Between two characters.
    Plain,
    /// Inside a character of several bytes. So many are left, and the next is one of these.
    Character { left: u8, from: u8, to: u8 },
    /// After a backslash.
    Escape,
    /// After `\u` and some of its digits.
    Digits {
        left: u8,
        value: u16,
        surrogate: Surrogate,
    },
    /// After the first half of a pair: a backslash.
    Pair,
    /// After the first half of a pair and its backslash: `u`.
    PairEscape,
}

/// Which half of a pair four digits may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surrogate {
    /// The first, or a character by themselves.
    First,
    /// The second, and nothing else.
    Second,
}

impl Text {
    /// After the opening quote.
    pub(super) const START: Self = Self::Plain;

    pub(super) fn is_plain(self) -> bool {
        self == Self::Plain
    }

    /// How many of these bytes are ASCII that stands for itself.
    pub(super) fn plain(bytes: &[u8]) -> usize {
        let special = |byte: &u8| !matches!(byte, b' '..=0x7f) || matches!(byte, b'"' | b'\\');
        bytes.iter().position(special).unwrap_or(bytes.len())
    }

    /// Goes on with a byte, to nothing where it is the closing quote.
    ///
    /// # Errors
    /// Where it has no place there.
    pub(super) fn after(self, byte: u8) -> Result<Option<Self>, ()> {
        let next = match (self, byte) {
            (Self::Plain, b'"') => return Ok(None),
            (Self::Plain, b'\\') => Self::Escape,
            (Self::Plain, byte) => character(byte).ok_or(())?,
            (Self::Character { left, from, to }, byte) if (from..=to).contains(&byte) => {
                continued(left - 1)
            }
            (Self::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Self::Plain,
            (Self::Escape, b'u') => digits(Surrogate::First),
            (Self::Pair, b'\\') => Self::PairEscape,
            (Self::PairEscape, b'u') => digits(Surrogate::Second),
            (
                Self::Digits {
                    left,
                    value,
                    surrogate,
                },
                digit,
            ) => {
                let digit = char::from(digit).to_digit(16).ok_or(())?;
                let digit = u16::try_from(digit).map_err(|_| ())?;
                let value = value << 4 | digit;
                match left {
                    1 => escaped(value, surrogate).ok_or(())?,
                    left => Self::Digits {
                        left: left - 1,
                        value,
                        surrogate,
                    },
                }
            }
            _ => return Err(()),
        };
        Ok(Some(next))
    }
}

fn digits(surrogate: Surrogate) -> Text {
    Text::Digits {
        left: 4,
        value: 0,
        surrogate,
    }
}

fn escaped(value: u16, surrogate: Surrogate) -> Option<Text> {
    match (surrogate, value) {
        (Surrogate::First, 0xd800..=0xdbff) => Some(Text::Pair),
        (Surrogate::First, 0xdc00..=0xdfff) => None,
        (Surrogate::First, _) | (Surrogate::Second, 0xdc00..=0xdfff) => Some(Text::Plain),
        (Surrogate::Second, _) => None,
    }
}

/// What a character's first byte lets come, by table 3-7 of the Unicode standard: no
/// character in more bytes than it needs, no surrogate, nothing beyond the last plane.
fn character(first: u8) -> Option<Text> {
    let (left, from, to) = match first {
        0x20..=0x7f => return Some(Text::Plain),
        0xc2..=0xdf => (1, 0x80, 0xbf),
        0xe0 => (2, 0xa0, 0xbf),
        0xe1..=0xec | 0xee..=0xef => (2, 0x80, 0xbf),
        0xed => (2, 0x80, 0x9f),
        0xf0 => (3, 0x90, 0xbf),
        0xf1..=0xf3 => (3, 0x80, 0xbf),
        0xf4 => (3, 0x80, 0x8f),
        _ => return None,
    };
    Some(Text::Character { left, from, to })
}

fn continued(left: u8) -> Text {
    match left {
        0 => Text::Plain,
        left => Text::Character {
            left,
            from: 0x80,
            to: 0xbf,
        },
    }
}
