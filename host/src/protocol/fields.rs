//! Which parameter carries what. A publisher names the parameters itself when it
//! registers an add-on, so the names are configuration
//! (<https://www.twilio.com/docs/add-ons/tutorials/api-requirements>).

use http::{HeaderMap, HeaderName};

use super::parameters::Parameters;

/// Where the value of a field stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldSource {
    /// In a parameter of query, form or JSON body; all of them are signed.
    Parameter(String),
    /// In a header, which no signature covers.
    Header(HeaderName),
}

/// A field was sent several times, with values that differ. The order of parameters is
/// not signed, so taking the first would let a stranger choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a parameter was sent twice with different values")]
pub struct Ambiguous;

/// Everything a field can be read from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The parameters of query and body.
    pub parameters: &'a Parameters,
    /// The headers.
    pub headers: &'a HeaderMap,
}

impl<'a> Sources<'a> {
    /// The value of the first of `sources` that was sent.
    ///
    /// # Errors
    /// Where that one was sent with several values.
    pub fn first(self, sources: &[FieldSource]) -> Result<Option<&'a str>, Ambiguous> {
        sources
            .iter()
            .find_map(|source| self.value(source).transpose())
            .transpose()
    }

    fn value(self, source: &FieldSource) -> Result<Option<&'a str>, Ambiguous> {
        match source {
            FieldSource::Parameter(name) => sole(self.parameters.values(name)),
            FieldSource::Header(name) => sole(
                self.headers
                    .get_all(name)
                    .iter()
                    .filter_map(|value| value.to_str().ok()),
            ),
        }
    }
}

fn sole<'a>(mut values: impl Iterator<Item = &'a str>) -> Result<Option<&'a str>, Ambiguous> {
    let first = values.next();
    if values.any(|other| Some(other) != first) {
        Err(Ambiguous)
    } else {
        Ok(first)
    }
}

/// The fields of one add-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMap {
    /// The address that was looked up, or that called or wrote.
    pub phone: Vec<FieldSource>,
    /// The other party.
    pub other: Vec<FieldSource>,
    /// The message's text.
    pub body: Vec<FieldSource>,
    /// Further fields, by the name under which the provider gets them.
    pub extra: Vec<(String, Vec<FieldSource>)>,
}

fn parameters(names: &[&str]) -> Vec<FieldSource> {
    names
        .iter()
        .map(|name| FieldSource::Parameter((*name).to_owned()))
        .collect()
}

impl Default for FieldMap {
    /// The names of Twilio's reference and of its templates.
    fn default() -> Self {
        Self {
            phone: parameters(&["phone", "Phone", "primary_address"]),
            other: parameters(&["secondary_address"]),
            body: parameters(&["body", "Body"]),
            extra: Vec::new(),
        }
    }
}

impl FieldMap {
    /// Whether a parameter is one of the named fields, and so not an extra one.
    #[must_use]
    pub fn names(&self, parameter: &str) -> bool {
        [&self.phone, &self.other, &self.body]
            .into_iter()
            .chain(self.extra.iter().map(|(_, sources)| sources))
            .flatten()
            .any(|source| matches!(source, FieldSource::Parameter(name) if name == parameter))
    }

    /// The headers that fields are read from: none of them is signed.
    pub fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        [&self.phone, &self.other, &self.body]
            .into_iter()
            .chain(self.extra.iter().map(|(_, sources)| sources))
            .flatten()
            .filter_map(|source| match source {
                FieldSource::Header(name) => Some(name),
                FieldSource::Parameter(_) => None,
            })
    }
}

/// Which fields reach a provider besides the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldGrants {
    /// The message's text.
    pub body: bool,
    /// The other party.
    pub other: bool,
    /// Every further parameter.
    pub all: bool,
    /// Further parameters and fields, by name.
    pub named: Vec<String>,
}

impl FieldGrants {
    /// Whether a further parameter or field is granted.
    #[must_use]
    pub fn further(&self, name: &str) -> bool {
        self.all || self.named.iter().any(|granted| granted == name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::decode;
    use super::super::received::tests::received;
    use super::*;

    fn first(target: &str, sources: &[FieldSource]) -> Result<Option<String>, Ambiguous> {
        let mut received = received(target, None, "");
        received
            .headers
            .insert("x-number", "+1".parse().expect("a header value"));
        let query = decode(received.query().as_bytes()).unwrap();
        let parameters = Parameters::read(&received, query, Vec::new()).unwrap();
        let sources_of = Sources {
            parameters: &parameters,
            headers: &received.headers,
        };
        sources_of
            .first(sources)
            .map(|value| value.map(str::to_owned))
    }

    #[test]
    fn the_first_name_that_was_sent_counts() {
        let phone = FieldMap::default().phone;
        for (target, expected) in [
            ("/x?phone=1", Ok(Some("1"))),
            ("/x?Phone=1", Ok(Some("1"))),
            ("/x?primary_address=1", Ok(Some("1"))),
            ("/x?Phone=2&phone=1", Ok(Some("1"))),
            ("/x?PHONE=1", Ok(None)),
            ("/x?phone=1&phone=1", Ok(Some("1"))),
            ("/x?phone=1&phone=2", Err(Ambiguous)),
            ("/x?phone=", Ok(Some(""))),
        ] {
            let expected = expected.map(|value| value.map(str::to_owned));
            assert_eq!(first(target, &phone), expected, "{target}");
        }
    }

    #[test]
    fn a_header_can_be_a_field() {
        let source = FieldSource::Header(HeaderName::from_static("x-number"));
        assert_eq!(first("/x", &[source]), Ok(Some("+1".to_owned())));
    }
}
