//! A JSON body, read as parameters.
//!
//! The bytes are the body. What is no JSON object, by `serde_json`, is refused; of what is,
//! texts arrive as they are, `null` does not, and everything else arrives as JSON.

use jackfield::protocol::parameters::{MOST_PARAMETERS, Parameter, Parameters, ParametersError};
use serde_json::{Map, Value};

use crate::alike::alike;
use crate::case::received;

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    if case.is_empty() {
        return;
    }
    let read = read(case);
    match serde_json::from_slice(case) {
        Ok(Value::Object(members)) if members.len() > MOST_PARAMETERS => {
            assert_eq!(read, Err(ParametersError::TooMany));
        }
        Ok(Value::Object(members)) => as_written(&members, &read.expect("an object is read")),
        Ok(_) | Err(_) => assert_eq!(read, Err(ParametersError::Json)),
    }
}

fn read(body: &[u8]) -> Result<Vec<Parameter>, ParametersError> {
    let received = received("/lookups", "application/json; charset=utf-8", body);
    let read = Parameters::read(&received, Vec::new(), Vec::new());
    read.map(|parameters| parameters.iter().cloned().collect())
}

fn as_written(members: &Map<String, Value>, parameters: &[Parameter]) {
    let sent = members.iter().filter(|(_, value)| !value.is_null());
    assert!(
        sent.clone()
            .map(|(name, _)| name)
            .eq(parameters.iter().map(|(name, _)| name))
    );
    for ((_, value), (_, text)) in sent.zip(parameters) {
        match value {
            Value::String(sent) => assert_eq!(text, sent),
            other => alike(other, &serde_json::from_str(text).expect("it is JSON")),
        }
    }
    // As texts alone, they come back as they are.
    let texts: Map<String, Value> = parameters
        .iter()
        .map(|(name, text)| (name.clone(), text.as_str().into()))
        .collect();
    let written = serde_json::to_vec(&texts).expect("texts are JSON");
    assert_eq!(read(&written).as_deref(), Ok(parameters));
}
