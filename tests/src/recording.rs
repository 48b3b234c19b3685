//! Twilio's side of an asynchronous add-on: a recording is posted, with its audio or with
//! where the audio is, and signed in one of the ways that no public text decides between.

mod names;
mod upload;

pub use self::names::{Naming, Shape};
pub use self::upload::Upload;

use std::io;

use bytes::Bytes;
use http::Method;

use self::names::Facts;
use crate::body::Body;
use crate::multipart::Multipart;
use crate::twilio::{Answer, FORM, Signed, Twilio};
use crate::wav::{Large, Wav};

/// The boundary, unless a test has another.
const BOUNDARY: &str = "------------------------7d5c1fb2a0e94c31";

/// What the signature of a multipart request covers. All of them cover the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// The whole body, by its hash in the URL.
    BodyHash,
    /// The text fields, as those of a form.
    Fields,
    /// Nothing else.
    UrlOnly,
}

/// Where the audio is.
#[derive(Debug, Clone)]
enum Audio {
    /// In the request.
    Sent(Body),
    /// Behind a temporary URL.
    At(String),
    /// Nowhere.
    Nowhere,
}

/// A recording that is going to be posted.
#[must_use]
#[derive(Clone)]
pub struct Recording {
    twilio: Twilio,
    path: String,
    naming: Naming,
    shape: Shape,
    cover: Cover,
    audio: Audio,
    facts: Facts,
    callback: Option<String>,
    /// Fields that are set, or left out, after all others.
    edits: Vec<(String, Option<String>)>,
    headers: Vec<(String, String)>,
    boundary: String,
    /// How many text fields precede the audio.
    before: usize,
    unsigned: bool,
    /// What is sent in place of the body that belongs to all this.
    instead: Option<Body>,
    content_type: Option<String>,
    announced: Option<u64>,
}

impl Twilio {
    /// A recording for an add-on: a second of a tone, by the names of the reference, its
    /// whole body covered by the signature.
    pub fn recording(&self, add_on: &str) -> Recording {
        let blank = Recording {
            twilio: self.clone(),
            path: "/recordings".to_owned(),
            naming: Naming::Reference,
            shape: Shape::Multipart,
            cover: Cover::BodyHash,
            audio: Audio::Nowhere,
            facts: Facts::default(),
            callback: None,
            edits: Vec::new(),
            headers: vec![("x-twilio-addonsid".to_owned(), add_on.to_owned())],
            boundary: BOUNDARY.to_owned(),
            before: usize::MAX,
            unsigned: false,
            instead: None,
            content_type: None,
            announced: None,
        };
        blank.audio(&Wav::tone(1_000))
    }
}

impl Recording {
    /// Posts it to another path.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Names the fields as another family of samples does.
    pub fn named(mut self, naming: Naming) -> Self {
        self.naming = naming;
        self
    }

    /// Sends the fields in another shape. Only a multipart body holds the audio itself.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// Has the signature cover something else.
    pub fn cover(mut self, cover: Cover) -> Self {
        self.cover = cover;
        self
    }

    /// Sends another recording.
    pub fn audio(mut self, wav: &Wav) -> Self {
        let bytes = wav.bytes();
        self.facts = Facts::of(wav, bytes.len() as u64);
        self.audio = Audio::Sent(Body::from(bytes));
        self
    }

    /// Sends a recording that is made while it is sent.
    pub fn large(mut self, large: Large) -> Self {
        let mut body = Body::default();
        body.make(large);
        self.facts = Facts::of_large(large);
        self.audio = Audio::Sent(body);
        self
    }

    /// Sends bytes as the audio, of which nothing is said but how many they are.
    pub fn bytes(mut self, bytes: impl Into<Bytes>) -> Self {
        let body = Body::from(bytes.into());
        self.facts = Facts::of_bytes(body.length());
        self.audio = Audio::Sent(body);
        self
    }

    /// Sends where the audio is, and what it is.
    pub fn at(mut self, url: &str) -> Self {
        self.audio = Audio::At(url.to_owned());
        self
    }

    /// Sends no audio at all.
    pub fn no_audio(mut self) -> Self {
        self.audio = Audio::Nowhere;
        self
    }

    /// Says where the result is to be posted.
    pub fn callback(mut self, url: &str) -> Self {
        self.callback = Some(url.to_owned());
        self
    }

    /// Sets a field, whatever it is otherwise.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.edits.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// Leaves a field out.
    pub fn without_field(mut self, name: &str) -> Self {
        self.edits.push((name.to_owned(), None));
        self
    }

    /// Names the invocation.
    pub fn request_sid(self, sid: &str) -> Self {
        self.header("x-twilio-requestsid", sid)
    }

    /// Names the installation of the add-on.
    pub fn install(self, sid: &str) -> Self {
        self.header("x-twilio-addoninstallsid", sid)
    }

    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Holds the parts apart by another boundary.
    pub fn boundary(mut self, boundary: &str) -> Self {
        boundary.clone_into(&mut self.boundary);
        self
    }

    /// Puts so many text fields before the audio, and the others behind it.
    pub fn audio_after(mut self, fields: usize) -> Self {
        self.before = fields;
        self
    }

    /// Leaves the signature out.
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Sends, and signs, this body in place of its own.
    pub fn instead(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.content_type = Some(content_type.to_owned());
        self.instead = Some(body.into());
        self
    }

    /// Announces a body of another length than it has.
    pub fn announced(mut self, length: u64) -> Self {
        self.announced = Some(length);
        self
    }

    /// The text fields, in the order in which they are sent.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        let url = match &self.audio {
            Audio::At(url) => Some(url.as_str()),
            Audio::Sent(_) | Audio::Nowhere => None,
        };
        let mut fields = self
            .naming
            .fields(&self.facts, url, self.callback.as_deref());
        for (name, value) in &self.edits {
            fields.retain(|(field, _)| field != name);
            fields.extend(value.iter().map(|value| (name.clone(), value.clone())));
        }
        fields
    }

    /// The body, and what announces it.
    #[must_use]
    pub fn body(&self) -> (String, Body) {
        let (content_type, body) = self.own_body();
        (
            self.content_type.clone().unwrap_or(content_type),
            self.instead.clone().unwrap_or(body),
        )
    }

    /// Connects, and sends the head: the body is the test's to send.
    ///
    /// # Errors
    /// Where there is no connection.
    pub async fn open(self) -> io::Result<Upload> {
        let (_, body) = self.body();
        self.open_with(body).await
    }

    /// Does the same, and goes on with another body than the one that was signed.
    ///
    /// # Errors
    /// Where there is no connection.
    pub async fn open_with(self, other: impl Into<Body>) -> io::Result<Upload> {
        let ((content_type, body), other) = (self.body(), other.into());
        let length = self.announced.unwrap_or(other.length());
        let request = self.request(&content_type, &body);
        let address = request.address().to_owned();
        let request = request.header("content-length", &length.to_string());
        Upload::open(&address, &request.raw_head(), other).await
    }

    /// Sends all of it.
    ///
    /// # Errors
    /// Where the connection, or the host, is gone before there is an answer.
    pub async fn try_send(self) -> io::Result<Answer> {
        self.open().await?.finish().await
    }

    /// Sends all of it.
    ///
    /// # Panics
    /// Where there is no answer.
    pub async fn send(self) -> Answer {
        self.try_send().await.expect("an answer")
    }

    fn own_body(&self) -> (String, Body) {
        let fields = self.fields();
        match self.shape {
            Shape::Multipart => self.multipart(&fields),
            Shape::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                (FORM.to_owned(), form.extend_pairs(fields).finish().into())
            }
            Shape::Json => {
                let object: serde_json::Map<_, _> = fields
                    .into_iter()
                    .map(|(name, value)| (name, value.into()))
                    .collect();
                let text = serde_json::Value::Object(object).to_string();
                ("application/json".to_owned(), text.into())
            }
        }
    }

    fn multipart(&self, fields: &[(String, String)]) -> (String, Body) {
        let (before, behind) = fields.split_at(self.before.min(fields.len()));
        let all = |form: Multipart, fields: &[(String, String)]| {
            fields
                .iter()
                .fold(form, |form, (name, value)| form.field(name, value))
        };
        let mut form = all(Multipart::new(&self.boundary), before);
        if let Audio::Sent(audio) = &self.audio {
            form = form.file(self.naming.audio(), audio.clone());
        }
        let form = all(form, behind);
        (form.content_type(), form.end())
    }

    fn request(&self, content_type: &str, body: &Body) -> Signed {
        let hashed = match self.shape {
            Shape::Multipart => self.cover == Cover::BodyHash,
            Shape::Form => false,
            Shape::Json => true,
        };
        let covers_fields = match self.shape {
            Shape::Multipart => self.cover == Cover::Fields,
            Shape::Form => true,
            Shape::Json => false,
        };
        let target = match hashed {
            true => {
                let separator = if self.path.contains('?') { '&' } else { '?' };
                format!("{}{separator}bodySHA256={}", self.path, body.hash())
            }
            false => self.path.clone(),
        };
        let request = self.twilio.request(Method::POST, &target);
        let request = request.header("content-type", content_type);
        let headers = self.headers.iter();
        let request = headers.fold(request, |it, (name, value)| it.header(name, value));
        match (self.unsigned, covers_fields) {
            (true, _) => request.unsigned(),
            (false, true) => request.covering(self.fields()),
            (false, false) => request,
        }
    }
}

#[cfg(test)]
mod tests;
