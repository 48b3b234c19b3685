//! `jackfield verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use secrecy::SecretString;

use super::output;
use crate::config::Environment;
use crate::protocol::parameters;
use crate::protocol::public_url::UrlParts;
use crate::protocol::received::BodyKind;
use crate::protocol::signature::{
    Algorithm, SignatureError, SignedText, SigningKey, UrlForm, check_body_hash, find,
    signing_order,
};

/// Check one signature, as when Twilio reports a 403.
///
/// The token is AUTH_TOKEN, from the environment or from `.env`. Where the signature is
/// bad, the mistakes that are made most often are tried out.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  it is good
  1  it is not
  2  there is no AUTH_TOKEN, or the URL or a file cannot be read

Examples:
  jackfield verify --url 'https://addons.example.com/lookups?phone=%2B15005550006' \\
      --signature '/drOOH7iMp1gsFWSunGlMrNJFWg='")]
pub(super) struct Verify {
    /// The URL that Twilio called, whole and as it was sent.
    #[arg(long)]
    url: String,
    /// The body of a form, urlencoded as it was sent.
    #[arg(long, value_name = "BODY", conflicts_with = "body_file")]
    form: Option<String>,
    /// A file with any other body, byte for byte.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// The value of X-Twilio-Signature.
    #[arg(long)]
    signature: String,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let environment = Environment::load(Path::new("."))?;
        let token = environment
            .get("AUTH_TOKEN")
            .context("set AUTH_TOKEN, in the environment or in `.env`")?;
        let key = SigningKey::new(&SecretString::from(token));
        let (good, verdict) = self.judge(&key)?;
        output::line(&verdict);
        Ok(match good {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }

    fn judge(&self, key: &SigningKey) -> anyhow::Result<(bool, String)> {
        let url = UrlParts::parse(&self.url).context("--url")?;
        let body = self.body()?;
        let form = match &self.form {
            Some(form) => signing_order(parameters::decode(form.as_bytes())?),
            None => Vec::new(),
        };
        let text = SignedText::over(url).with_form(&form);
        let keys = std::slice::from_ref(key);
        let proof = find(&self.signature, Algorithm::HmacSha1, keys, &text);
        let Some(proof) = proof else {
            return Ok((false, self.advice(key, &url)));
        };
        let query = url.rest.split_once('?').map_or("", |(_, query)| query);
        let query = parameters::decode(query.as_bytes())?;
        let over = over(proof.form, &url);
        match check_body_hash(self.kind(&body), &body, &query) {
            Ok(()) => Ok((true, format!("good: the signature is over {over}"))),
            Err(SignatureError::BodyUncovered) => Ok((
                false,
                format!("bad: the URL is signed ({over}), but not the body: it has no bodySHA256"),
            )),
            Err(_) => Ok((
                false,
                format!("bad: the URL is signed ({over}), but its bodySHA256 is of another body"),
            )),
        }
    }

    fn body(&self) -> anyhow::Result<Vec<u8>> {
        match &self.body_file {
            None => Ok(Vec::new()),
            Some(file) => {
                std::fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))
            }
        }
    }

    fn kind(&self, body: &[u8]) -> BodyKind {
        match (&self.form, body.is_empty()) {
            (Some(_), _) => BodyKind::Form,
            (None, true) => BodyKind::Empty,
            (None, false) => BodyKind::Other,
        }
    }

    /// What is wrong most often, tried out.
    fn advice(&self, key: &SigningKey, url: &UrlParts<'_>) -> String {
        let bad = "bad: the token does not give this signature over the URL";
        let signs = |text: &SignedText<'_>| {
            find(
                &self.signature,
                Algorithm::HmacSha1,
                std::slice::from_ref(key),
                text,
            )
            .is_some()
        };
        if self.form.is_some() && signs(&SignedText::over(*url)) {
            return format!("{bad} and this form; it does over the URL alone, so leave --form out");
        }
        let other = match url.origin.strip_prefix("https://") {
            Some(host) => format!("http://{host}"),
            None => url.origin.replacen("http://", "https://", 1),
        };
        let swapped = UrlParts {
            origin: &other,
            ..*url
        };
        let form = self.form.as_deref().unwrap_or_default();
        let form = parameters::decode(form.as_bytes())
            .map(signing_order)
            .unwrap_or_default();
        if signs(&SignedText::over(swapped).with_form(&form)) {
            return format!("{bad}; it does over `{other}`, so correct the scheme of `public_url`");
        }
        format!(
            "{bad}, with or without its port; compare scheme, host, path and query byte for byte"
        )
    }
}

fn over(form: UrlForm, url: &UrlParts<'_>) -> String {
    let port = match form {
        UrlForm::AsGiven => url.port,
        UrlForm::PortRemoved => None,
        UrlForm::PortAdded => Some(url.default_port()),
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!(
        "the URL {}, {}{port}{}",
        form.in_words(),
        url.origin,
        url.rest
    )
}
