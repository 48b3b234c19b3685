//! Changes under load: whoever is connected, and whoever connects, is answered.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jackfield_tests::{Line, Secure, Signed, dial, scale, secure};

use super::*;

/// Clients that ask at the same time, half of which connect anew for each request.
const CLIENTS: usize = 4;
/// How many requests are answered between two changes.
const BETWEEN: usize = 300;

/// What clients have done, and whether they are to go on.
struct Load {
    address: String,
    client: Arc<ClientConfig>,
    answered: AtomicUsize,
    over: AtomicBool,
}

impl Load {
    fn new(host: &TestHost, authority: &Authority) -> Self {
        Self {
            address: host.address().to_owned(),
            client: Arc::new(authority.client(ALL_VERSIONS)),
            answered: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    fn open(&self, host: &TestHost) -> io::Result<Line<Secure>> {
        let stream = secure(dial(&self.address)?, &self.client, NAME)?;
        Ok(Line::over(stream, request(host)))
    }

    /// Asks once more, and returns whether that answer was the last.
    fn ask(&self, line: &mut Line<Secure>) -> io::Result<bool> {
        line.call()?;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(line.is_last())
    }

    /// Asks until it is over, on one connection or on one for each request.
    fn run(&self, host: &TestHost, keeps: bool) -> io::Result<()> {
        let mut line = self.open(host)?;
        while !self.over.load(Ordering::Relaxed) {
            if !keeps {
                line = self.open(host)?;
            }
            self.ask(&mut line)?;
        }
        Ok(())
    }

    /// Waits until so many more requests were answered.
    fn more(&self, count: usize, all_go_on: impl Fn() -> bool) {
        let enough = self.answered.load(Ordering::Relaxed) + count;
        while self.answered.load(Ordering::Relaxed) < enough && all_go_on() {
            std::thread::yield_now();
        }
    }
}

fn request(host: &TestHost) -> Signed {
    host.twilio().lookup(&add_on_sid('a'), NUMBER)
}

#[test]
fn certificates_change_under_load_and_nobody_fails() {
    let changes = scale(5, 100);
    let authority = Authority::new();
    let (host, _) = one_name(&authority, "");
    let load = Load::new(&host, &authority);
    std::thread::scope(|scope| {
        let run = |number: usize| load.run(&host, number.is_multiple_of(2));
        let clients = (0..CLIENTS).map(|number| scope.spawn(move || run(number)));
        let clients: Vec<_> = clients.collect();
        let all_go_on = || clients.iter().all(|client| !client.is_finished());
        for _ in 0..changes {
            load.more(BETWEEN, all_go_on);
            let new = authority.issue(host.path(), "it", &[NAME]);
            while all_go_on() && shown_to(&load).as_ref() != Some(&new) {
                std::thread::yield_now();
            }
        }
        load.more(BETWEEN, all_go_on);
        load.over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().unwrap().unwrap();
        }
    });
    let answered = load.answered.into_inner();
    println!("{answered} answered over {changes} changes of the certificate, none failed");
}

/// The certificate that new connections are shown.
fn shown_to(load: &Load) -> Option<CertificateDer<'static>> {
    let stream = secure(dial(&load.address).unwrap(), &load.client, NAME).unwrap();
    Some(stream.conn.peer_certificates()?[0].clone())
}

#[test]
fn a_host_that_is_told_to_end_under_load_fails_nobody_that_it_accepted() {
    let authority = Authority::new();
    let (mut host, _) = one_name(&authority, "");
    let load = Load::new(&host, &authority);
    let lines = (0..CLIENTS).map(|_| load.open(&host).unwrap());
    let lines: Vec<_> = lines.collect();
    // Accepted, and not a word of the handshake said yet.
    let waiting = (0..CLIENTS).map(|_| dial(&load.address).unwrap());
    let waiting: Vec<_> = waiting.collect();
    let late = request(&host);
    std::thread::scope(|scope| {
        let until_closed = |mut line: Line<Secure>| {
            while !load.ask(&mut line)? {}
            Ok::<_, io::Error>(line.is_over())
        };
        let clients = lines.into_iter();
        let clients: Vec<_> = clients
            .map(|line| scope.spawn(move || until_closed(line)))
            .collect();
        let all_go_on = || clients.iter().all(|client| !client.is_finished());
        load.more(BETWEEN, all_go_on);
        host.signal("TERM");
        for stream in waiting {
            let stream = secure(stream, &load.client, NAME).unwrap();
            let mut line = Line::over(stream, late.clone());
            // The signal may still be on its way.
            while !load.ask(&mut line).unwrap() {}
            assert!(line.is_over());
        }
        for client in clients {
            assert!(client.join().unwrap().unwrap());
        }
    });
    assert_eq!(host.wait(), Some(0));
    let answered = load.answered.into_inner();
    println!("{answered} answered, none failed");
}
