//! Where abuse takes place, and how it begins and ends.

use std::io;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jackfield_tests::{Authority, Secure, TestHost, dial, secure};
use tokio_rustls::rustls::{ALL_VERSIONS, ClientConfig};

/// Something that no honest client does. It goes on until the scene is over.
#[derive(Clone, Copy)]
pub(super) struct Abuse {
    pub(super) name: &'static str,
    /// How long it waits between two deeds: most of them cost the host more than a request
    /// does, and the machine is to be left out of it.
    pub(super) pace: Duration,
    /// The connections that it holds, where it does hold any.
    pub(super) gather: fn(&Scene) -> io::Result<Vec<TcpStream>>,
    /// One deed, by its number.
    pub(super) act: fn(&Scene, &mut Vec<TcpStream>, usize) -> io::Result<()>,
}

/// A host, and what abusers need to reach it.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) address: String,
    /// How many connections a crowd is.
    pub(super) crowd: usize,
    client: Arc<ClientConfig>,
    client_of_http2: Arc<ClientConfig>,
}

/// Abuse that goes on.
pub(super) struct Siege {
    over: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Scene {
    pub(super) fn plain(host: &TestHost, crowd: usize) -> Self {
        Self::secured(host, crowd, &Authority::new())
    }

    pub(super) fn secured(host: &TestHost, crowd: usize, authority: &Authority) -> Self {
        let client = |protocols: &[&[u8]]| {
            let mut client = authority.client(ALL_VERSIONS);
            client.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
            Arc::new(client)
        };
        Self {
            address: host.address().to_owned(),
            crowd,
            client: client(&[]),
            client_of_http2: client(&[b"h2"]),
        }
    }

    pub(super) fn dial(&self) -> io::Result<TcpStream> {
        dial(&self.address)
    }

    /// A connection that speaks HTTP/1.1 over TLS.
    pub(super) fn secure(&self) -> io::Result<Secure> {
        secure(self.dial()?, &self.client, super::NAME)
    }

    /// A connection that speaks HTTP/2.
    pub(super) fn http2(&self) -> io::Result<Secure> {
        secure(self.dial()?, &self.client_of_http2, super::NAME)
    }
}

impl Siege {
    /// Begins, and waits until all connections that belong to it are there and the first
    /// deed is done.
    pub(super) fn begin(scene: &Scene, abuse: Abuse) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (ready, is_ready) = mpsc::channel();
        let (scene, ended) = (scene.clone(), Arc::clone(&over));
        let thread = std::thread::spawn(move || {
            let mut held = (abuse.gather)(&scene).expect("the host accepts connections");
            let mut done = 0;
            while !ended.load(Ordering::Relaxed) {
                let next = Instant::now() + abuse.pace;
                // The host ends what it has had enough of: that is what it is to do.
                let _ = (abuse.act)(&scene, &mut held, done);
                done += 1;
                // Whoever waits for it may have ended it by now.
                let _ = ready.send(());
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            done as u64
        });
        is_ready.recv().expect("the abuser does not panic");
        Self { over, thread }
    }

    /// Ends it, and returns how much was done.
    pub(super) fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the abuser does not panic")
    }
}
