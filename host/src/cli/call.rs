//! `jackfield call`.

mod way;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::masked::Observed;
use super::signed::Draft;
use super::{ConfigFile, output};
use crate::config::{AddOnConfig, Config, RecordingsConfig};
use crate::protocol::fields::FieldSource;
use crate::protocol::freshness::FreshnessRule;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::shape::Shape;
use crate::protocol::signature::{MultipartProof, SigningKey};

use way::Way;

/// Call an add-on of a running host, signed as Twilio signs.
///
/// The request is printed with its signature and with what the add-on demands besides:
/// do not paste it anywhere.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  the add-on answered, and its answer holds no error; or it accepted the recording
  1  any other answer
  2  no such add-on, a mistake in the configuration, no connection, a certificate that is
     not believed or not of the public URL's name, no answer within 30 s

Examples:
  jackfield call --addon caller-name --phone +15005550006
  jackfield call --addon message-sentiment --phone +15005550006 --via incoming-sms --body hello
  jackfield call --addon caller-name --phone +15005550006 --curl | sh
  jackfield call --addon recording-insight --audio call.wav \\
     --callback https://api.twilio.com/callback
  jackfield call --addon caller-name --phone +15005550006 --to https://10.0.0.7:8443 --ca ca.pem")]
pub(super) struct Call {
    #[command(flatten)]
    file: ConfigFile,
    /// The add-on, by its name in the configuration.
    #[arg(long, value_name = "NAME")]
    addon: String,
    /// The number that is looked up, or that calls or writes.
    #[arg(long, value_name = "NUMBER", required_unless_present = "audio")]
    phone: Option<String>,
    /// The recording to analyse, a file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["phone", "body", "other", "from"])]
    audio: Option<PathBuf>,
    /// Where the result of a recording is wanted; nowhere, if this is left out.
    #[arg(long, value_name = "URL", requires = "audio")]
    callback: Option<String>,
    /// The integration point; by default the first that the add-on serves.
    #[arg(long, value_name = "POINT")]
    via: Option<IntegrationPoint>,
    /// How the parameters travel; by default the first way that the add-on takes.
    #[arg(long, value_name = "get|form|json|multipart")]
    method: Option<Shape>,
    /// The message's text.
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// The other party.
    #[arg(long, value_name = "NUMBER")]
    other: Option<String>,
    /// A further parameter; may be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = name_and_value)]
    params: Vec<(String, String)>,
    /// Repeat a request that `observe` recorded, with this number in place of its own.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["method", "body", "other", "params"])]
    from: Option<PathBuf>,
    /// Where the host listens, if not where the configuration says; with `https://` or
    /// `http://` in front, if TLS is not as the configuration says either.
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
    /// A PEM file with authorities to believe besides the system's. By TLS the host has to
    /// show a certificate for the public URL's name, wherever it listens.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print a curl command that makes the call, and make none.
    #[arg(long)]
    curl: bool,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Call {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.file.load_or_explain()?;
        let add_on = self.add_on(&config)?;
        let url = config
            .server
            .public_urls
            .first()
            .context("there is no public URL")?;
        let request = self
            .draft(add_on, &config.server.freshness)?
            .sign(url, signing_key(&config, add_on)?)?;
        let way = Way::new(&config.server, url, self.to.as_deref(), self.ca)?;
        if self.curl {
            let is_text = std::str::from_utf8(request.body()).is_ok();
            anyhow::ensure!(
                is_text,
                "the audio is no text that fits into a command: call without --curl"
            );
            output::line(&curl(&request, &way));
            return Ok(ExitCode::SUCCESS);
        }
        describe_request(&request);
        let response = super::runtime()?.block_on(way.send(request))?;
        describe_response(&response);
        Ok(match answered(&response) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn add_on<'a>(&self, config: &'a Config) -> anyhow::Result<&'a AddOnConfig> {
        let found = config
            .add_ons
            .iter()
            .find(|add_on| add_on.name.as_str() == self.addon);
        found.with_context(|| {
            let names: Vec<_> = config
                .add_ons
                .iter()
                .map(|add_on| add_on.name.as_str())
                .collect();
            format!(
                "there is no add-on `{}`; there is {}",
                self.addon,
                names.join(", ")
            )
        })
    }

    fn draft(&self, add_on: &AddOnConfig, freshness: &FreshnessRule) -> anyhow::Result<Draft> {
        let via = self.via.or_else(|| add_on.paths.points().first().copied());
        let via = via.context("the add-on serves no integration point")?;
        // An integration point that is not served is the host's to refuse.
        let path = add_on.paths.of(via).unwrap_or(via.path());
        let fields = &add_on.terms.fields;
        let taken = add_on.terms.shapes.first().copied();
        let shape = self.method.or(taken).unwrap_or(Shape::Get);
        let phone = self.phone.as_deref().unwrap_or_default();
        let mut draft = match (&self.from, &add_on.recordings) {
            (Some(file), _) => Observed::read(file)?.draft(path, fields, freshness, phone)?,
            (None, Some(recordings)) => self.recording(Draft::new(shape, path), recordings)?,
            (None, None) => {
                anyhow::ensure!(self.audio.is_none(), "the add-on is not for recordings");
                let mut draft = Draft::new(shape, path);
                draft.field(&fields.phone, phone)?;
                if let Some(other) = &self.other {
                    draft.field(&fields.other, other)?;
                }
                if let Some(body) = &self.body {
                    draft.field(&fields.body, body)?;
                }
                draft
            }
        };
        for (name, value) in &self.params {
            draft.parameter(name, value);
        }
        draft.credentials(&add_on.require);
        draft.twilio(add_on.terms.account, add_on);
        Ok(draft)
    }
}

impl Call {
    /// A recording, with its audio as a part.
    fn recording(&self, mut draft: Draft, config: &RecordingsConfig) -> anyhow::Result<Draft> {
        let file = self.audio.as_ref();
        let file = file.context("the add-on is for recordings: name one with --audio")?;
        let fields = &config.terms.fields;
        let part = fields.audio.iter().find_map(|source| match source {
            FieldSource::Parameter(name) => Some(name.clone()),
            FieldSource::Header(_) => None,
        });
        let audio = std::fs::read(file);
        let audio = audio.with_context(|| format!("cannot read `{}`", file.display()))?;
        let proof = config.terms.signature.first().copied();
        draft.shape = Shape::Multipart;
        draft.proof = proof.unwrap_or(MultipartProof::BodyHash);
        let callback = self.callback.as_deref().unwrap_or_default();
        draft.field(&fields.callback, callback)?;
        draft.audio = Some((part.context("the audio has no part")?, audio.into()));
        Ok(draft)
    }
}

fn signing_key<'a>(config: &'a Config, add_on: &AddOnConfig) -> anyhow::Result<&'a SigningKey> {
    config
        .accounts
        .iter()
        .find(|keys| keys.account == add_on.terms.account)
        .and_then(|keys| keys.tokens.first())
        .context("the add-on's account has no auth token")
}

fn describe_request(request: &Request<Bytes>) {
    output::line(&format!("> {} {}", request.method(), request.uri()));
    for (name, value) in request.headers() {
        output::line(&format!(
            "> {name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    if !request.body().is_empty() {
        output::line(">");
        output::line(&format!("> {}", shown(request.body())));
    }
}

/// A body as text, or how much of it there is.
fn shown(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("({} bytes that are no text)", body.len()),
    }
}

fn describe_response(response: &Response<Bytes>) {
    output::line(&format!("< {}", response.status()));
    for (name, value) in response.headers() {
        output::line(&format!(
            "< {name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    if response.body().is_empty() {
        return;
    }
    let pretty = serde_json::from_slice::<serde_json::Value>(response.body())
        .and_then(|value| serde_json::to_string_pretty(&value));
    match pretty {
        Ok(pretty) => output::line(&pretty),
        Err(_) => output::line(&String::from_utf8_lossy(response.body())),
    }
}

/// Whether the add-on answered: 200, and no error inside; or 202, and it will.
fn answered(response: &Response<Bytes>) -> bool {
    let body = serde_json::from_slice::<serde_json::Value>(response.body());
    let error =
        |body: &serde_json::Value| body.get("error_code").is_some_and(|code| !code.is_null());
    match response.status() {
        StatusCode::ACCEPTED => response.body().is_empty(),
        status => status.is_success() && body.is_ok_and(|body| !error(&body)),
    }
}

/// The request as a command for a shell. Headers of the signature stay valid for as long
/// as nothing in it is changed.
fn curl(request: &Request<Bytes>, way: &Way) -> String {
    let mut words = vec!["curl".to_owned(), "--silent".into(), "--show-error".into()];
    for (name, value) in request.headers() {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        words.extend(["--header".into(), quoted(&header)]);
    }
    if !request.body().is_empty() {
        let body = String::from_utf8_lossy(request.body());
        words.extend(["--data-binary".into(), quoted(&body)]);
    }
    let target = request.uri().to_string();
    words.extend(way.curl(&target).iter().map(|word| quoted(word)));
    words.join(" ")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
