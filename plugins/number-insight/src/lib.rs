//! Country, area, line type, validity and formats of a telephone number, by
//! libphonenumber's numbering plans.
//!
//! The plans are tables that the build script makes. A fresh instance neither
//! parses them nor compiles their regular expressions, which would cost a hundred
//! times the call itself.

mod area;
mod format;
mod number;
mod plan;
#[cfg(test)]
mod tests;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};
use serde::Serialize;

use crate::format::Written;
use crate::number::{Number, ParseError};

/// Numbering plans change every few weeks; a day is soon enough to notice.
const MAX_AGE_SECONDS: u32 = 24 * 60 * 60;

/// The provider.
#[derive(Debug)]
pub struct NumberInsight;

/// What Twilio's customer sees.
#[derive(Serialize)]
struct Insight {
    /// Whether it is a number that can be assigned.
    valid: bool,
    /// Whether its length is right.
    possible: bool,
    calling_country_code: u16,
    country_code: Option<&'static str>,
    country_name: Option<&'static str>,
    area: Option<&'static str>,
    line_type: LineType,
    formats: Written,
}

/// What a number is for, in the order of the tables' verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum LineType {
    Unknown,
    PremiumRate,
    TollFree,
    SharedCost,
    Voip,
    PersonalNumber,
    Pager,
    Uan,
    Voicemail,
    FixedLine,
    Mobile,
    FixedLineOrMobile,
}

impl Lookup for NumberInsight {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let e164 = request.address.e164.as_deref().ok_or(ParseError::NotE164)?;
        let insight = Insight::from(&Number::parse(e164)?);
        Ok(Answer::json(insight)?
            .max_age_seconds(MAX_AGE_SECONDS)
            .billable_units(1))
    }
}

jackfield_sdk::provider!(NumberInsight);

impl From<&Number> for Insight {
    fn from(number: &Number) -> Self {
        let territory = number.territory();
        let country = territory.and_then(|territory| territory.country);
        let line_type = territory.map_or(LineType::Unknown, |territory| {
            LineType::from_verdict(plan::ask(territory.line_types, &number.national))
        });
        let formats = Written::from(number);
        Self {
            valid: line_type != LineType::Unknown,
            possible: number.is_possible(),
            calling_country_code: number.calling_code.code,
            country_code: country.map(|country| country.code),
            country_name: country.map(|country| country.name),
            area: if line_type.is_geographic() {
                area::find(&formats.e164)
            } else {
                None
            },
            line_type,
            formats,
        }
    }
}

impl LineType {
    fn from_verdict(verdict: u8) -> Self {
        match verdict {
            1 => Self::PremiumRate,
            2 => Self::TollFree,
            3 => Self::SharedCost,
            4 => Self::Voip,
            5 => Self::PersonalNumber,
            6 => Self::Pager,
            7 => Self::Uan,
            8 => Self::Voicemail,
            9 => Self::FixedLine,
            10 => Self::Mobile,
            11 => Self::FixedLineOrMobile,
            _ => Self::Unknown,
        }
    }

    /// Whether such numbers are assigned by area.
    fn is_geographic(self) -> bool {
        matches!(self, Self::FixedLine | Self::FixedLineOrMobile)
    }
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::NotE164 => Self::caller_error(
                "not_a_phone_number",
                "only telephone numbers in E.164 format have a numbering plan",
            ),
            ParseError::UnknownCallingCode => Self::no_result(
                "calling_code_unknown",
                "no country has the number's calling code",
            ),
            ParseError::WrongLength => Self::no_result(
                "number_length_impossible",
                "the number has fewer or more digits than any telephone number",
            ),
        }
    }
}
