//! Where results are called back to, in place of Twilio: one request at a time, over HTTP
//! on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// How long a result may take to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest result that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// A receiver of results.
pub(crate) struct CallbackReceiver {
    address: SocketAddr,
    received: Receiver<CalledBack>,
}

/// What was called back.
pub(crate) struct CalledBack {
    /// The request line and the headers, without what proves the host.
    pub(crate) head: Vec<String>,
    /// Whether something proved it.
    pub(crate) authorized: bool,
    /// The result.
    pub(crate) body: Value,
}

impl CallbackReceiver {
    /// Begins to receive, until this process ends.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let address = listener.local_addr()?;
        let (sender, received) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let called_back = receive(stream);
                if called_back.is_ok_and(|it| sender.send(it).is_err()) {
                    return;
                }
            }
        });
        Ok(Self { address, received })
    }

    /// Where it is, as `http://ADDRESS`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next result.
    pub(crate) fn next(&self) -> Result<CalledBack> {
        let next = self.received.recv_timeout(PATIENCE);
        next.with_context(|| format!("nothing was called back within {PATIENCE:?}"))
    }
}

fn receive(stream: TcpStream) -> Result<CalledBack> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let (mut head, mut authorized, mut length) = (Vec::new(), false, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some((name, _)) if name.eq_ignore_ascii_case("authorization") => {
                authorized = true;
                head.push(format!("{name}: [the account's SID and token]"));
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse()?;
                head.push(line.to_owned());
            }
            _ => head.push(line.to_owned()),
        }
    }
    let mut body = vec![0; LONGEST.min(length)];
    reader.read_exact(&mut body)?;
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader.get_mut().write_all(answer)?;
    Ok(CalledBack {
        head,
        authorized,
        body: serde_json::from_slice(&body).context("what was called back is no JSON")?,
    })
}
