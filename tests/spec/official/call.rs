//! A request of Twilio's, made up.

use http::Method;
use jackfield_tests::{FORM, Signed, Twilio, sign};
use serde_json::{Map, Value, json};

use super::library::to_sign;
use super::random::Random;
use super::spelling::Spelling;

/// A parameter's name and value.
pub(crate) type Pair = (String, String);

/// The integration points, by the last part of their paths.
const POINTS: [&str; 3] = ["lookups", "incoming-sms", "incoming-voice-call"];

/// How the parameters travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Get,
    Form,
    Json,
}

impl Shape {
    pub(crate) const ALL: [Self; 3] = [Self::Get, Self::Form, Self::Json];
}

/// What is sent besides the query.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Nothing,
    Form(Vec<Pair>),
    Json(String),
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Scheme, host and port as the signer writes them.
    pub(crate) base: String,
    pub(crate) point: &'static str,
    pub(crate) query: Vec<Pair>,
    pub(crate) content: Content,
    /// The hash of a JSON body, once a library has computed it.
    pub(crate) hash: Option<String>,
    pub(crate) query_spelling: Spelling,
    pub(crate) form_spelling: Spelling,
}

impl Call {
    /// Makes a request up.
    pub(crate) fn random(random: &mut Random, base: &str, shape: Shape) -> Self {
        let fields = fields(random);
        let apart = further(random);
        let (query, content) = match shape {
            Shape::Get => ([fields, apart].concat(), Content::Nothing),
            Shape::Form => (apart, Content::Form([fields, long(random)].concat())),
            Shape::Json => (
                apart,
                Content::Json(object([fields, long(random)].concat())),
            ),
        };
        Self {
            base: base.to_owned(),
            point: random.of(&POINTS),
            query,
            content,
            hash: None,
            query_spelling: Spelling::random(random),
            form_spelling: Spelling::random(random),
        }
    }

    /// Path and query.
    pub(crate) fn target(&self) -> String {
        let hash = self.hash.iter().map(|hash| format!("bodySHA256={hash}"));
        let mut query = vec![self.query_spelling.encode(&self.query)];
        query.retain(|query| !query.is_empty());
        query.extend(hash);
        match query.is_empty() {
            true => format!("/{}", self.point),
            false => format!("/{}?{}", self.point, query.join("&")),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.base, self.target())
    }

    pub(crate) fn form(&self) -> &[Pair] {
        match &self.content {
            Content::Form(form) => form,
            Content::Nothing | Content::Json(_) => &[],
        }
    }

    pub(crate) fn json(&self) -> Option<&str> {
        match &self.content {
            Content::Json(text) => Some(text),
            Content::Nothing | Content::Form(_) => None,
        }
    }

    /// Two requests with the same one are the same to a signature.
    pub(crate) fn signed_text(&self) -> String {
        sign("", &self.url(), self.form())
    }

    /// What a library is asked to sign; it adds the hash of a JSON body itself.
    pub(crate) fn question(&self, token: &str) -> Value {
        to_sign(token, &self.url(), self.form(), self.json())
    }

    /// Takes the hash over from the URL that a library signed.
    pub(crate) fn hashed(mut self, url: &str) -> Self {
        if self.json().is_some() {
            let hash = url.rsplit_once("bodySHA256=").expect("a signed hash").1;
            self.hash = Some(hash.to_owned());
        }
        self
    }

    /// The request as it is sent.
    pub(crate) fn request(&self, twilio: &Twilio) -> Signed {
        let target = self.target();
        match &self.content {
            Content::Nothing => twilio.get(&target),
            Content::Form(form) => twilio
                .request(Method::POST, &target)
                .header("content-type", FORM)
                .body(self.form_spelling.encode(form)),
            Content::Json(text) => twilio
                .request(Method::POST, &target)
                .header("content-type", "application/json")
                .body(text.clone()),
        }
    }

    /// What the provider must have seen.
    pub(crate) fn seen(&self) -> Value {
        let all = self.parameters();
        let value = |names: &[&str]| {
            let found = all.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.clone())
        };
        let mut further: Vec<_> = all.iter().filter(|(name, _)| !named(name)).collect();
        further.sort();
        json!({
            "integration_point": self.point,
            "address": value(&PHONE).map(|phone| phone.replace(' ', "+")),
            "secondary_address": value(&["secondary_address"]),
            "body": value(&BODY),
            "fields": further,
        })
    }

    fn parameters(&self) -> Vec<Pair> {
        let members = self.json().map_or_else(Map::new, |text| {
            serde_json::from_str(text).expect("an object")
        });
        let members = members.into_iter().map(|(name, value)| match value {
            Value::String(text) => (name, text),
            other => (name, other.to_string()),
        });
        [self.query.clone(), self.form().to_vec(), members.collect()].concat()
    }
}

const PHONE: [&str; 3] = ["phone", "Phone", "primary_address"];
const BODY: [&str; 2] = ["body", "Body"];

fn named(name: &str) -> bool {
    PHONE.contains(&name) || BODY.contains(&name) || name == "secondary_address"
}

/// The fields of Twilio's templates. A number may begin with a space: that is what a
/// `+` becomes that nobody escaped.
fn fields(random: &mut Random) -> Vec<Pair> {
    let plus = random.of(&["+", "+", "+", " "]);
    let number = format!("{plus}1212555{:04}", random.below(10_000));
    let mut fields = vec![(random.of(&PHONE).to_owned(), number)];
    if random.once_in(2) {
        fields.push(("secondary_address".to_owned(), "12345".to_owned()));
    }
    fields.extend(further(random));
    fields
}

/// Parameters of the publisher's own, some of them empty, some repeated.
fn further(random: &mut Random) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for _ in 0..random.below(5) {
        let (name, value) = (1 + random.below(4), random.below(8));
        let pair = (random.text(name), random.text(value));
        if random.once_in(4) {
            pairs.push((pair.0.clone(), random.text(3)));
        }
        if random.once_in(6) {
            pairs.push(pair.clone());
        }
        pairs.push(pair);
    }
    pairs
}

/// A message, which every eighth time is tens of KB long.
fn long(random: &mut Random) -> Vec<Pair> {
    let text = match random.once_in(8) {
        true => random.long_text(),
        false => random.text(6),
    };
    vec![(random.of(&BODY).to_owned(), text)]
}

fn object(pairs: Vec<Pair>) -> String {
    let mut members: Map<String, Value> = pairs
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    members.insert("count".to_owned(), 1.5.into());
    members.insert("sure".to_owned(), true.into());
    Value::from(members).to_string()
}
