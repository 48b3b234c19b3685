//! What each connection meets before anybody listens to its client: a proxy says whom it
//! passes on, and nobody has more connections than one may have.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tracing::debug;

use super::crowd::Place;
use super::greeting::GreetingError;
use super::{ClientAddress, ClientRules, Clients, greeting};

/// The longest that a proxy is waited for. It says what it says in its first packet, of
/// which one may be lost on the way.
const LONGEST: Duration = Duration::from_secs(5);

/// What receives connections, by the rules of the moment. All clones are one.
#[derive(Clone)]
pub struct Reception {
    clients: Arc<Clients>,
    rules: Arc<dyn Fn() -> Arc<ClientRules> + Send + Sync>,
}

/// A connection that was received, for as long as it lasts.
pub struct Guest {
    /// Where it comes from, as far as the connection tells.
    pub address: ClientAddress,
    /// Its place among those of its address.
    _place: Option<Place>,
}

impl Reception {
    /// One that goes by the rules that it is told for each connection anew.
    #[must_use]
    pub fn following(
        clients: Arc<Clients>,
        rules: impl Fn() -> Arc<ClientRules> + Send + Sync + 'static,
    ) -> Self {
        Self {
            clients,
            rules: Arc::new(rules),
        }
    }

    /// One without rules.
    #[must_use]
    pub fn open() -> Self {
        let rules = Arc::new(ClientRules::default());
        let clients = Arc::new(Clients::new(&rules));
        Self::following(clients, move || Arc::clone(&rules))
    }

    /// Receives a connection from an address, within a time. Where nothing comes out, it is
    /// to be closed.
    pub async fn receive(
        &self,
        stream: &mut TcpStream,
        peer: SocketAddr,
        limit: Duration,
    ) -> Option<Guest> {
        let rules = (self.rules)();
        let peer = ClientAddress::new(peer.ip());
        let address = match rules.proxy_protocol && rules.trusts(peer) {
            // On the heap, so that no other connection's future is as large.
            true => Box::pin(self.introduced(stream, peer, limit.min(LONGEST))).await?,
            false => peer,
        };
        let most = rules.connections.filter(|_| !rules.trusts(address));
        let place = match most {
            Some(most) => Some(self.place(address, most)?),
            None => None,
        };
        Some(Guest {
            address,
            _place: place,
        })
    }

    /// Notes that what came over a connection was no request, so that nobody could ask who
    /// its client is. Behind a proxy that may be anybody.
    pub fn note_nonsense(&self, guest: &Guest) {
        if !(self.rules)().trusts(guest.address) {
            self.clients.note(guest.address, false);
        }
    }

    /// Whom a proxy passes on: itself, where it is nobody else.
    async fn introduced(
        &self,
        stream: &mut TcpStream,
        proxy: ClientAddress,
        limit: Duration,
    ) -> Option<ClientAddress> {
        match greeting::read(stream, limit).await {
            Ok(client) => Some(client.map_or(proxy, ClientAddress::new)),
            Err(error) => {
                // Whoever only looks whether somebody is there goes away at once.
                if !matches!(error, GreetingError::Broken(_)) {
                    self.clients.misunderstood.count();
                }
                debug!(%error, "no connection");
                None
            }
        }
    }

    fn place(&self, address: ClientAddress, most: usize) -> Option<Place> {
        let place = self.clients.crowd.enter(address.block(), most);
        if place.is_none() {
            self.clients.crowded_out.count();
            debug!("no connection: its address has as many as it may have");
        }
        place
    }
}
