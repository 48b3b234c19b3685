//! Answers with the request, field by field under the contract's names, so that a
//! test sees what reached the guest.

use jackfield_sdk::{Address, Answer, Lookup, Refusal, Request, Sids};
use serde::Serialize;

struct Echo;

impl Lookup for Echo {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        Ok(Answer::json(RequestView::from(&request))?)
    }
}

jackfield_sdk::provider!(Echo);

#[derive(Serialize)]
struct RequestView<'a> {
    integration_point: &'a str,
    address: AddressView<'a>,
    secondary_address: Option<AddressView<'a>>,
    body: Option<&'a str>,
    sids: SidsView<'a>,
    attempt: u32,
    deadline_ms: u32,
    fields: &'a [(String, String)],
}

#[derive(Serialize)]
struct AddressView<'a> {
    kind: &'a str,
    e164: Option<&'a str>,
    raw: &'a str,
}

#[derive(Serialize)]
struct SidsView<'a> {
    account: &'a str,
    add_on: &'a str,
    add_on_version: Option<&'a str>,
    add_on_install: Option<&'a str>,
    add_on_configuration: Option<&'a str>,
    request: Option<&'a str>,
}

impl<'a> From<&'a Request> for RequestView<'a> {
    fn from(request: &'a Request) -> Self {
        Self {
            integration_point: &request.integration_point,
            address: AddressView::from(&request.address),
            secondary_address: request.secondary_address.as_ref().map(AddressView::from),
            body: request.body.as_deref(),
            sids: SidsView::from(&request.sids),
            attempt: request.attempt,
            deadline_ms: request.deadline_ms,
            fields: &request.fields,
        }
    }
}

impl<'a> From<&'a Address> for AddressView<'a> {
    fn from(address: &'a Address) -> Self {
        Self {
            kind: &address.kind,
            e164: address.e164.as_deref(),
            raw: &address.raw,
        }
    }
}

impl<'a> From<&'a Sids> for SidsView<'a> {
    fn from(sids: &'a Sids) -> Self {
        Self {
            account: &sids.account,
            add_on: &sids.add_on,
            add_on_version: sids.add_on_version.as_deref(),
            add_on_install: sids.add_on_install.as_deref(),
            add_on_configuration: sids.add_on_configuration.as_deref(),
            request: sids.request.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_comes_back_under_its_name() {
        let request = Request::incoming_sms("+15005550006")
            .secondary_address(Address::of_kind("alphanumeric", "ACME"))
            .body("hi \"you\"")
            .field("carrier", "a")
            .field("carrier", "b");
        let answer = Echo::lookup(request).unwrap();
        assert_eq!(
            answer.json,
            concat!(
                r#"{"integration_point":"incoming-sms","#,
                r#""address":{"kind":"e164","e164":"+15005550006","raw":"+15005550006"},"#,
                r#""secondary_address":{"kind":"alphanumeric","e164":null,"raw":"ACME"},"#,
                r#""body":"hi \"you\"","#,
                r#""sids":{"account":"AC00000000000000000000000000000000","#,
                r#""add_on":"XB00000000000000000000000000000000","#,
                r#""add_on_version":null,"add_on_install":null,"add_on_configuration":null,"#,
                r#""request":"XR00000000000000000000000000000000"},"#,
                r#""attempt":1,"deadline_ms":1000,"#,
                r#""fields":[["carrier","a"],["carrier","b"]]}"#,
            )
        );
    }
}
