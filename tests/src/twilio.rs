//! Twilio's side: requests, signed after its documentation, and what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::PUBLIC_URL;
use crate::host::Secrets;

/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A client that calls as one account.
#[derive(Clone)]
pub struct Twilio {
    address: String,
    account: String,
    token: String,
    public_url: String,
    secrets: Secrets,
}

/// A request. It is signed when it is sent, unless it carries a signature already.
#[must_use]
#[derive(Clone)]
pub struct Signed {
    twilio: Twilio,
    method: Method,
    target: String,
    headers: HeaderMap,
    form: Vec<(String, String)>,
    body: Bytes,
    signature: Option<String>,
    signed: bool,
    title_case: bool,
}

/// What the host answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// The signature over a URL and a form's parameters.
#[must_use]
pub fn sign(token: &str, url: &str, form: &[(String, String)]) -> String {
    let mut form = form.to_vec();
    form.sort();
    form.dedup();
    let text = form
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    let mut mac: Hmac<Sha1> = Hmac::new_from_slice(token.as_bytes()).expect("any key will do");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The hash that covers a body which is no form.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Twilio {
    pub(crate) fn new(address: &str, account: &str, token: &str, secrets: Secrets) -> Self {
        Self {
            address: address.to_owned(),
            account: account.to_owned(),
            token: token.to_owned(),
            public_url: PUBLIC_URL.to_owned(),
            secrets,
        }
    }

    /// The same client, calling another public URL.
    #[must_use]
    pub fn at(mut self, public_url: &str) -> Self {
        public_url.clone_into(&mut self.public_url);
        self
    }

    /// The same client, connecting elsewhere.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// A GET of a path and query.
    pub fn get(&self, target: &str) -> Signed {
        self.request(Method::GET, target)
    }

    /// A GET that looks a number up.
    pub fn lookup(&self, add_on: &str, number: &str) -> Signed {
        let query: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
        self.keep_secret(number);
        self.get(&format!("/lookups?phone={query}")).add_on(add_on)
    }

    /// A POST of a form.
    pub fn form(&self, target: &str, parameters: &[(&str, &str)]) -> Signed {
        let mut request = self.request(Method::POST, target);
        request.form = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        request.body = Bytes::from(body);
        request.header("content-type", FORM)
    }

    /// A POST of JSON, covered by its hash in the URL.
    pub fn json(&self, target: &str, body: &str) -> Signed {
        let separator = if target.contains('?') { '&' } else { '?' };
        let hash = body_hash(body.as_bytes());
        let mut request = self.request(
            Method::POST,
            &format!("{target}{separator}bodySHA256={hash}"),
        );
        request.body = Bytes::from(body.to_owned());
        request.header("content-type", "application/json")
    }

    /// Keeps a text out of the host's log: the test fails if it is found there at the end.
    pub(crate) fn keep_secret(&self, text: &str) {
        self.secrets
            .lock()
            .expect("no test panics here")
            .insert(text.to_owned());
    }

    /// A request with nothing but the account's name.
    pub fn request(&self, method: Method, target: &str) -> Signed {
        Signed {
            twilio: self.clone(),
            method,
            target: target.to_owned(),
            headers: HeaderMap::new(),
            form: Vec::new(),
            body: Bytes::new(),
            signature: None,
            signed: true,
            title_case: false,
        }
        .header(
            "host",
            self.public_url.split("://").nth(1).unwrap_or_default(),
        )
        .header("x-twilio-vendoraccountsid", &self.account.clone())
    }
}

impl Signed {
    /// Sets a header; an earlier one of the name is replaced.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_str(value).expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// Adds a header beside those of its name.
    pub fn another_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers
            .append(name, value.parse().expect("a header's value"));
        self
    }

    /// Removes a header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Has the signature cover these parameters, whatever the body holds.
    pub(crate) fn covering(mut self, parameters: Vec<(String, String)>) -> Self {
        self.form = parameters;
        self
    }

    /// Names the add-on.
    pub fn add_on(self, sid: &str) -> Self {
        self.header("x-twilio-addonsid", sid)
    }

    /// Names the invocation.
    pub fn request_sid(self, sid: &str) -> Self {
        self.header("x-twilio-requestsid", sid)
    }

    /// Leaves the signature out.
    pub fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    /// Signs now: what is changed afterwards is tampered with.
    pub fn sealed(mut self) -> Self {
        self.signature = Some(self.signature());
        self
    }

    /// Carries this signature.
    pub fn signature_of(mut self, signature: &str) -> Self {
        self.signature = Some(signature.to_owned());
        self
    }

    /// The signature that belongs to this request.
    #[must_use]
    pub fn signature(&self) -> String {
        let url = format!("{}{}", self.twilio.public_url, self.target);
        sign(&self.twilio.token, &url, &self.form)
    }

    /// Changes path and query.
    pub fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Changes the method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Changes the body's bytes, and nothing else.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Writes the headers' names in title case, and not in lower case.
    pub fn title_case(mut self) -> Self {
        self.title_case = true;
        self
    }

    /// Sends the request on a connection of its own.
    ///
    /// # Panics
    /// Where there is no answer.
    pub async fn send(self) -> Answer {
        let title_case = self.title_case;
        let address = self.twilio.address.clone();
        let stream = TcpStream::connect(address).await;
        let stream = stream.expect("the host listens");
        exchange(stream, self.into_request(), title_case).await
    }

    /// Sends the request on a connection that is made already, and ends that.
    ///
    /// # Panics
    /// Where there is no answer.
    pub async fn send_over(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> Answer {
        exchange(stream, self.into_request(), false).await
    }

    /// The request as a client's library takes it.
    #[must_use]
    pub fn into_request(self) -> Request<Full<Bytes>> {
        let (head, body) = self.with_signature().split();
        Request::from_parts(head, Full::new(body))
    }

    /// Where the request goes to.
    pub(crate) fn address(&self) -> &str {
        &self.twilio.address
    }

    /// The request as it travels on a connection that is kept.
    #[must_use]
    pub fn raw(self) -> Vec<u8> {
        let (body, length) = (self.body.clone(), self.body.len());
        let mut raw = self
            .header("content-length", &length.to_string())
            .raw_head();
        raw.extend_from_slice(&body);
        raw
    }

    /// The request's head as it travels, with the empty line that ends it.
    pub(crate) fn raw_head(self) -> Vec<u8> {
        let (head, _) = self.with_signature().split();
        let mut raw = format!("{} {} HTTP/1.1\r\n", head.method, head.uri).into_bytes();
        for (name, value) in &head.headers {
            raw.extend_from_slice(name.as_str().as_bytes());
            raw.extend_from_slice(b": ");
            raw.extend_from_slice(value.as_bytes());
            raw.extend_from_slice(b"\r\n");
        }
        raw.extend_from_slice(b"\r\n");
        raw
    }

    fn with_signature(mut self) -> Self {
        if self.signed {
            let signature = self.signature.clone().unwrap_or_else(|| self.signature());
            self.twilio.keep_secret(&signature);
            let value = HeaderValue::from_str(&signature).expect("a header's value");
            self.headers.insert("x-twilio-signature", value);
        }
        self
    }

    fn split(self) -> (http::request::Parts, Bytes) {
        let mut request = Request::new(());
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().expect("a target");
        *request.headers_mut() = self.headers;
        (request.into_parts().0, self.body)
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    title_case: bool,
) -> Answer {
    let (mut sender, connection) = http1::Builder::new()
        .title_case_headers(title_case)
        .handshake(TokioIo::new(stream))
        .await
        .expect("a connection");
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.expect("an answer");
    let answer = Answer::of(response).await;
    connection.abort();
    answer
}

impl Answer {
    /// What a client's library was given.
    ///
    /// # Panics
    /// Where the body breaks off.
    pub async fn of(response: Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Self {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The `error_code` of the body; `null` where the add-on answered.
    #[must_use]
    pub fn error_code(&self) -> serde_json::Value {
        self.json()["error_code"].clone()
    }

    /// Status and body on two lines, for snapshots.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}\n{}", self.status, self.text())
    }
}
