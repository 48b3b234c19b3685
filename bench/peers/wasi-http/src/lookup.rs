//! Looking the number of a query up.

use crate::answer::{Answer, Failure};
use crate::directory;

const NO_NUMBER: Failure = Failure {
    code: "address_not_accepted",
    message: "the add-on has no results for this kind of address",
};

const UNLISTED: Failure = Failure {
    code: "number_unlisted",
    message: "the number is not in the directory",
};

pub(crate) fn answer(query: &str, request_sid: Option<&str>) -> Answer {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let phone = parameters.find(|(name, _)| name == "phone");
    let phone = phone.map(|(_, value)| value).unwrap_or_default();
    let Some(number) = digits(&phone) else {
        return Answer::failed(&phone, &NO_NUMBER, request_sid);
    };
    match directory::find(number) {
        Some(caller) => Answer::found(&phone, caller),
        None => Answer::failed(&phone, &UNLISTED, request_sid),
    }
}

/// The digits of a number in E.164 format.
fn digits(phone: &str) -> Option<u64> {
    let digits = phone.strip_prefix('+')?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}
