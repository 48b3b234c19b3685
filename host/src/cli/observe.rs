//! `jackfield observe`.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::masked::Observed;
use super::output;
use crate::body;
use crate::clients::{ClientAddress, Reception};
use crate::config::Environment;
use crate::handle::Reply;
use crate::process::Signals;
use crate::protocol::public_url::PublicUrl;
use crate::protocol::received::Received;
use crate::protocol::signature::{self, AccountKeys, MultipartProof, SigningKey, Verified};
use crate::server::tls::Acceptor;
use crate::server::{self, Bounds, Handler};
use crate::stop::Stop;

/// A recording's audio may come along.
const LONGEST_BODY: usize = 16 * 1024 * 1024;
const SLOWEST_BODY: Duration = Duration::from_secs(30);
/// Requests beyond these are answered and not kept.
const MOST_RECORDS: usize = 1000;

/// Record what requests look like, for the first contact with the real Twilio.
///
/// A fixed object is answered, and of each request a file is kept, its values masked, that
/// `call --from` can repeat. The tokens are AUTH_TOKEN and AUTH_TOKEN_SECONDARY, with
/// ACCOUNT_SID.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Exit status:
  0  it was told to stop
  143, 130
     it was told twice, by SIGTERM or SIGINT
  2  there is no account or token, or the address is taken

Examples:
  jackfield observe --public-url https://addons.example.com --out observed")]
pub(super) struct Observe {
    /// What Twilio calls.
    #[arg(long, value_name = "URL")]
    public_url: String,
    /// Where to listen. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The directory for the records, made with mode 0700.
    #[arg(long, value_name = "DIRECTORY", default_value = "observed")]
    out: PathBuf,
}

struct Observer {
    url: PublicUrl,
    keys: AccountKeys,
    names: Vec<&'static str>,
    out: PathBuf,
    count: AtomicUsize,
}

impl Observe {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let url = PublicUrl::parse(&self.public_url).context("--public-url")?;
        let (keys, names) = keys(&Environment::load(Path::new("."))?)?;
        make_private_directory(&self.out)?;
        let observer = Arc::new(Observer {
            url,
            keys,
            names,
            out: self.out,
            count: AtomicUsize::new(0),
        });
        super::runtime()?.block_on(observe(observer, self.listen))
    }
}

fn keys(environment: &Environment) -> anyhow::Result<(AccountKeys, Vec<&'static str>)> {
    let account = environment.get("ACCOUNT_SID").context("set ACCOUNT_SID")?;
    let account = account.parse().context("ACCOUNT_SID")?;
    let (mut tokens, mut names) = (Vec::new(), Vec::new());
    for name in ["AUTH_TOKEN", "AUTH_TOKEN_SECONDARY"] {
        if let Some(token) = environment.get(name) {
            tokens.push(SigningKey::new(&SecretString::from(token)));
            names.push(name);
        }
    }
    anyhow::ensure!(
        !tokens.is_empty(),
        "set AUTH_TOKEN, in the environment or in `.env`"
    );
    let keys = AccountKeys {
        account,
        tokens,
        shared_keys: Vec::new(),
    };
    Ok((keys, names))
}

fn make_private_directory(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("`{}` cannot be made", path.display()))
}

async fn observe(observer: Arc<Observer>, listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let (signals, stop) = (Signals::listen()?, Stop::new());
    tokio::spawn(signals.obey({
        let stop = stop.clone();
        move || {
            stop.ask();
        }
    }));
    output::line(&format!("listening on http://{}", listener.local_addr()?));
    let bounds = Bounds {
        connections: 256,
        header_timeout: SLOWEST_BODY,
        drain_timeout: SLOWEST_BODY,
        shared: false,
    };
    let doors = (Reception::open(), Acceptor::plain());
    server::serve(listener, bounds, doors, observer, &stop).await;
    Ok(ExitCode::SUCCESS)
}

impl Handler for Observer {
    async fn answer(&self, _: ClientAddress, request: Request<Incoming>) -> Reply {
        let version = request.version();
        match body::read(request, LONGEST_BODY, SLOWEST_BODY).await {
            Err(error) => output::warn(&format!("a request was not read: {error}")),
            Ok(received) => {
                if let Err(error) = self.keep(received, version).await {
                    output::complain(&error);
                }
            }
        }
        let answer = Bytes::from_static(br#"{"phone_number":null,"results":{},"error_code":null}"#);
        let mut reply = Response::new(Full::new(answer));
        let json = HeaderValue::from_static("application/json");
        reply.headers_mut().insert(CONTENT_TYPE, json);
        reply
    }
}

impl Observer {
    async fn keep(&self, received: Received, version: http::Version) -> anyhow::Result<()> {
        let at = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if at > MOST_RECORDS {
            return Ok(());
        }
        let signature = self.signature(&received);
        let observed = Observed::of(&received, version, signature).await;
        let file = self.out.join(format!("request-{at:04}.json"));
        let mut kept = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
        kept.write_all(&serde_json::to_vec_pretty(&observed)?)?;
        output::line(&format!(
            "{}: {} {} {} with {} header(s), body {} ({} bytes), bodySHA256 {}; signature {}",
            file.display(),
            observed.http_version,
            observed.method,
            observed.path,
            observed.headers.len(),
            observed.body_type.as_deref().unwrap_or("none"),
            observed.body_bytes,
            observed.body_sha256,
            observed.signature,
        ));
        Ok(())
    }

    /// Which token and which form of the URL verified, in words.
    fn signature(&self, received: &Received) -> String {
        let urls = std::slice::from_ref(&self.url);
        match signature::verify(
            received.clone(),
            [&self.keys],
            urls,
            &MultipartProof::DEFAULT,
        ) {
            Err(error) => format!("not verified: {error}"),
            Ok(verified) => self.proof(&verified),
        }
    }

    fn proof(&self, verified: &Verified) -> String {
        let Some(proof) = verified.proof() else {
            return "not checked".to_owned();
        };
        let token = self.names.get(proof.key).copied().unwrap_or("a token");
        format!(
            "verified with {token} over the URL {}",
            proof.form.in_words()
        )
    }
}
