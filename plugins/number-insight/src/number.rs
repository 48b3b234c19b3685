//! A telephone number taken apart: its calling code and its national digits.

use regex_lite::{Captures, Regex};

use crate::plan::{self, CallingCode, NationalPrefix, Territory, ask};

/// The digits of a national number, at least and at most.
const NATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 2..=17;

/// Why a number in E.164 format cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParseError {
    NotE164,
    UnknownCallingCode,
    WrongLength,
}

/// A number whose calling code exists; whether it is valid is another question.
pub(crate) struct Number {
    pub(crate) calling_code: &'static CallingCode,
    /// The national significant number: only digits, leading zeros that belong to
    /// it included.
    pub(crate) national: String,
}

impl Number {
    /// Takes a number in E.164 format apart. A national prefix that stands after
    /// the calling code by mistake is removed, as libphonenumber does it.
    pub(crate) fn parse(e164: &str) -> Result<Self, ParseError> {
        let digits = e164.strip_prefix('+').ok_or(ParseError::NotE164)?;
        if digits.len() < 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseError::NotE164);
        }
        let (calling_code, national) = split(digits).ok_or(ParseError::UnknownCallingCode)?;
        if national.len() < *NATIONAL_DIGITS.start() {
            return Err(ParseError::WrongLength);
        }
        let national = match without_prefix(calling_code, national) {
            Some(stripped) if calling_code.keeps(stripped.len()) => stripped,
            _ => national.to_owned(),
        };
        if !NATIONAL_DIGITS.contains(&national.len()) {
            return Err(ParseError::WrongLength);
        }
        Ok(Self {
            calling_code,
            national,
        })
    }

    /// The region that the number belongs to. Where regions share a calling code,
    /// a number that is valid in none of them belongs to none.
    pub(crate) fn territory(&self) -> Option<&'static Territory> {
        match self.calling_code.territories {
            [only] => Some(only),
            several => several.iter().find(|territory| {
                ask(territory.leading, &self.national) != 0
                    || ask(territory.line_types, &self.national) != 0
            }),
        }
    }

    /// Whether the number has a length that numbers have there.
    pub(crate) fn is_possible(&self) -> bool {
        let length = bit(self.national.len());
        (self.calling_code.lengths | self.calling_code.local_lengths) & length != 0
    }
}

impl CallingCode {
    /// Whether a number that was shortened to so many digits is still dialled from
    /// everywhere, or was too long all along.
    fn keeps(&self, digits: usize) -> bool {
        let longest = (u32::BITS - self.lengths.leading_zeros()).saturating_sub(1) as usize;
        let local = self.local_lengths & bit(digits) != 0;
        !local && self.lengths != 0 && (self.lengths & bit(digits) != 0 || digits > longest)
    }
}

fn bit(length: usize) -> u32 {
    u32::try_from(length)
        .ok()
        .and_then(|length| 1_u32.checked_shl(length))
        .unwrap_or_default()
}

/// Calling codes have one to three digits, and none begins another.
fn split(digits: &str) -> Option<(&'static CallingCode, &str)> {
    if digits.starts_with('0') {
        return None;
    }
    (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        Some((plan::find(code.parse().ok()?)?, national))
    })
}

/// The digits without the national prefix, unless they are a number as they are
/// and would be none without it.
fn without_prefix(calling_code: &CallingCode, national: &str) -> Option<String> {
    let stripped = strip(&calling_code.prefix, national)?;
    let spoilt =
        ask(calling_code.general, national) != 0 && ask(calling_code.general, &stripped) == 0;
    (!spoilt).then_some(stripped)
}

fn strip(prefix: &NationalPrefix, national: &str) -> Option<String> {
    match prefix {
        NationalPrefix::None => None,
        NationalPrefix::Literals(literals) => literals
            .iter()
            .find_map(|literal| national.strip_prefix(literal))
            .map(str::to_owned),
        NationalPrefix::Pattern {
            pattern,
            transform,
            first_digits,
        } => {
            let first = national
                .bytes()
                .next()
                .map(|byte| byte.wrapping_sub(b'0'))?;
            let can_match = first < 10 && first_digits & (1 << first) != 0;
            if can_match {
                rewrite(pattern, transform, national)
            } else {
                None
            }
        }
    }
}

fn rewrite(pattern: &str, transform: &str, national: &str) -> Option<String> {
    let captures = Regex::new(pattern).ok()?.captures(national)?;
    let rest = national.get(captures.get(0)?.end()..)?;
    if transform.is_empty() || !captured(&captures) {
        return Some(rest.to_owned());
    }
    let mut rewritten = String::new();
    captures.expand(transform, &mut rewritten);
    rewritten.push_str(rest);
    Some(rewritten)
}

/// Whether the group that the transformation is about took part in the match.
fn captured(captures: &Captures<'_>) -> bool {
    match (captures.get(1), captures.get(2)) {
        (Some(_), Some(second)) => !second.is_empty(),
        (Some(first), None) => !first.is_empty(),
        (None, _) => false,
    }
}
