//! A listening socket that is handed over, as systemd does: it outlives the host.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use jackfield_tests::{NUMBER, add_on_sid};

use super::builder;
use super::client::{Answered, Client, request};

fn socket() -> Arc<TcpListener> {
    Arc::new(TcpListener::bind("127.0.0.1:0").unwrap())
}

#[tokio::test]
async fn a_host_serves_the_socket_that_it_was_handed() {
    let socket = socket();
    let host = builder().handed(&socket).start();
    let address = socket.local_addr().unwrap().to_string();
    assert_eq!(host.address(), address);
    let answer = host.twilio().lookup(&add_on_sid('a'), NUMBER).send().await;
    assert_eq!(answer.status, 200);
    let said = "listens on the socket that was handed over";
    assert!(host.log().contains(said), "{}", host.log());
}

#[test]
fn whoever_comes_between_two_hosts_waits_and_is_answered() {
    let socket = socket();
    let mut host = builder().handed(&socket).start();
    let request = request(&host);
    host.signal("TERM");
    assert_eq!(host.wait(), Some(0));
    // Nobody serves, and nobody is refused.
    let mut waiting = Client::open(host.address()).unwrap();
    waiting.send(&request).unwrap();
    host.revive();
    assert_eq!(waiting.answer().unwrap(), Answered::Kept);
}

/// What clients have done, and whether they are to go on.
#[derive(Default)]
struct Load {
    answered: AtomicUsize,
    connections: AtomicUsize,
    over: AtomicBool,
}

impl Load {
    /// Asks until it is over, on a connection for so many requests as the host lets it have,
    /// or on one for each.
    fn run(&self, address: &str, request: &[u8], keeps: bool) -> io::Result<()> {
        while !self.over.load(Ordering::Relaxed) {
            let mut client = Client::open(address)?;
            self.connections.fetch_add(1, Ordering::Relaxed);
            loop {
                let answered = client.ask(request)?;
                self.answered.fetch_add(1, Ordering::Relaxed);
                let over = self.over.load(Ordering::Relaxed);
                if answered == Answered::Last || !keeps || over {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Waits until so many more requests were answered.
    fn more(&self, count: usize) {
        let enough = self.answered.load(Ordering::Relaxed) + count;
        let waits = || self.answered.load(Ordering::Relaxed) < enough;
        while waits() && !self.over.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
    }
}

#[test]
fn the_binary_is_replaced_under_load_and_nobody_is_refused_or_fails() {
    const CLIENTS: usize = 6;
    const RESTARTS: usize = 3;
    let socket = socket();
    let mut host = builder().handed(&socket).start();
    let (address, request) = (host.address().to_owned(), request(&host));
    let load = Load::default();
    let client = |number: usize| {
        let done = load.run(&address, &request, number.is_multiple_of(2));
        // Also where it failed: nobody waits for more then.
        load.over.store(true, Ordering::Relaxed);
        done
    };
    std::thread::scope(|scope| {
        let client = &client;
        let clients = (0..CLIENTS).map(|number| scope.spawn(move || client(number)));
        let clients: Vec<_> = clients.collect();
        for _ in 0..RESTARTS {
            load.more(400);
            host.restart("TERM");
        }
        load.more(400);
        load.over.store(true, Ordering::Relaxed);
        for client in clients {
            client.join().unwrap().unwrap();
        }
    });
    let (answered, connections) = (load.answered.into_inner(), load.connections.into_inner());
    println!("{answered} answered on {connections} connections over {RESTARTS} restarts");
}
