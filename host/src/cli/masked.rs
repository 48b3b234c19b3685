//! What `observe` keeps of a request: its shape, with every value masked.

use std::path::Path;

use anyhow::Context;
use bytes::Bytes;
use http::HeaderName;
use serde::{Deserialize, Serialize};

use super::signed::Draft;
use crate::protocol::fields::{FieldMap, FieldSource};
use crate::protocol::freshness::FreshnessRule;
use crate::protocol::parameters::{self, BODY_HASH};
use crate::protocol::received::{BodyKind, Received};
use crate::protocol::shape::Shape;

/// A name and the shape of its value: letters are `x`, digits are `0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Masked {
    pub(super) name: String,
    pub(super) value: String,
}

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: Option<String>,
    pub(super) is_file: bool,
    pub(super) content_type: Option<String>,
    pub(super) bytes: usize,
}

/// One request, as far as it may be shown to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Observed {
    pub(super) method: String,
    pub(super) http_version: String,
    pub(super) path: String,
    pub(super) query: Vec<Masked>,
    pub(super) headers: Vec<Masked>,
    pub(super) body_type: Option<String>,
    pub(super) body_bytes: usize,
    pub(super) body: Vec<Masked>,
    pub(super) parts: Vec<Part>,
    pub(super) body_sha256: String,
    pub(super) date_and_ttl_fields: Vec<String>,
    pub(super) signature: String,
}

/// Masks a value: what it looks like stays, what it says goes.
pub(super) fn mask(value: &str) -> String {
    value
        .chars()
        .map(|c| match c {
            c if c.is_ascii_digit() => '0',
            c if c.is_alphabetic() || c.is_numeric() => 'x',
            c => c,
        })
        .collect()
}

/// Masks what may be an address or a key in a path; plain words tell what was called.
fn masked_path(path: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c == '-' || c == '_';
    let is_version = |part: &str| {
        let number = part.strip_prefix('v').unwrap_or("-");
        number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let shown = |part: &str| match part.chars().all(plain) || is_version(part) {
        true => part.to_owned(),
        false => mask(part),
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

fn masked<'a>(pairs: impl IntoIterator<Item = &'a (String, String)>) -> Vec<Masked> {
    pairs
        .into_iter()
        .map(|(name, value)| Masked {
            name: name.clone(),
            value: mask(value),
        })
        .collect()
}

/// Names that look like the invocation date or the time to live, which Twilio documents
/// without naming them.
fn looks_like_date_or_ttl(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["date", "time", "ttl", "expir"]
        .iter()
        .any(|part| name.contains(part))
}

impl Observed {
    /// Masks one request. `signature` tells what was found out about it.
    pub(super) async fn of(received: &Received, version: http::Version, signature: String) -> Self {
        let query = parameters::decode(received.query().as_bytes()).unwrap_or_default();
        let body = match received.body_kind() {
            BodyKind::Form => parameters::decode(&received.body).unwrap_or_default(),
            BodyKind::Json => json_members(&received.body),
            BodyKind::Empty | BodyKind::Other | BodyKind::Multipart => Vec::new(),
        };
        let headers: Vec<(String, String)> = received
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let names = query
            .iter()
            .chain(&body)
            .chain(&headers)
            .map(|(name, _)| name);
        Self {
            method: received.method.to_string(),
            http_version: format!("{version:?}"),
            path: masked_path(received.target.split('?').next().unwrap_or_default()),
            date_and_ttl_fields: names
                .filter(|name| looks_like_date_or_ttl(name))
                .cloned()
                .collect(),
            body_type: received
                .sole_header("content-type")
                .and_then(|value| value.split(';').next())
                .map(str::to_owned),
            body_bytes: received.body.len(),
            parts: parts(received).await,
            body_sha256: hash_state(received, &query).to_owned(),
            query: masked(&query),
            headers: masked(&headers),
            body: masked(&body),
            signature,
        }
    }

    /// Reads a recorded request.
    pub(super) fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display();
        let text = std::fs::read(file).with_context(|| format!("`{name}` cannot be read"))?;
        serde_json::from_slice(&text).with_context(|| format!("`{name}` was not made by `observe`"))
    }

    /// The recorded request as a draft: its parameters with their masked values, but for
    /// a real number and a date of now. A time to live is left out: the default one holds.
    pub(super) fn draft(
        &self,
        path: &str,
        fields: &FieldMap,
        freshness: &FreshnessRule,
        phone: &str,
    ) -> anyhow::Result<Draft> {
        let json = self
            .body_type
            .as_deref()
            .is_some_and(|kind| kind.ends_with("json"));
        let shape = match (self.method.as_str(), json) {
            ("GET", _) => Shape::Get,
            (_, true) => Shape::Json,
            (_, false) => Shape::Form,
        };
        let now = jiff::Timestamp::now().to_string();
        let own = |pair: &Masked| {
            let name = pair.name.as_str();
            if names(&freshness.ttl, name) {
                return None;
            }
            let value = match (names(&fields.phone, name), names(&freshness.date, name)) {
                (true, _) => phone,
                (false, true) => &now,
                (false, false) => &pair.value,
            };
            Some((name.to_owned(), value.to_owned()))
        };
        let mut draft = Draft::new(shape, path);
        let hash = |pair: &&Masked| pair.name != BODY_HASH;
        draft.query = self.query.iter().filter(hash).filter_map(own).collect();
        draft.body = self.body.iter().filter_map(own).collect();
        if !draft
            .query
            .iter()
            .chain(&draft.body)
            .any(|(name, _)| names(&fields.phone, name))
        {
            draft.field(&fields.phone, phone)?;
        }
        for header in self
            .headers
            .iter()
            .filter(|header| is_replayed(&header.name))
        {
            draft
                .headers
                .push((header.name.parse::<HeaderName>()?, header.value.clone()));
        }
        Ok(draft)
    }
}

/// Whether a field is read from a parameter of this name.
fn names(sources: &[FieldSource], name: &str) -> bool {
    let is = |source: &FieldSource| matches!(source, FieldSource::Parameter(own) if own == name);
    sources.iter().any(is)
}

/// Headers that a repeated request keeps: not those that the connection, the signature
/// or the identifiers set anew, nor credentials, whose masked values are wrong.
fn is_replayed(name: &str) -> bool {
    const SET_ANEW: [&str; 9] = [
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "transfer-encoding",
    ];
    !SET_ANEW.contains(&name) && !name.starts_with("x-twilio-") && !name.starts_with("x-forwarded")
}

fn hash_state(received: &Received, query: &[(String, String)]) -> &'static str {
    let hashes: Vec<_> = query.iter().filter(|(name, _)| name == BODY_HASH).collect();
    let actual = crate::protocol::signature::body_hash(&received.body);
    match hashes.as_slice() {
        [] => "absent",
        [(_, hash)] if *hash == actual => "right",
        several if several.iter().all(|(_, hash)| *hash == actual) => "right, repeated",
        _ => "wrong",
    }
}

fn json_members(body: &[u8]) -> Vec<(String, String)> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(body).unwrap_or_default();
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    object
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect()
}

/// The parts of a multipart body, as far as it can be read.
async fn parts(received: &Received) -> Vec<Part> {
    let content_type = received.sole_header("content-type").unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(content_type) else {
        return Vec::new();
    };
    let body = received.body.clone();
    let once = futures_util::stream::once(async move { Ok::<Bytes, std::io::Error>(body) });
    let mut multipart = multer::Multipart::new(once, boundary);
    let mut parts = Vec::new();
    while let Ok(Some(field)) = multipart.next_field().await {
        parts.push(Part {
            name: field.name().map(str::to_owned),
            is_file: field.file_name().is_some(),
            content_type: field.content_type().map(ToString::to_string),
            bytes: field.bytes().await.map_or(0, |bytes| bytes.len()),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_value_keeps_its_looks_alone() {
        assert_eq!(mask("+1 (500) 555-0006"), "+0 (000) 000-0000");
        assert_eq!(mask("Müller, 7b"), "xxxxxx, 0x");
        assert_eq!(mask("2026-01-02T03:04:05Z"), "0000-00-00x00:00:00x");
    }

    #[test]
    fn a_masked_path_keeps_its_words_and_its_version() {
        for (path, expected) in [
            ("/", "/"),
            ("/api/v2/incoming-sms", "/api/v2/incoming-sms"),
            ("/cnam/+15005550006", "/cnam/+00000000000"),
            ("/cnam/%2B15005550006/v155", "/cnam/%0x00000000000/x000"),
            ("/k/aB3dE", "/k/xx0xx"),
        ] {
            assert_eq!(masked_path(path), expected);
        }
    }
}
