//! The directory's source format: CSV without quotes, one caller a row, four
//! fields, any order of rows, each number once.

use std::collections::BTreeMap;
use std::fmt;

const HEADER: &str = "number,name,type,updated";

/// One caller, checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The digits of the E.164 number.
    pub(crate) number: u64,
    pub(crate) name: String,
    /// A variant of the provider's `CallerType`.
    pub(crate) caller_type: &'static str,
    /// The day on which the entry was last confirmed, as in `2025-12-31`.
    pub(crate) updated: String,
}

/// A row that is wrong: its line, from 1, and what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) line: usize,
    pub(crate) problem: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.problem)
    }
}

/// Every row, in ascending order of its number.
///
/// # Errors
///
/// Every row that is wrong, and every number that stands in the file twice.
pub(crate) fn parse(text: &str) -> Result<Vec<Row>, Vec<RowError>> {
    let mut rows = BTreeMap::new();
    let mut errors = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let outcome = if index == 0 {
            header(line)
        } else {
            insert(&mut rows, line)
        };
        if let Err(problem) = outcome {
            errors.push(RowError {
                line: index + 1,
                problem,
            });
        }
    }
    if errors.is_empty() {
        Ok(rows.into_values().collect())
    } else {
        Err(errors)
    }
}

fn header(line: &str) -> Result<(), String> {
    if line == HEADER {
        Ok(())
    } else {
        Err(format!("expected the header `{HEADER}`"))
    }
}

fn insert(rows: &mut BTreeMap<u64, Row>, line: &str) -> Result<(), String> {
    let row = row(line)?;
    match rows.insert(row.number, row) {
        Some(earlier) => Err(format!(
            "the number stands above already, as `{}`",
            earlier.name
        )),
        None => Ok(()),
    }
}

fn row(line: &str) -> Result<Row, String> {
    let fields: Vec<&str> = line.split(',').collect();
    let [written_number, written_name, written_type, day] = fields[..] else {
        return Err(format!("expected 4 fields, found {}", fields.len()));
    };
    Ok(Row {
        number: number(written_number)?,
        name: name(written_name)?,
        caller_type: caller_type(written_type)?,
        updated: date(day)?,
    })
}

fn number(field: &str) -> Result<u64, String> {
    let digits = field.strip_prefix('+').unwrap_or_default();
    let plausible = (8..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if plausible { digits.parse().ok() } else { None };
    number.ok_or_else(|| format!("`{field}` is not a number in E.164 format"))
}

fn name(field: &str) -> Result<String, String> {
    let usable = !field.is_empty()
        && field.trim() == field
        && !field.contains(|character: char| character == '"' || character.is_control());
    if usable {
        Ok(field.into())
    } else {
        Err(format!("{field:?} is not a name"))
    }
}

fn caller_type(field: &str) -> Result<&'static str, String> {
    match field {
        "business" => Ok("Business"),
        "consumer" => Ok("Consumer"),
        "government" => Ok("Government"),
        "nonprofit" => Ok("Nonprofit"),
        _ => Err(format!(
            "`{field}` is none of `business`, `consumer`, `government` and `nonprofit`"
        )),
    }
}

fn date(field: &str) -> Result<String, String> {
    let parts: Vec<&str> = field.split('-').collect();
    let plausible = matches!(parts[..], [year, month, day]
        if within(year, 4, 1900..=2999) && within(month, 2, 1..=12) && within(day, 2, 1..=31));
    if plausible {
        Ok(field.into())
    } else {
        Err(format!("`{field}` is not a date as in `2025-12-31`"))
    }
}

fn within(part: &str, digits: usize, range: std::ops::RangeInclusive<u16>) -> bool {
    part.len() == digits && part.parse().is_ok_and(|value| range.contains(&value))
}
