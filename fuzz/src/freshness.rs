//! When a request was made, and for how long it is good.
//!
//! The bytes: a line each with the date, the time to live, the host's own time, and by how many
//! seconds clocks may differ. What cannot be read is never fresh, and what can is fresh from
//! its date on until its time to live is over, to the nanosecond.

use std::time::Duration;

use jackfield::protocol::fields::{FieldSource, Sources};
use jackfield::protocol::freshness::{FreshnessError, FreshnessRule, parse_date, parse_ttl};
use jackfield::protocol::parameters::Parameters;
use jiff::Timestamp;

use crate::case::{Case, received};

/// What the host takes a request for that says when it was made, and not for how long.
const DEFAULT_TTL: Duration = Duration::from_secs(60);

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (date, ttl, now, skew) = (case.line(), case.line(), case.line(), case.line());
    let read = (parse_date(&date), parse_ttl(&ttl, Duration::from_secs(1)));
    if let Some(date) = read.0 {
        assert_eq!(parse_date(&date.to_string()), Some(date));
    }
    if let Ok(number) = ttl.trim().parse::<u32>() {
        assert_eq!(read.1, Some(Duration::from_secs(number.into())));
    }
    let now = parse_date(&now).unwrap_or(Timestamp::UNIX_EPOCH);
    let skew = Duration::from_secs(skew.trim().parse::<u16>().unwrap_or(0).into());
    for required in [false, true] {
        let rule = rule(skew, required);
        assert_eq!(
            judged(&rule, None, None, now),
            match required {
                true => Err(FreshnessError::Missing),
                false => Ok(()),
            }
        );
        let dated = judged(&rule, Some(&date), None, now);
        assert_eq!(dated, expected(read.0, Some(DEFAULT_TTL), now, skew));
        let limited = judged(&rule, Some(&date), Some(&ttl), now);
        assert_eq!(limited, expected(read.0, read.1, now, skew));
    }
}

fn rule(clock_skew: Duration, required: bool) -> FreshnessRule {
    let named = |name: &str| vec![FieldSource::Parameter(name.to_owned())];
    FreshnessRule {
        date: named("date"),
        ttl: named("ttl"),
        ttl_unit: Duration::from_secs(1),
        default_ttl: DEFAULT_TTL,
        clock_skew,
        required,
    }
}

fn judged(
    rule: &FreshnessRule,
    date: Option<&str>,
    ttl: Option<&str>,
    now: Timestamp,
) -> Result<(), FreshnessError> {
    let sent = [("date", date), ("ttl", ttl)];
    let sent = sent
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let received = received("/lookups", "", b"");
    let parameters = Parameters::read(&received, sent.collect(), Vec::new());
    let sources = Sources {
        parameters: &parameters.expect("there is no body"),
        headers: &received.headers,
    };
    let dated = rule.read(sources, now)?;
    dated.map_or(Ok(()), |dated| rule.judge(dated))
}

fn expected(
    date: Option<Timestamp>,
    ttl: Option<Duration>,
    now: Timestamp,
    skew: Duration,
) -> Result<(), FreshnessError> {
    let (Some(date), Some(ttl)) = (date, ttl) else {
        return Err(FreshnessError::Unreadable);
    };
    let nanos = |duration: Duration| i128::try_from(duration.as_nanos()).expect("96 bits");
    let age = now.as_nanosecond() - date.as_nanosecond();
    if age < -nanos(skew) {
        Err(FreshnessError::Future)
    } else if age > nanos(ttl) + nanos(skew) {
        Err(FreshnessError::Expired)
    } else {
        Ok(())
    }
}
