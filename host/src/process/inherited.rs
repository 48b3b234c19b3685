//! Sockets that whoever started the process had opened for it (`LISTEN_FDS`, as systemd
//! does). They outlive the process: while the binary is replaced, connections wait in them,
//! and nobody is refused.

use std::io;
use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

/// Listeners that were handed over, and not taken yet.
pub struct Inherited(Vec<TcpListener>);

impl Inherited {
    /// Those of this process. The variables that tell of them are removed, so this comes
    /// before there is a second thread, and once.
    ///
    /// # Errors
    /// Where one of them is not a TCP socket.
    pub fn from_environment() -> io::Result<Self> {
        let mut handed = ListenFd::from_env();
        let mut listeners = Vec::new();
        for place in 0..handed.len() {
            listeners.extend(handed.take_tcp_listener(place)?);
        }
        Ok(Self(listeners))
    }

    /// The listener for an address, if there is one: the only one, wherever it listens, or
    /// that with the address' port. (systemd's `8080` is `[::]:8080`, which a
    /// configuration may well call `0.0.0.0:8080`.)
    pub fn take(&mut self, listen: SocketAddr) -> Option<TcpListener> {
        let is_at = |listener: &TcpListener| {
            let address = listener.local_addr();
            address.is_ok_and(|address| address.port() == listen.port())
        };
        let place = match self.0.as_slice() {
            [_] => Some(0),
            several => several.iter().position(is_at),
        };
        place.map(|place| self.0.swap_remove(place))
    }

    /// Where those listen that nothing has taken: their connections would wait for ever.
    pub fn left(&self) -> impl Iterator<Item = SocketAddr> {
        self.0.iter().filter_map(|left| left.local_addr().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[test]
    fn the_only_socket_is_taken_wherever_it_listens() {
        let (one, at) = listener();
        let mut inherited = Inherited(vec![one]);
        let elsewhere = "127.0.0.1:0".parse().unwrap();
        let taken = inherited.take(elsewhere).unwrap();
        assert_eq!(taken.local_addr().unwrap(), at);
        assert!(inherited.take(elsewhere).is_none());
    }

    #[test]
    fn of_several_sockets_the_port_decides_and_the_rest_is_left() {
        let ((one, first), (two, second)) = (listener(), listener());
        let mut inherited = Inherited(vec![one, two]);
        assert!(inherited.take("127.0.0.1:0".parse().unwrap()).is_none());
        let any = SocketAddr::new("0.0.0.0".parse().unwrap(), second.port());
        assert_eq!(inherited.take(any).unwrap().local_addr().unwrap(), second);
        assert_eq!(inherited.left().collect::<Vec<_>>(), [first]);
    }
}
