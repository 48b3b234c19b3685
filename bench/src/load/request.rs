//! One request, signed and ready to be sent.

use memchr::memmem;

use super::sid;
use crate::account::{ACCOUNT, PUBLIC_URL, body_hash, sign};

/// How parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In the query of a GET.
    Get,
    /// In a form that is posted.
    Form,
    /// In a JSON object that is posted.
    Json,
}

/// What a request asks.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// How it travels.
    pub shape: Shape,
    /// The integration point's path.
    pub path: &'a str,
    /// The add-on's SID.
    pub add_on: &'a str,
    /// The number, in E.164 format.
    pub number: &'a str,
    /// A message's text.
    pub message: Option<&'a str>,
}

/// A signed request whose SID can be written anew; nothing signs it.
#[derive(Debug, Clone)]
pub struct Template {
    bytes: Vec<u8>,
    sid_at: usize,
    /// What the answer is about.
    number: String,
}

impl Template {
    /// Signs a request.
    #[must_use]
    pub fn new(asked: &Asked<'_>) -> Self {
        let parameters = asked.parameters();
        match asked.shape {
            Shape::Get => {
                let target = format!("{}?{}", asked.path, encoded(&parameters));
                Self::of(asked, "GET", &target, &sign(&target, &[]), None)
            }
            Shape::Form => {
                let signature = sign(asked.path, &parameters);
                let body = ("application/x-www-form-urlencoded", encoded(&parameters));
                Self::of(asked, "POST", asked.path, &signature, Some(body))
            }
            Shape::Json => {
                let members = parameters.iter().map(|(name, value)| (*name, *value));
                let members: serde_json::Map<_, _> = members
                    .map(|(name, value)| (name.into(), value.into()))
                    .collect();
                let body = serde_json::Value::from(members).to_string();
                let target = format!("{}?bodySHA256={}", asked.path, body_hash(body.as_bytes()));
                let body = ("application/json", body);
                Self::of(asked, "POST", &target, &sign(&target, &[]), Some(body))
            }
        }
    }

    fn of(
        asked: &Asked<'_>,
        method: &str,
        target: &str,
        signature: &str,
        body: Option<(&str, String)>,
    ) -> Self {
        let host = PUBLIC_URL.trim_start_matches("https://");
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nx-twilio-signature: {signature}\r\n\
             x-twilio-vendoraccountsid: {ACCOUNT}\r\nx-twilio-addonsid: {}\r\n\
             x-twilio-requestsid: ",
            asked.add_on
        );
        let sid_at = text.len();
        text += sid::PLACE;
        text += "\r\n";
        if let Some((kind, body)) = &body {
            text += &format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len());
        }
        text += "\r\n";
        text += body.as_ref().map_or("", |(_, body)| body);
        let bytes = text.into_bytes();
        let number = asked.number.to_owned();
        Self {
            bytes,
            sid_at,
            number,
        }
    }

    /// The request, under a SID that no other has.
    pub(super) fn renewed(&mut self) -> &[u8] {
        let place = &mut self.bytes[self.sid_at..][..sid::LENGTH];
        sid::write(place, sid::next());
        &self.bytes
    }

    /// Whether an answer is about the number that is asked for.
    pub(super) fn is_meant_by(&self, body: &[u8]) -> bool {
        memmem::find(body, self.number.as_bytes()).is_some()
    }
}

impl<'a> Asked<'a> {
    fn parameters(&self) -> Vec<(&'static str, &'a str)> {
        let message = self.message.map(|text| ("body", text));
        [("phone", self.number)]
            .into_iter()
            .chain(message)
            .collect()
    }
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(shape: Shape) -> Asked<'static> {
        Asked {
            shape,
            path: "/lookups",
            add_on: "XB00000000000000000000000000000001",
            number: "+15005550006",
            message: None,
        }
    }

    fn text(template: &mut Template) -> String {
        String::from_utf8(template.renewed().to_vec()).unwrap()
    }

    #[test]
    fn a_request_differs_from_the_one_before_in_its_sid_alone() {
        let mut template = Template::new(&asked(Shape::Get));
        let (one, two) = (text(&mut template), text(&mut template));
        assert!(
            one.starts_with("GET /lookups?phone=%2B15005550006 HTTP/1.1\r\n"),
            "{one}"
        );
        assert!(one.ends_with("\r\n\r\n"), "{one}");
        assert_ne!(one, two);
        let apart = |text: &str| {
            let (before, after) = text.split_once("x-twilio-requestsid: MR").unwrap();
            format!("{before}{}", &after[32..])
        };
        assert_eq!(apart(&one), apart(&two));
    }

    #[test]
    fn a_body_is_as_long_as_it_says() {
        for shape in [Shape::Form, Shape::Json] {
            let request = text(&mut Template::new(&asked(shape)));
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(
                head.ends_with(&format!("content-length: {}", body.len())),
                "{request}"
            );
            assert!(body.contains("15005550006"), "{request}");
        }
    }

    #[test]
    fn an_answer_about_another_number_is_not_meant() {
        let template = Template::new(&asked(Shape::Get));
        assert!(template.is_meant_by(br#"{"phone_number":"+15005550006"}"#));
        assert!(!template.is_meant_by(br#"{"phone_number":"+15005550007"}"#));
    }

    #[test]
    fn json_is_covered_by_its_hash() {
        let request = text(&mut Template::new(&asked(Shape::Json)));
        let body = r#"{"phone":"+15005550006"}"#;
        assert!(request.ends_with(body), "{request}");
        assert!(request.contains(&body_hash(body.as_bytes())), "{request}");
    }
}
