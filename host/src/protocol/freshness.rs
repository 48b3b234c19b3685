//! Whether a request is recent enough to be answered. Twilio signs an invocation date
//! and a time to live; no public text gives their names or format, so the names are
//! configuration and several formats are understood.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::fields::{FieldSource, Sources};

/// How freshness is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshnessRule {
    /// Where the invocation date stands.
    pub date: Vec<FieldSource>,
    /// Where the time to live stands.
    pub ttl: Vec<FieldSource>,
    /// What a bare number in the time to live counts.
    pub ttl_unit: Duration,
    /// The time to live of a request that has a date and none of its own.
    pub default_ttl: Duration,
    /// By how much Twilio's clock and this one may differ.
    pub clock_skew: Duration,
    /// Whether a request without a date is refused.
    pub required: bool,
}

/// When a request was made, and for how long it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    /// How long ago that was: less than nothing, where its date is still to come.
    pub age: SignedDuration,
    /// For how long it is good from then on.
    pub ttl: Duration,
}

/// Why a request is not fresh. What cannot be read counts as stale: a parameter's name
/// is not delimited in the signed text, so bytes can be moved into it or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FreshnessError {
    /// Its time to live has passed.
    #[error("the request's time to live has passed")]
    Expired,
    /// It comes from the future, by more than clocks may differ.
    #[error("the request's date lies in the future")]
    Future,
    /// Date or time to live cannot be read, or differ between repetitions.
    #[error("the request's date or time to live cannot be read")]
    Unreadable,
    /// There is no date, and one is required.
    #[error("the request has no date")]
    Missing,
}

impl FreshnessRule {
    /// Everything that date and time to live are read from.
    pub fn sources(&self) -> impl Iterator<Item = &FieldSource> {
        self.date.iter().chain(&self.ttl)
    }

    /// Reads when a request was made, seen from a moment. It need not say.
    ///
    /// # Errors
    /// Where that cannot be read, or is required and not there.
    pub fn read(
        &self,
        sources: Sources<'_>,
        now: Timestamp,
    ) -> Result<Option<Dated>, FreshnessError> {
        let unreadable = |_| FreshnessError::Unreadable;
        let date = sources.first(&self.date).map_err(unreadable)?;
        let ttl = sources.first(&self.ttl).map_err(unreadable)?;
        let Some(date) = date else {
            return match self.required {
                true => Err(FreshnessError::Missing),
                false => Ok(None),
            };
        };
        let date = parse_date(date).ok_or(FreshnessError::Unreadable)?;
        let ttl = match ttl {
            None => self.default_ttl,
            Some(text) => parse_ttl(text, self.ttl_unit).ok_or(FreshnessError::Unreadable)?,
        };
        let age = now.duration_since(date);
        Ok(Some(Dated { age, ttl }))
    }

    /// Judges whether a request is good.
    ///
    /// # Errors
    /// Where it is not fresh.
    pub fn judge(&self, dated: Dated) -> Result<(), FreshnessError> {
        let (age, ttl) = (dated.age.as_nanos(), nanoseconds(dated.ttl));
        let skew = nanoseconds(self.clock_skew);
        if age < -skew {
            Err(FreshnessError::Future)
        } else if age > ttl.saturating_add(skew) {
            Err(FreshnessError::Expired)
        } else {
            Ok(())
        }
    }
}

/// Exact, unlike seconds with a fraction: those of long times are rounded.
fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// Reads RFC 3339, the dates of mail and HTTP headers, and seconds or milliseconds
/// since 1970.
#[must_use]
pub fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        // Seconds reach 12 digits in the year 5138; milliseconds did in 1973.
        return match number.unsigned_abs() < 100_000_000_000 {
            true => Timestamp::from_second(number).ok(),
            false => Timestamp::from_millisecond(number).ok(),
        };
    }
    let mail = jiff::fmt::rfc2822::DateTimeParser::new();
    text.parse().or_else(|_| mail.parse_timestamp(text)).ok()
}

/// Reads a bare number in the configured unit, or a number with its unit.
#[must_use]
pub fn parse_ttl(text: &str, unit: Duration) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(number) => unit.checked_mul(number),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{Parameters, decode};
    use super::super::received::tests::received;
    use super::*;
    use proptest::prelude::*;

    fn rule(required: bool) -> FreshnessRule {
        FreshnessRule {
            date: vec![FieldSource::Parameter("date".into())],
            ttl: vec![FieldSource::Parameter("ttl".into())],
            ttl_unit: Duration::from_secs(1),
            default_ttl: Duration::from_secs(300),
            clock_skew: Duration::from_secs(30),
            required,
        }
    }

    fn check(query: &str, required: bool) -> Result<(), FreshnessError> {
        let received = received(&format!("/x?{query}"), None, "");
        let query = decode(received.query().as_bytes()).unwrap();
        let parameters = Parameters::read(&received, query, Vec::new()).unwrap();
        let sources = Sources {
            parameters: &parameters,
            headers: &received.headers,
        };
        let (rule, now) = (rule(required), "2026-03-01T12:00:00Z".parse().unwrap());
        let dated = rule.read(sources, now)?;
        dated.map_or(Ok(()), |dated| rule.judge(dated))
    }

    #[test]
    fn a_request_lives_from_its_date_for_its_time_to_live() {
        use FreshnessError::{Expired, Future, Unreadable};
        for (query, expected) in [
            ("", Ok(())),
            ("ttl=10", Ok(())),
            ("date=2026-03-01T12:00:00Z", Ok(())),
            ("date=2026-03-01T11:55:00Z", Ok(())),
            ("date=2026-03-01T11:54:29Z", Err(Expired)),
            ("date=2026-03-01T11:54:31Z", Ok(())),
            ("date=2026-03-01T12:00:30Z", Ok(())),
            ("date=2026-03-01T12:00:31Z", Err(Future)),
            ("date=2026-03-01T11:59:00Z&ttl=10", Err(Expired)),
            ("date=2026-03-01T11:59:00Z&ttl=60", Ok(())),
            ("date=2026-03-01T11:59:00Z&ttl=500ms", Err(Expired)),
            ("date=Sun,+01+Mar+2026+12:00:00+GMT", Ok(())),
            ("date=1772366400", Ok(())),
            ("date=1772366400000", Ok(())),
            ("date=1772360000", Err(Expired)),
            ("date=0&ttl=1772366370s", Ok(())),
            ("date=0&ttl=1772366369s+999999999ns", Err(Expired)),
            ("date=-9223372036854775808", Err(Unreadable)),
            ("date=yesterday", Err(Unreadable)),
            ("date=", Err(Unreadable)),
            ("date=2026-03-01T12:00:00Z&ttl=-1", Err(Unreadable)),
            (
                "date=2026-03-01T12:00:00Z&date=2026-03-01T12:00:01Z",
                Err(Unreadable),
            ),
        ] {
            assert_eq!(check(query, false), expected, "{query}");
        }
    }

    #[test]
    fn a_date_can_be_required() {
        assert_eq!(check("", true), Err(FreshnessError::Missing));
        assert_eq!(check("date=2026-03-01T12:00:00Z", true), Ok(()));
    }

    proptest! {
        #[test]
        fn no_date_and_no_time_to_live_panics(date in ".{0,40}", ttl in ".{0,20}") {
            let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
            if let Some(date) = parse_date(&date) {
                let ttl = parse_ttl(&ttl, Duration::from_millis(1)).unwrap_or_default();
                let age = now.duration_since(date);
                let _ = rule(true).judge(Dated { age, ttl });
            }
        }
    }
}
