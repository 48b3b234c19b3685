//! A form, and the fields that an add-on reads from it.
//!
//! The bytes: a line with the query, a line with the names of a field (`phone,Phone`), and
//! the form. Of these a field has the value that was sent under its first name, or none
//! where several were; and a provider gets what it was granted, and nothing else.

use jackfield::protocol::fields::{Ambiguous, FieldGrants, FieldMap, FieldSource, Sources};
use jackfield::protocol::headers::Claims;
use jackfield::protocol::invocation::{Invocation, Terms};
use jackfield::protocol::parameters::{BODY_HASH, Parameter};
use jackfield::protocol::point::IntegrationPoint;
use jackfield::protocol::received::Received;
use jackfield::protocol::shape::Shape;
use jackfield::protocol::signature::Verified;

use crate::case::{Case, received};
use crate::decoding;

const FORM: &str = "application/x-www-form-urlencoded";

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let mut case = Case::new(case);
    let (query, names, form) = (case.line(), case.line(), case.rest());
    let sent = (decoding::read(query.as_bytes()), decoding::read(form));
    let target = format!("/lookups?{query}");
    let received = received(&target, FORM, form);
    match sent {
        (Some(mut sent), Some(form)) => {
            sent.retain(|(name, _)| name != BODY_HASH);
            sent.extend(form);
            read_as_sent(received, &sent, &names);
        }
        _ => assert!(Verified::unchecked(received).is_err()),
    }
}

fn read_as_sent(received: Received, sent: &[Parameter], names: &str) {
    let verified = Verified::unchecked(received).expect("there are not too many");
    let parameters = verified.parameters().expect("a form is always read");
    assert!(parameters.iter().eq(sent));
    let phone: Vec<FieldSource> = names
        .split(',')
        .map(|name| FieldSource::Parameter(name.to_owned()))
        .collect();
    let sources = Sources {
        parameters: &parameters,
        headers: &verified.received().headers,
    };
    assert_eq!(sources.first(&phone), first(sent, names));
    let granted = names.split(',').next_back().unwrap_or_default();
    let terms = terms(phone, granted);
    let claims = Claims::read(&verified.received().headers);
    let call = Invocation::parse(
        IntegrationPoint::Lookups,
        &verified,
        &parameters,
        &claims,
        &terms,
    );
    if let Ok(call) = call {
        assert!(call.body.is_none() && call.other.is_none());
        let all = call.fields.iter();
        assert!(all.clone().all(|field| sent.contains(field)));
        assert!(
            all.clone()
                .all(|(name, _)| name == granted && !terms.fields.names(name))
        );
        let given = first(sent, names).ok().flatten();
        let given = given.map(str::trim).unwrap_or_default();
        assert_eq!(
            call.address.raw().trim_start_matches('+'),
            given.trim_start_matches('+')
        );
    }
}

/// What a field of these names says.
fn first<'s>(sent: &'s [Parameter], names: &str) -> Result<Option<&'s str>, Ambiguous> {
    for name in names.split(',') {
        let of_name = sent.iter().filter(|(own, _)| own == name);
        let values: Vec<&str> = of_name.map(|(_, value)| value.as_str()).collect();
        match values.as_slice() {
            [] => {}
            [first, rest @ ..] => {
                let same = rest.iter().all(|value| value == first);
                return same.then_some(Some(*first)).ok_or(Ambiguous);
            }
        }
    }
    Ok(None)
}

/// Terms on which one further parameter is granted.
fn terms(phone: Vec<FieldSource>, granted: &str) -> Terms {
    let zeros = "0".repeat(32);
    Terms {
        account: format!("AC{zeros}").parse().expect("a SID"),
        add_on: format!("XB{zeros}").parse().expect("a SID"),
        shapes: vec![Shape::Form],
        fields: FieldMap {
            phone,
            ..FieldMap::default()
        },
        grants: FieldGrants {
            named: vec![granted.to_owned()],
            ..FieldGrants::default()
        },
        accepts: Vec::new(),
        default_region: None,
    }
}
