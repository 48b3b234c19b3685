//! The numbering plans as the provider's static tables, one entry a calling code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::automaton::{Automaton, Pattern};
use crate::format::{self, Grouping};
use crate::metadata::{Format, Kind, Region};

/// The places of fixed line and mobile in [`crate::metadata::KINDS`].
const FIXED_LINE: usize = 8;
const MOBILE: usize = 9;
/// The verdict on a number that is as likely a mobile as a fixed line.
const FIXED_LINE_OR_MOBILE: u8 = 11;

/// The Rust source of the tables, and the bytes of the automaton they refer to.
pub(crate) fn write(
    regions: &[Region<'_>],
    names: &BTreeMap<&str, &str>,
) -> Result<(String, Vec<u8>), String> {
    let mut automaton = Automaton::new();
    let codes = by_calling_code(regions);
    let mut source = format!("static CALLING_CODES: [CallingCode; {}] = [\n", codes.len());
    for (code, regions) in codes {
        source.push_str(&calling_code(code, &regions, names, &mut automaton)?);
    }
    source.push_str("];\n");
    Ok((source, automaton.to_bytes()))
}

/// Regions that share a calling code, the main one first, the others as they came.
fn by_calling_code<'a, 'b>(regions: &'b [Region<'a>]) -> BTreeMap<u16, Vec<&'b Region<'a>>> {
    let mut codes: BTreeMap<u16, Vec<&Region<'_>>> = BTreeMap::new();
    for region in regions {
        let sharing = codes.entry(region.calling_code).or_default();
        let place = if region.is_main { 0 } else { sharing.len() };
        sharing.insert(place, region);
    }
    codes
}

fn calling_code(
    code: u16,
    regions: &[&Region<'_>],
    names: &BTreeMap<&str, &str>,
    automaton: &mut Automaton,
) -> Result<String, String> {
    let main = regions.first().ok_or("a calling code has no region")?;
    let general = pattern_question(main.general.pattern.map(Pattern::whole), automaton);
    let international = if main.international_formats.is_empty() {
        &main.formats
    } else {
        &main.international_formats
    };
    let territories = regions
        .iter()
        .map(|region| territory(region, names, automaton))
        .collect::<Result<String, _>>()?;
    Ok(format!(
        "CallingCode {{ code: {code}, general: {general}, prefix: {}, lengths: {}, local_lengths: {}, \
         national: {}, international: {}, territories: &[{territories}] }},\n",
        national_prefix(main),
        length_mask(&main.general.lengths)?,
        length_mask(&main.general.local_lengths)?,
        formats(&main.formats, automaton)?,
        formats(international, automaton)?,
    ))
}

fn territory(
    region: &Region<'_>,
    names: &BTreeMap<&str, &str>,
    automaton: &mut Automaton,
) -> Result<String, String> {
    let id = region.id;
    let country = match names.get(id) {
        Some(name) => format!("Some(Country {{ code: {id:?}, name: {name:?} }})"),
        None if id == crate::metadata::WORLD => "None".to_owned(),
        None => return Err(format!("data/countries.txt has no name for `{id}`")),
    };
    let leading = pattern_question(region.leading_digits.map(Pattern::prefix), automaton);
    let line_types = line_type_question(region, automaton);
    Ok(format!(
        "Territory {{ country: {country}, leading: {leading}, line_types: {line_types} }}, "
    ))
}

/// Whether a number matches a pattern; without one, none does.
fn pattern_question(pattern: Option<Pattern>, automaton: &mut Automaton) -> u16 {
    let patterns: Vec<Pattern> = pattern.into_iter().collect();
    automaton.add(&patterns, &|matches, _| u8::from(matches.contains(&true)))
}

/// Which kind of number it is: 1 and the kind's place, or both of the last two.
fn line_type_question(region: &Region<'_>, automaton: &mut Automaton) -> u16 {
    let known: Vec<(usize, &Kind<'_>)> = region
        .kinds
        .iter()
        .enumerate()
        .filter(|(_, kind)| kind.pattern.is_some())
        .collect();
    let patterns: Vec<Pattern> = std::iter::once(&region.general)
        .chain(known.iter().map(|(_, kind)| *kind))
        .filter_map(|kind| kind.pattern.map(Pattern::whole))
        .collect();
    automaton.add(&patterns, &|matches, length| {
        let is = |kind: &Kind<'_>, matched| {
            matched && (kind.lengths.is_empty() || kind.lengths.contains(&(length as i64)))
        };
        if !matches
            .first()
            .is_some_and(|matched| is(&region.general, *matched))
        {
            return 0;
        }
        let mut kinds = known
            .iter()
            .zip(&matches[1..])
            .filter(|((_, kind), matched)| is(kind, **matched))
            .map(|((place, _), _)| *place);
        verdict(region, kinds.next(), kinds.next())
    })
}

fn verdict(region: &Region<'_>, first: Option<usize>, second: Option<usize>) -> u8 {
    match first {
        Some(FIXED_LINE) if region.fixed_line_is_mobile || second == Some(MOBILE) => {
            FIXED_LINE_OR_MOBILE
        }
        Some(MOBILE) if region.fixed_line_is_mobile => 0,
        Some(place) => place as u8 + 1,
        None => 0,
    }
}

fn national_prefix(region: &Region<'_>) -> String {
    let Some(pattern) = region.national_prefix else {
        return "NationalPrefix::None".into();
    };
    let body = pattern
        .strip_prefix("^(?:")
        .and_then(|rest| rest.strip_suffix(")$"))
        .unwrap_or(pattern);
    if body
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'|')
    {
        let literals: Vec<&str> = body.split('|').collect();
        return format!("NationalPrefix::Literals(&{literals:?})");
    }
    format!(
        "NationalPrefix::Pattern {{ pattern: {:?}, transform: {:?}, first_digits: {} }}",
        pattern.strip_suffix('$').unwrap_or(pattern),
        region.prefix_transform,
        Pattern::prefix(pattern).first_digits(),
    )
}

/// A bit for each length. As the library has it, -1 forgets those before it.
fn length_mask(lengths: &[i64]) -> Result<u32, String> {
    lengths.iter().try_fold(0, |mask, length| match length {
        -1 => Ok(0),
        0..32 => Ok(mask | 1 << length),
        _ => Err(format!("a number cannot have {length} digits")),
    })
}

/// Formats, and the question which of them is the first that fits a number.
fn formats(formats: &[Format<'_>], automaton: &mut Automaton) -> Result<String, String> {
    let groupings: Vec<Grouping> = formats
        .iter()
        .map(|format| Grouping::parse(format.pattern))
        .collect::<Result<_, _>>()?;
    let patterns: Vec<Pattern> = formats
        .iter()
        .map(|format| Pattern::prefix(format.leading_digits.unwrap_or("^(?:\\d)$")))
        .collect();
    let start = automaton.add(&patterns, &|matches, length| {
        let fits = |(matched, grouping): (&bool, &Grouping)| *matched && grouping.fits(length);
        let first = matches.iter().zip(&groupings).position(fits);
        first.map_or(0, |place| place as u8 + 1)
    });
    let mut source = format!("Formats {{ choice: {start}, formats: &[");
    for (format, grouping) in formats.iter().zip(&groupings) {
        let (template, groups) = (format.template, &grouping.groups);
        let national = format::with_prefix(template, format.national_prefix_rule)?;
        let rfc3966 = format::rfc3966(template)?;
        write!(
            source,
            "Format {{ groups: &{groups:?}, national: {national:?}, international: {template:?}, rfc3966: {rfc3966:?} }}, "
        )
        .map_err(|error| error.to_string())?;
    }
    source.push_str("] }");
    Ok(source)
}
