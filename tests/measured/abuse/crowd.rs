//! What a connection costs that is open and says nothing.

use std::io::{self, Read, Write};

use jackfield_tests::{Authority, Footprint, Line, TestHost, http2};

use super::scene::Scene;
use super::{DESCRIPTORS, builder, crowd, given_back, honest, once, secure_host};
use crate::alone;

/// The most memory that an idle connection may take, in bytes.
const MOST: u64 = 64 * 1024;

#[test]
fn an_idle_connection_takes_little_memory_and_gives_it_back() {
    let _alone = alone();
    let authority = Authority::new();
    let (plain, secure) = (builder().start(), secure_host(&authority));
    let crowd = crowd();
    let scene = Scene::secured(&plain, crowd, &authority);
    count("HTTP/1.1", &plain, &scene, Scene::dial, Scene::dial);
    let scene = Scene::secured(&secure, crowd, &authority);
    count(
        "HTTP/1.1 over TLS",
        &secure,
        &scene,
        Scene::secure,
        Scene::secure,
    );
    let greeted = |scene: &Scene| {
        let mut stream = scene.http2()?;
        stream.write_all(&http2::greeting())?;
        Ok(stream)
    };
    count("HTTP/2 over TLS", &secure, &scene, greeted, Scene::secure);
}

/// Opens a crowd, counts what it takes, asks beside it, and looks at what is left.
fn count<S, H: Read + Write>(
    name: &str,
    host: &TestHost,
    scene: &Scene,
    open: impl Fn(&Scene) -> io::Result<S>,
    open_honest: impl Fn(&Scene) -> io::Result<H>,
) {
    let gather = || -> Vec<S> { (0..scene.crowd).map(|_| open(scene).unwrap()).collect() };
    let mut line = Line::over(open_honest(scene).unwrap(), honest(host));
    line.call().unwrap();
    let first = Footprint::of(host.process()).descriptors;
    // Tables find their size.
    drop(gather());
    let before = once(host, |it| it.descriptors <= first + DESCRIPTORS);
    let held = gather();
    let during = once(host, |it| {
        it.descriptors + DESCRIPTORS >= first + scene.crowd
    });
    line.call().unwrap();
    drop(held);
    let after = given_back(host, before);
    let each = during.resident.saturating_sub(before.resident) / scene.crowd as u64;
    println!(
        "{name}: {} idle connections, {each} bytes each",
        scene.crowd
    );
    println!("before {before:?}\nduring {during:?}\nafter  {after:?}");
    assert!(each <= MOST, "{each} bytes for an idle connection");
}
