//! A JSON number that comes byte by byte, however long it is.
//!
//! A number may be written correctly and still be none that a reader can hold, as `1e999`
//! is for `serde_json`. What it holds depends on a significand of 64 bits and an exponent,
//! so these are what is kept, in the way in which it makes them.

/// Where in a number the last byte was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

/// A number up to its last byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    part: Part,
    /// The first digits, as many as fit.
    significand: u64,
    /// Set where digits of this part no longer fit.
    full: bool,
    /// The power of ten that the significand still needs.
    scale: i32,
    /// What is written after `e`, as far as it fits.
    exponent: Option<i32>,
    /// The sign of that.
    falling: bool,
}

/// Below this power of ten no significand of 64 bits leaves the range of a double.
const HARMLESS: i32 = 280;

impl Number {
    /// A number that begins with this byte, if one can.
    pub(super) fn begin(byte: u8) -> Option<Self> {
        let empty = Self {
            part: Part::Minus,
            significand: 0,
            full: false,
            scale: 0,
            exponent: Some(0),
            falling: false,
        };
        match byte {
            b'-' => Some(empty),
            byte => empty.after(byte),
        }
    }

    /// Goes on with a byte, if it belongs to the number.
    pub(super) fn after(self, byte: u8) -> Option<Self> {
        use Part::{E, Exponent, Fraction, Minus, Point, Sign, Whole, Zero};
        let digit = byte.wrapping_sub(b'0');
        match (self.part, byte) {
            (Minus, b'0') => Some(self.at(Zero)),
            (Minus, b'1'..=b'9') | (Whole, b'0'..=b'9') => Some(self.at(Whole).whole(digit)),
            (Zero | Whole, b'.') => Some(Self {
                full: false,
                ..self.at(Point)
            }),
            (Point | Fraction, b'0'..=b'9') => Some(self.at(Fraction).fraction(digit)),
            (Zero | Whole | Fraction, b'e' | b'E') => Some(self.at(E)),
            (E, b'+' | b'-') => Some(Self {
                falling: byte == b'-',
                ..self.at(Sign)
            }),
            (E | Sign | Exponent, b'0'..=b'9') => Some(self.at(Exponent).raised(digit)),
            _ => None,
        }
    }

    /// Whether it may end here, and can be held.
    pub(super) fn is_sound(self) -> bool {
        let whole = matches!(
            self.part,
            Part::Zero | Part::Whole | Part::Fraction | Part::Exponent
        );
        whole && self.fits()
    }

    fn at(self, part: Part) -> Self {
        Self { part, ..self }
    }

    fn whole(mut self, digit: u8) -> Self {
        if !self.take(digit) {
            self.scale = self.scale.saturating_add(1);
        }
        self
    }

    fn fraction(mut self, digit: u8) -> Self {
        if self.take(digit) {
            self.scale = self.scale.saturating_sub(1);
        }
        self
    }

    fn raised(mut self, digit: u8) -> Self {
        let exponent = self.exponent.and_then(|exponent| exponent.checked_mul(10));
        self.exponent = exponent.and_then(|exponent| exponent.checked_add(digit.into()));
        self
    }

    /// Takes a digit into the significand, if there is room. Once there was none, there is
    /// none for the rest of this part.
    fn take(&mut self, digit: u8) -> bool {
        let significand = self.significand.checked_mul(10);
        let significand = significand.and_then(|most| most.checked_add(digit.into()));
        match significand.filter(|_| !self.full) {
            Some(significand) => self.significand = significand,
            None => self.full = true,
        }
        !self.full
    }

    fn fits(self) -> bool {
        let scale = match (self.exponent, self.falling) {
            (None, falling) => return falling || self.significand == 0,
            (Some(exponent), false) => self.scale.saturating_add(exponent),
            (Some(exponent), true) => self.scale.saturating_sub(exponent),
        };
        // Near the edge its rounding decides, which nobody else knows.
        scale < HARMLESS
            || serde_json::from_str::<f64>(&format!("{}e{scale}", self.significand)).is_ok()
    }
}
