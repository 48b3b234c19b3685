//! Who a telephone number belongs to, from a directory that is part of the
//! component: no network, no initialisation, two binary searches a call.

mod directory;
#[cfg(test)]
mod tests;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};
use serde::Serialize;

use crate::directory::{Caller, CallerType};

/// Entries change monthly; a day is soon enough to notice.
const MAX_AGE_SECONDS: u32 = 24 * 60 * 60;

/// Several times what the longest request and its answer take.
#[cfg(target_family = "wasm")]
const ARENA_BYTES: usize = 8 * 1024;

/// The provider.
#[derive(Debug)]
pub struct CallerName;

/// What Twilio's customer sees.
#[derive(Serialize)]
struct Listing {
    caller_name: String,
    caller_type: CallerType,
    source: &'static str,
    updated: &'static str,
}

impl Lookup for CallerName {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let number = request
            .address
            .e164
            .as_deref()
            .and_then(digits)
            .ok_or_else(not_a_number)?;
        let caller = directory::find(number).ok_or_else(unlisted)?;
        let as_of = [caller.updated, "T00:00:00Z"].concat();
        Ok(Answer::json(Listing::from(caller))?
            .max_age_seconds(MAX_AGE_SECONDS)
            .data_as_of(as_of)
            .billable_units(1))
    }
}

// With the stack and the directory it makes one page of memory, the least that there is.
jackfield_sdk::provider!(CallerName, arena: ARENA_BYTES);

impl From<Caller> for Listing {
    fn from(caller: Caller) -> Self {
        let Caller {
            name,
            caller_type,
            updated,
        } = caller;
        Self {
            caller_name: name,
            caller_type,
            source: "directory",
            updated,
        }
    }
}

/// The digits of a number in E.164 format.
fn digits(e164: &str) -> Option<u64> {
    let digits = e164.strip_prefix('+')?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn not_a_number() -> Refusal {
    Refusal::caller_error("not_a_phone_number", "only telephone numbers have an entry")
}

fn unlisted() -> Refusal {
    Refusal::no_result("number_unlisted", "the number is not in the directory")
}
