//! What is done to the listener, by name.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::floods;
use super::scene::{Abuse, Scene};

/// Between two bytes of those who are slow.
const TRICKLE: Duration = Duration::from_millis(1);
/// Between two connections that come and go.
const CHURN: Duration = Duration::from_millis(2);
/// Between two deeds that are large, or take a handshake.
const HEAVY: Duration = Duration::from_millis(20);
/// Between two connections that are filled to the brim with requests.
const FILLING: Duration = Duration::from_millis(250);

/// The head of a body that never comes to its end.
const ENDLESS: &[u8] = b"POST /lookups HTTP/1.1\r\nhost: addons.example.com\r\n\
                         content-length: 1000000000\r\n\r\n";
/// A head that never comes to its end.
const HEADLESS: &[u8] = b"GET /lookups HTTP/1.1\r\nhost: addons.example.com\r\nx-slow: ";
/// A request that costs little to answer.
const CHEAP: &[u8] = b"GET /nowhere HTTP/1.1\r\nhost: addons.example.com\r\n\r\n";
/// The beginning of a handshake: a record's head, and a greeting's.
const GREETING: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];

/// Over plain HTTP/1.1.
pub(super) const PLAIN: &[Abuse] = &[
    abuse("idle connections", TRICKLE, silent, wait),
    abuse("slow heads", TRICKLE, slow_heads, trickle),
    abuse("slow bodies", TRICKLE, slow_bodies, trickle),
    abuse("connections that come and go", CHURN, nobody, churn),
    abuse("long heads", HEAVY, nobody, long_head),
    abuse("long bodies", HEAVY, nobody, long_body),
    abuse("answers that nobody reads", FILLING, nobody, unread),
];

/// Over TLS, and HTTP/2 inside of it.
pub(super) const SECURE: &[Abuse] = &[
    abuse("half-open handshakes", TRICKLE, half_open, wait),
    abuse("handshakes for nothing", HEAVY, nobody, floods::handshake),
    abuse(
        "requests taken back (rapid reset)",
        HEAVY,
        nobody,
        floods::resets,
    ),
    abuse("headers without end", HEAVY, nobody, floods::continuations),
    abuse("settings without end", HEAVY, nobody, floods::settings),
    abuse("pings without end", HEAVY, nobody, floods::pings),
];

const fn abuse(
    name: &'static str,
    pace: Duration,
    gather: fn(&Scene) -> io::Result<Vec<TcpStream>>,
    act: fn(&Scene, &mut Vec<TcpStream>, usize) -> io::Result<()>,
) -> Abuse {
    Abuse {
        name,
        pace,
        gather,
        act,
    }
}

fn nobody(_: &Scene) -> io::Result<Vec<TcpStream>> {
    Ok(Vec::new())
}

fn silent(scene: &Scene) -> io::Result<Vec<TcpStream>> {
    everybody_says(scene, b"")
}

fn half_open(scene: &Scene) -> io::Result<Vec<TcpStream>> {
    everybody_says(scene, GREETING)
}

fn slow_heads(scene: &Scene) -> io::Result<Vec<TcpStream>> {
    everybody_says(scene, HEADLESS)
}

fn slow_bodies(scene: &Scene) -> io::Result<Vec<TcpStream>> {
    everybody_says(scene, ENDLESS)
}

/// A crowd whose connections have all begun in the same way.
fn everybody_says(scene: &Scene, beginning: &[u8]) -> io::Result<Vec<TcpStream>> {
    let say = |_| {
        let mut stream = scene.dial()?;
        stream.write_all(beginning)?;
        Ok(stream)
    };
    (0..scene.crowd).map(say).collect()
}

fn wait(_: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    Ok(())
}

/// One byte more from one of them.
#[expect(clippy::ptr_arg, reason = "every deed may add to what is held")]
fn trickle(_: &Scene, held: &mut Vec<TcpStream>, number: usize) -> io::Result<()> {
    let place = number % held.len();
    held[place].write_all(b"a")
}

/// A connection that is given up: before a word, in the midst of a head, or before the
/// answer to a whole request.
fn churn(scene: &Scene, _: &mut Vec<TcpStream>, number: usize) -> io::Result<()> {
    let said = [b"", &CHEAP[..20], CHEAP];
    scene.dial()?.write_all(said[number % said.len()])
}

fn long_head(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    let mut stream = scene.dial()?;
    stream.write_all(HEADLESS)?;
    stream.write_all(&[b'a'; 256 * 1024])?;
    all_that_comes(&mut stream)
}

fn long_body(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    let mut stream = scene.dial()?;
    stream.write_all(ENDLESS)?;
    for _ in 0..8 {
        stream.write_all(&[b'a'; 256 * 1024])?;
    }
    all_that_comes(&mut stream)
}

fn all_that_comes(stream: &mut TcpStream) -> io::Result<()> {
    stream.read_to_end(&mut Vec::new()).map(|_| ())
}

/// The most connections that are held on which nobody reads.
const UNREAD: usize = 64;

/// Requests on one connection until the host waits for its answers to be read, which is
/// held from then on.
fn unread(scene: &Scene, held: &mut Vec<TcpStream>, number: usize) -> io::Result<()> {
    let requests = CHEAP.repeat(20);
    if held.len() == UNREAD {
        held.remove(number % UNREAD);
    }
    let mut stream = scene.dial()?;
    stream.set_write_timeout(Some(TRICKLE))?;
    let full = loop {
        if let Err(error) = stream.write_all(&requests) {
            break error;
        }
    };
    held.push(stream);
    match full.kind() {
        ErrorKind::WouldBlock => Ok(()),
        _ => Err(full),
    }
}
