//! A client's address. It is somebody's, so it is in no log: it does not even print itself.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Where a connection or a request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

/// What clients are counted by: an IPv4 address, or the 64 bits of an IPv6 address that
/// one customer of a provider's has at least. Whoever has one of those has all behind it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Block(IpAddr);

impl ClientAddress {
    /// The address as the system knows it: IPv4 within IPv6 is IPv4.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    pub(super) fn ip(self) -> IpAddr {
        self.0
    }

    pub(super) fn block(self) -> Block {
        match self.0 {
            IpAddr::V4(_) => Block(self.0),
            IpAddr::V6(address) => {
                let prefix = address.to_bits() >> 64 << 64;
                Block(Ipv6Addr::from_bits(prefix).into())
            }
        }
    }
}

impl From<IpAddr> for ClientAddress {
    fn from(address: IpAddr) -> Self {
        Self::new(address)
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_one_network_of_64_bits_are_one() {
        let block = |text: &str| ClientAddress::new(text.parse().unwrap()).block();
        for (one, other, same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8::1", "2001:db8::ffff:0:0:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            assert_eq!(block(one) == block(other), same, "{one} {other}");
        }
    }

    #[test]
    fn an_address_does_not_print_itself() {
        let address = ClientAddress::new([192, 0, 2, 1].into());
        assert_eq!(format!("{address:?}"), "ClientAddress");
    }
}
