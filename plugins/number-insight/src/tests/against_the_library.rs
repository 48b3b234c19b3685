//! What the tables say of a number, and what the library says of it at run time.

use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};

use crate::number::Number;
use crate::{Insight, LineType};

const TYPES: [(PhoneNumberType, LineType); 12] = [
    (PhoneNumberType::FixedLine, LineType::FixedLine),
    (PhoneNumberType::Mobile, LineType::Mobile),
    (
        PhoneNumberType::FixedLineOrMobile,
        LineType::FixedLineOrMobile,
    ),
    (PhoneNumberType::TollFree, LineType::TollFree),
    (PhoneNumberType::PremiumRate, LineType::PremiumRate),
    (PhoneNumberType::SharedCost, LineType::SharedCost),
    (PhoneNumberType::VoIP, LineType::Voip),
    (PhoneNumberType::PersonalNumber, LineType::PersonalNumber),
    (PhoneNumberType::Pager, LineType::Pager),
    (PhoneNumberType::UAN, LineType::Uan),
    (PhoneNumberType::VoiceMail, LineType::Voicemail),
    (PhoneNumberType::Unknown, LineType::Unknown),
];

/// All that both sides tell of a number.
#[derive(Debug, PartialEq)]
struct Facts {
    country: Option<String>,
    line_type: LineType,
    valid: bool,
    possible: bool,
    formats: [String; 4],
}

/// None where the number cannot be taken apart.
fn ours(e164: &str) -> Option<Facts> {
    let insight = Insight::from(&Number::parse(e164).ok()?);
    let formats = insight.formats;
    Some(Facts {
        country: insight.country_code.map(str::to_owned),
        line_type: insight.line_type,
        valid: insight.valid,
        possible: insight.possible,
        formats: [
            formats.e164,
            formats.international,
            formats.national,
            formats.rfc3966,
        ],
    })
}

fn theirs(e164: &str) -> Option<Facts> {
    let number = PHONE_NUMBER_UTIL.parse(e164, None).ok()?;
    Some(facts(&number))
}

fn facts(number: &PhoneNumber) -> Facts {
    let util = &PHONE_NUMBER_UTIL;
    let region = util
        .get_region_for_number(number)
        .filter(|region| *region != Region::World);
    let line_type = util.get_number_type(number);
    let formats = [
        PhoneNumberFormat::E164,
        PhoneNumberFormat::International,
        PhoneNumberFormat::National,
        PhoneNumberFormat::RFC3966,
    ];
    Facts {
        country: region.map(|region| region.to_string()),
        line_type: TYPES
            .iter()
            .find(|(theirs, _)| *theirs == line_type)
            .unwrap()
            .1,
        valid: util.is_valid_number(number),
        possible: util.is_possible_number(number),
        formats: formats.map(|format| util.format(number, format).into_owned()),
    }
}

fn e164(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL
        .format(number, PhoneNumberFormat::E164)
        .into_owned()
}

/// Example numbers of every kind in every region and on every global network.
fn examples() -> Vec<String> {
    let util = &PHONE_NUMBER_UTIL;
    let regional = util.get_supported_regions().flat_map(|region| {
        let of_kind = move |(kind, _)| {
            util.get_example_number_for_type_and_region(region, kind)
                .ok()
        };
        TYPES.into_iter().filter_map(of_kind)
    });
    let codes = util.get_supported_global_network_calling_codes();
    let global = codes.filter_map(|code| util.get_example_number_for_non_geo_entity(code).ok());
    regional.chain(global).map(|number| e164(&number)).collect()
}

#[test]
fn every_region_has_an_example_and_it_agrees() {
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let number = e164(&PHONE_NUMBER_UTIL.get_example_number(region).unwrap());
        let facts = ours(&number).unwrap();
        assert!(facts.valid, "{number}");
        assert_eq!(Some(facts), theirs(&number), "{number}");
    }
}

#[test]
fn examples_of_every_kind_agree() {
    let examples = examples();
    assert!(examples.len() > 1000, "only {} examples", examples.len());
    for number in examples {
        assert_eq!(ours(&number), theirs(&number), "{number}");
    }
}

#[test]
fn examples_with_a_digit_more_or_less_or_another_agree() {
    for (index, number) in examples().into_iter().enumerate() {
        let digit = index % 10;
        let at = 1 + index % (number.len() - 1);
        let changed = format!("{}{digit}{}", &number[..at], &number[at + 1..]);
        let longer = format!("{number}{digit}");
        let shorter = number[..number.len() - 1].to_owned();
        for number in [changed, longer, shorter] {
            assert_eq!(ours(&number), theirs(&number), "{number}");
        }
    }
}

#[test]
fn examples_behind_every_national_prefix_agree() {
    for number in examples() {
        let code = PHONE_NUMBER_UTIL
            .parse(&number, None)
            .unwrap()
            .country_code
            .to_string();
        let national = &number[1 + code.len()..];
        for prefix in [
            "0", "1", "8", "06", "90", "15", "1831", "01", "180020", "0003768",
        ] {
            let prefixed = format!("+{code}{prefix}{national}");
            assert_eq!(ours(&prefixed), theirs(&prefixed), "{prefixed}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_digits_agree(number in "\\+[1-9][0-9]{2,19}") {
        prop_assert_eq!(ours(&number), theirs(&number));
    }
}
