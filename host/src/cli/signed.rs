//! A request made and signed as Twilio makes and signs it.

use std::process;
use std::time::SystemTime;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Method, Request};
use secrecy::ExposeSecret;

use crate::config::AddOnConfig;
use crate::protocol::credentials::Requirements;
use crate::protocol::fields::FieldSource;
use crate::protocol::headers;
use crate::protocol::parameters::{BODY_HASH, Parameter};
use crate::protocol::public_url::PublicUrl;
use crate::protocol::shape::Shape;
use crate::protocol::sid::AccountSid;
use crate::protocol::signature::{
    Algorithm, MultipartProof, SIGNATURE_HEADER, SignedText, SigningKey, body_hash, signing_order,
};

/// What is to be sent, before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) shape: Shape,
    pub(super) path: String,
    pub(super) query: Vec<Parameter>,
    pub(super) body: Vec<Parameter>,
    pub(super) headers: Vec<(HeaderName, String)>,
    /// The part that holds audio, and its bytes.
    pub(super) audio: Option<(String, Bytes)>,
    /// What proves a body in parts.
    pub(super) proof: MultipartProof,
}

impl Draft {
    /// A draft with no parameters yet.
    pub(super) fn new(shape: Shape, path: &str) -> Self {
        Self {
            shape,
            path: path.to_owned(),
            query: Vec::new(),
            body: Vec::new(),
            headers: Vec::new(),
            audio: None,
            proof: MultipartProof::BodyHash,
        }
    }

    /// Adds a parameter where this shape carries them.
    pub(super) fn parameter(&mut self, name: &str, value: &str) {
        let own = (name.to_owned(), value.to_owned());
        match self.shape {
            Shape::Get => self.query.push(own),
            Shape::Form | Shape::Json | Shape::Multipart => self.body.push(own),
        }
    }

    /// Adds a field where the add-on reads it first.
    pub(super) fn field(&mut self, sources: &[FieldSource], value: &str) -> anyhow::Result<()> {
        match sources.first().context("the field has no source")? {
            FieldSource::Parameter(name) => self.parameter(name, value),
            FieldSource::Header(name) => self.headers.push((name.clone(), value.to_owned())),
        }
        Ok(())
    }

    /// Adds what the publisher demands besides the signature.
    pub(super) fn credentials(&mut self, require: &Requirements) {
        for (name, secret) in &require.parameters {
            self.query
                .push((name.clone(), secret.expose_secret().to_owned()));
        }
        for (name, secret) in &require.headers {
            self.headers
                .push((name.clone(), secret.expose_secret().to_owned()));
        }
        if let Some((user, password)) = &require.basic {
            let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
            self.headers.push((AUTHORIZATION, format!("Basic {pair}")));
        }
    }

    /// Adds the headers that name the add-on and the invocation.
    pub(super) fn twilio(&mut self, account: AccountSid, add_on: &AddOnConfig) {
        let request = format!("XR{}", fresh_digits());
        for (name, value) in [
            (&headers::VENDOR_ACCOUNT, account.to_string()),
            (&headers::ADD_ON, add_on.terms.add_on.to_string()),
            (&headers::REQUEST, request),
        ] {
            self.headers.push((name.clone(), value));
        }
    }

    /// Signs the draft as it would be called at a public URL.
    pub(super) fn sign(self, url: &PublicUrl, key: &SigningKey) -> anyhow::Result<Request<Bytes>> {
        let (content_type, body) = self.content()?;
        let mut query = self.query;
        let hashed = match self.shape {
            Shape::Json => true,
            Shape::Multipart => self.proof == MultipartProof::BodyHash,
            Shape::Get | Shape::Form => false,
        };
        if hashed {
            query.push((BODY_HASH.to_owned(), body_hash(&body)));
        }
        let target = match query.is_empty() {
            true => self.path,
            false => format!("{}?{}", self.path, encode(&query)),
        };
        let form = match self.shape {
            Shape::Form => signing_order(self.body),
            Shape::Multipart if self.proof == MultipartProof::SignedFields => {
                signing_order(self.body)
            }
            Shape::Get | Shape::Json | Shape::Multipart => Vec::new(),
        };
        let text = SignedText::at(url, &target).with_form(&form);
        let signature = key.sign(Algorithm::HmacSha1, &text);
        let method = match self.shape {
            Shape::Get => Method::GET,
            Shape::Form | Shape::Json | Shape::Multipart => Method::POST,
        };
        let host = url.to_string();
        let host = host
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, host.unwrap_or_default())
            .header(&SIGNATURE_HEADER, signature);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        for (name, value) in self.headers {
            request = request.header(name, HeaderValue::from_str(&value)?);
        }
        Ok(request.body(body)?)
    }

    fn content(&self) -> anyhow::Result<(Option<String>, Bytes)> {
        Ok(match self.shape {
            Shape::Get => (None, Bytes::new()),
            Shape::Form => (
                Some("application/x-www-form-urlencoded".to_owned()),
                Bytes::from(encode(&self.body)),
            ),
            Shape::Multipart => self.in_parts(),
            Shape::Json => {
                let members = self.body.iter().cloned();
                let object: serde_json::Map<_, _> =
                    members.map(|(name, value)| (name, value.into())).collect();
                let text = serde_json::to_vec(&object)?;
                (Some("application/json".to_owned()), Bytes::from(text))
            }
        })
    }

    /// The texts, and then the audio.
    fn in_parts(&self) -> (Option<String>, Bytes) {
        let boundary = fresh_digits();
        let mut body = Vec::new();
        for (name, value) in &self.body {
            let name = part_name(name);
            let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            let part = format!("--{boundary}\r\n{head}{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        if let Some((name, audio)) = &self.audio {
            let name = part_name(name);
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"audio.wav\"\r\n\
                 Content-Type: audio/x-wav\r\n\r\n"
            );
            body.extend_from_slice(format!("--{boundary}\r\n{head}").as_bytes());
            body.extend_from_slice(audio);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        (Some(kind), body.into())
    }
}

/// A part's name, between its quotes, as browsers write it.
fn part_name(name: &str) -> String {
    let name = name.replace('"', "%22");
    name.replace('\r', "%0D").replace('\n', "%0A")
}

fn encode(parameters: &[Parameter]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// 32 hexadecimal digits that no earlier call had. They need not be unguessable.
fn fresh_digits() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seed = format!("{:?} {}", now.unwrap_or_default(), process::id());
    body_hash(seed.as_bytes())[..32].to_owned()
}
