//! The numbering plans as libphonenumber publishes them, in its own terms: one
//! entry a region, patterns as regular expressions over national numbers.

use crate::wire::{Malformed, Message};

/// The region of numbers that belong to no country, such as satellite networks.
pub(crate) const WORLD: &str = "001";

/// One region's numbering plan.
pub(crate) struct Region<'a> {
    /// The ISO 3166 code, or [`WORLD`].
    pub(crate) id: &'a str,
    pub(crate) calling_code: u16,
    /// Whether this plan formats and parses for all regions with its calling code.
    pub(crate) is_main: bool,
    pub(crate) leading_digits: Option<&'a str>,
    pub(crate) general: Kind<'a>,
    /// In the order of [`KINDS`].
    pub(crate) kinds: Vec<Kind<'a>>,
    pub(crate) fixed_line_is_mobile: bool,
    pub(crate) national_prefix: Option<&'a str>,
    pub(crate) prefix_transform: &'a str,
    pub(crate) formats: Vec<Format<'a>>,
    /// Empty where the international formats are the same.
    pub(crate) international_formats: Vec<Format<'a>>,
}

/// What numbers of one kind look like.
pub(crate) struct Kind<'a> {
    pub(crate) pattern: Option<&'a str>,
    /// None: as many digits as the general description allows.
    pub(crate) lengths: Vec<i64>,
    /// Lengths that can only be dialled locally.
    pub(crate) local_lengths: Vec<i64>,
}

/// One way to group the digits of a national number.
pub(crate) struct Format<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) template: &'a str,
    /// The most detailed of the patterns for the first digits.
    pub(crate) leading_digits: Option<&'a str>,
    pub(crate) national_prefix_rule: &'a str,
}

/// The metadata's fields of the kinds of numbers. The first that matches decides;
/// the last two, fixed line and mobile, can match together.
pub(crate) const KINDS: [u64; 10] = [5, 4, 6, 8, 7, 21, 25, 28, 2, 3];

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Region<'_>>, Malformed> {
    Message::decode(bytes)?
        .messages(1)?
        .iter()
        .map(region)
        .collect()
}

fn region<'a>(message: &Message<'a>) -> Result<Region<'a>, Malformed> {
    let calling_code = message
        .integers(10)
        .last()
        .ok_or("a region has no calling code")?;
    Ok(Region {
        id: message.text(9)?.ok_or("a region has no identifier")?,
        calling_code: u16::try_from(calling_code).map_err(|_| "a calling code is too long")?,
        is_main: message.flag(22),
        leading_digits: message.text(23)?,
        general: kind(message, 1)?,
        kinds: KINDS
            .iter()
            .map(|field| kind(message, *field))
            .collect::<Result<_, _>>()?,
        fixed_line_is_mobile: message.flag(18),
        national_prefix: message.text(15)?,
        prefix_transform: message.text(16)?.unwrap_or_default(),
        formats: formats(message, 19)?,
        international_formats: formats(message, 20)?,
    })
}

fn kind<'a>(region: &Message<'a>, field: u64) -> Result<Kind<'a>, Malformed> {
    let message = region
        .messages(field)?
        .pop()
        .ok_or("a region lacks a kind of number")?;
    Ok(Kind {
        pattern: message.text(2)?,
        lengths: message.integers(9).collect(),
        local_lengths: message.integers(10).collect(),
    })
}

fn formats<'a>(region: &Message<'a>, field: u64) -> Result<Vec<Format<'a>>, Malformed> {
    region.messages(field)?.iter().map(format).collect()
}

fn format<'a>(message: &Message<'a>) -> Result<Format<'a>, Malformed> {
    Ok(Format {
        pattern: message.text(1)?.ok_or("a format has no pattern")?,
        template: message.text(2)?.ok_or("a format has no template")?,
        leading_digits: message.texts(3)?.pop(),
        national_prefix_rule: message.text(4)?.unwrap_or_default(),
    })
}
