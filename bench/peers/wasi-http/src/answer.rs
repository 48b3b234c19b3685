//! The JSON that goes back to Twilio, byte for byte what the host answers.

use serde::Serialize;

use crate::directory::{Caller, CallerType};

/// A status and a body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Vec<u8>,
}

/// Why there is no result.
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

#[derive(Serialize)]
struct Found<'a> {
    phone_number: &'a str,
    results: Listing,
    error_code: Option<&'a str>,
}

#[derive(Serialize)]
struct Listing {
    caller_name: String,
    caller_type: CallerType,
    source: &'static str,
    updated: &'static str,
}

#[derive(Serialize)]
struct Failed<'a> {
    phone_number: &'a str,
    results: Nothing,
    error_code: &'a str,
    message: &'a str,
    request_sid: Option<&'a str>,
    retryable: bool,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Refused<'a> {
    error_code: &'a str,
    message: &'a str,
}

impl Answer {
    /// The entry of a number.
    pub(crate) fn found(phone_number: &str, caller: Caller) -> Self {
        let results = Listing {
            caller_name: caller.name,
            caller_type: caller.caller_type,
            source: "directory",
            updated: caller.updated,
        };
        let found = Found {
            phone_number,
            results,
            error_code: None,
        };
        Self::new(200, &found)
    }

    /// No result, which Twilio is told with a good status.
    pub(crate) fn failed(phone_number: &str, why: &Failure, request_sid: Option<&str>) -> Self {
        let failed = Failed {
            phone_number,
            results: Nothing {},
            error_code: why.code,
            message: why.message,
            request_sid,
            retryable: false,
        };
        Self::new(200, &failed)
    }

    /// Nothing that Twilio signed.
    pub(crate) fn forged() -> Self {
        let message = "the signature does not match the request";
        Self::refused(403, "signature_invalid", message)
    }

    /// A path under which nothing is.
    pub(crate) fn unknown_path() -> Self {
        Self::refused(404, "path_unknown", "nothing is served under this path")
    }

    fn refused(status: u16, error_code: &str, message: &str) -> Self {
        let refused = Refused {
            error_code,
            message,
        };
        Self::new(status, &refused)
    }

    fn new(status: u16, json: &impl Serialize) -> Self {
        // Texts are always JSON.
        let json = serde_json::to_vec(json).unwrap_or_default();
        Self { status, json }
    }
}
