//! How a call reaches the host: over plain HTTP, or by TLS as Twilio comes. Then the host has
//! to be who Twilio calls, whatever address it is reached at.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, Error};

use crate::config::ServerConfig;
use crate::egress::{Authorities, Roots, client_config};
use crate::protocol::public_url::{PublicUrl, UrlParts};

/// Longer than any add-on may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way to the host.
pub(super) struct Way {
    /// Name or address, and port.
    address: String,
    tls: Option<Tls>,
}

/// Who has to answer by TLS, and who is believed about that.
struct Tls {
    url: PublicUrl,
    ca: Option<PathBuf>,
}

impl Way {
    /// The way that the configuration tells, unless `to` tells another.
    ///
    /// # Errors
    /// Where `to` is no address, or `ca` is for a way without TLS.
    pub(super) fn new(
        server: &ServerConfig,
        url: &PublicUrl,
        to: Option<&str>,
        ca: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        let (secure, address) = match to {
            None => (None, server.listen.to_string()),
            Some(to) if to.contains("://") => whole(to)?,
            Some(to) => (None, to.to_owned()),
        };
        let secure = secure.unwrap_or(server.tls.is_some());
        ensure!(
            secure || ca.is_none(),
            "no TLS is spoken with {address}: write `--to https://{address}`, or leave out --ca"
        );
        let url = url.clone();
        let tls = secure.then_some(Tls { url, ca });
        Ok(Self { address, tls })
    }

    /// What curl has to be told to go the same way to a target.
    pub(super) fn curl(&self, target: &str) -> Vec<String> {
        let Self { address, tls } = self;
        let Some(Tls { url, ca }) = tls else {
            return vec![format!("http://{address}{target}")];
        };
        let host = url.origin().split_once("://").map_or("", |(_, host)| host);
        let mut words = vec!["--connect-to".to_owned(), format!("::{address}")];
        if let Some(ca) = ca {
            words.extend(["--cacert".to_owned(), ca.display().to_string()]);
        }
        words.push(format!("https://{host}{target}"));
        words
    }

    /// Makes the call.
    ///
    /// # Errors
    /// Where there is no connection, or no answer in time.
    pub(super) async fn send(&self, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        tokio::time::timeout(PATIENCE, self.exchange(request))
            .await
            .with_context(|| format!("no answer within {PATIENCE:?}"))?
    }

    async fn exchange(&self, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
        let address = &self.address;
        let stream = TcpStream::connect(address).await.with_context(|| {
            format!("no host listens on {address}: start one with `jackfield serve`")
        })?;
        match &self.tls {
            Some(tls) => exchange(tls.over(stream, address).await?, request).await,
            None => exchange(stream, request).await.with_context(|| {
                format!(
                    "no answer in plain HTTP from {address}: if it speaks TLS, write \
                     `--to https://{address}`"
                )
            }),
        }
    }
}

/// Whether there is TLS, and the address, where a text says both.
fn whole(to: &str) -> anyhow::Result<(Option<bool>, String)> {
    let parts = UrlParts::parse(to).with_context(|| format!("`{to}` is no address"))?;
    let bare = ["", "/"].contains(&parts.rest);
    ensure!(
        bare,
        "`{to}` has a path: the configuration tells which is called"
    );
    let (scheme, host) = parts
        .origin
        .split_once("://")
        .context("there is no scheme")?;
    let port = parts.port.unwrap_or(parts.default_port());
    let secure = scheme.eq_ignore_ascii_case("https");
    Ok((Some(secure), format!("{host}:{port}")))
}

impl Tls {
    /// Speaks TLS with whoever has the certificate of the public URL.
    async fn over(&self, stream: TcpStream, at: &str) -> anyhow::Result<TlsStream<TcpStream>> {
        let host = self.url.host();
        let name = ServerName::try_from(host.to_owned());
        let name = name.with_context(|| format!("no certificate can be for `{host}`"))?;
        let config = client_config(self.roots()?);
        let connector = TlsConnector::from(Arc::new(config));
        let secured = connector.connect(name, stream).await;
        secured.map_err(|error| {
            let words = match error.downcast::<Error>() {
                Ok(error) => in_words(&error, host, at),
                Err(error) => format!("{error}: {}", perhaps_plain(at)),
            };
            anyhow::anyhow!("no TLS with {at}: {words}")
        })
    }

    fn roots(&self) -> anyhow::Result<Roots> {
        let own = match &self.ca {
            None => Authorities::default(),
            Some(file) => {
                let pem = std::fs::read(file);
                let pem = pem.with_context(|| format!("cannot read `{}`", file.display()))?;
                let own = Authorities::parse(&pem);
                own.with_context(|| format!("`{}` is no good", file.display()))?
            }
        };
        Ok(Roots::of_the_system_and(&own))
    }
}

/// What is wrong, and what to do about it where that is known.
fn in_words(error: &Error, host: &str, at: &str) -> String {
    match error {
        // Another authority may have the name of the one that did.
        Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => "no authority that is known here has signed its certificate: name yours with --ca"
            .to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!("its certificate is not for `{host}`, which is what Twilio calls"),
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired".to_owned(),
        Error::InvalidMessage(_) => perhaps_plain(at),
        other => other.to_string(),
    }
}

fn perhaps_plain(at: &str) -> String {
    format!("if it speaks plain HTTP, write `--to http://{at}`")
}

async fn exchange<S>(stream: S, request: Request<Bytes>) -> anyhow::Result<Response<Bytes>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request.map(Full::new)).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(Response::from_parts(head, body))
}
