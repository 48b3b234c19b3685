//! Which addresses are the public Internet's, and which are somebody's inside.
//!
//! Everything that IANA's registries of special-purpose addresses list is refused, for
//! IPv4 and IPv6, also what is listed there as reachable: nobody's receiver is there.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, and multicast.
const SPECIAL_V4: [Ipv4Net; 20] = [
    v4([0, 0, 0, 0], 8),          // this network
    v4([10, 0, 0, 0], 8),         // private
    v4([100, 64, 0, 0], 10),      // shared by the customers of a carrier
    v4([127, 0, 0, 0], 8),        // loopback
    v4([169, 254, 0, 0], 16),     // link-local, and the metadata of clouds
    v4([172, 16, 0, 0], 12),      // private
    v4([192, 0, 0, 0], 24),       // protocol assignments
    v4([192, 0, 2, 0], 24),       // documentation
    v4([192, 31, 196, 0], 24),    // AS112
    v4([192, 52, 193, 0], 24),    // automatic multicast tunnelling
    v4([192, 88, 99, 0], 24),     // relays of 6to4
    v4([192, 168, 0, 0], 16),     // private
    v4([192, 175, 48, 0], 24),    // AS112
    v4([198, 18, 0, 0], 15),      // benchmarks
    v4([198, 51, 100, 0], 24),    // documentation
    v4([203, 0, 113, 0], 24),     // documentation
    v4([224, 0, 0, 0], 4),        // multicast
    v4([240, 0, 0, 0], 4),        // reserved
    v4([255, 255, 255, 255], 32), // broadcast
    v4([168, 63, 129, 16], 32),   // Azure's inside, at an address that looks public
];

/// All of IPv6 that is given out to the public. Loopback, unique local, link-local,
/// site-local, multicast, IPv4-compatible, discarded and reserved addresses lie outside.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>, as far as it lies
/// within [`GLOBAL_V6`].
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0, 0], 23), // protocol assignments: Teredo, ORCHID, benchmarks
    v6([0x2001, 0xdb8, 0, 0], 32), // documentation
    v6([0x2002, 0, 0, 0], 16), // 6to4, which holds an IPv4 address
    v6([0x2620, 0x4f, 0x8000, 0], 48), // AS112
    v6([0x3fff, 0, 0, 0], 20), // documentation
];

/// How a network without IPv4 writes its addresses (RFC 6052): what is behind one counts.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

/// What nothing lifts: services that hand a machine's credentials to whoever asks from
/// it, and addresses that are no single machine's.
const NEVER: [IpNet; 8] = [
    IpNet::V4(v4([0, 0, 0, 0], 8)),
    IpNet::V4(v4([100, 100, 100, 200], 32)),
    IpNet::V4(v4([168, 63, 129, 16], 32)),
    IpNet::V4(v4([169, 254, 0, 0], 16)),
    IpNet::V4(v4([224, 0, 0, 0], 3)),
    IpNet::V6(v6([0, 0, 0, 0], 128)),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        128,
    )),
    IpNet::V6(v6([0xff00, 0, 0, 0], 8)),
];

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(address: [u16; 4], prefix: u8) -> Ipv6Net {
    let [a, b, c, d] = address;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

/// Whether an address may be connected to: it is public, or an operator's network has it.
pub(super) fn admits(own: &[Network], address: IpAddr) -> bool {
    // An IPv4 address within an IPv6 one is that address, for us as for the system.
    let address = address.to_canonical();
    let behind = behind_nat64(address).unwrap_or(address);
    let is_never = |address: IpAddr| NEVER.iter().any(|block| block.contains(&address));
    if is_never(address) || is_never(behind) {
        return false;
    }
    own.iter().any(|own| own.holds(address)) || is_public(behind)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|block| block.contains(&address))
        }
    }
}

fn behind_nat64(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., high, low] = address.segments();
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Some(Ipv4Addr::new(a, b, c, d).into())
        }
        _ => None,
    }
}

/// A block of addresses, as in `10.1.0.0/16`, that an operator opens besides what is
/// public. One address alone is a block as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

/// Why a text is no such block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is neither a block nor an address.
    #[error("this is no block of addresses")]
    Malformed,
    /// Bits are set behind the length, so one of the two was not meant.
    #[error("`{found}` has more than its block, which is `{block}`")]
    HostBits {
        /// What is written.
        found: IpNet,
        /// What it would be.
        block: IpNet,
    },
    /// It holds all addresses.
    #[error("this holds every address, so nothing would be refused")]
    Everything,
    /// It is IPv4 within IPv6.
    #[error("an IPv4 block is written as one, not within IPv6")]
    Mapped,
}

impl Network {
    /// All addresses there are, for what an operator has named himself.
    pub(super) const ALL: [Self; 2] = [
        Self(IpNet::V4(v4([0, 0, 0, 0], 0))),
        Self(IpNet::V6(v6([0, 0, 0, 0], 0))),
    ];

    /// Whether it has an address. IPv4 within IPv6 is not looked for.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = block(text).ok_or(NetworkError::Malformed)?;
        let block = found.trunc();
        match found {
            _ if found.prefix_len() == 0 => Err(NetworkError::Everything),
            _ if found != block => Err(NetworkError::HostBits { found, block }),
            IpNet::V6(net) if net.addr().to_ipv4_mapped().is_some() => Err(NetworkError::Mapped),
            _ => Ok(Self(block)),
        }
    }
}

/// ipnet would take `010.0.0.0/8` as well, which others read in octal.
fn block(text: &str) -> Option<IpNet> {
    if text.contains('+') {
        return None;
    }
    match text.split_once('/') {
        None => Some(text.parse::<IpAddr>().ok()?.into()),
        Some((address, prefix)) => IpNet::new(address.parse().ok()?, prefix.parse().ok()?).ok(),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
