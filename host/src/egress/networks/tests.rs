//! Each block, at both of its ends, and whatever lies in it.

use proptest::prelude::*;

use super::*;

fn is_admitted(own: &[&str], address: &str) -> bool {
    let own: Vec<Network> = own.iter().map(|text| text.parse().unwrap()).collect();
    admits(&own, address.parse().unwrap())
}

#[test]
fn public_addresses_are_admitted() {
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "54.172.60.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2600:1f18::1",
        "2a00:1450::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ] {
        assert!(is_admitted(&[], address), "{address}");
    }
}

#[test]
fn special_addresses_are_not_however_they_are_written() {
    for address in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::127.0.0.1",
        "::1.1.1.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::ffff:0:1.1.1.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1.1.1.1",
        "64:ff9b:0:1::1.1.1.1",
        "100::1",
        "2001::1",
        "2001:0:53aa:64c:0:fffe:fefe:fefe",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:101:101::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ffff::1",
    ] {
        assert!(!is_admitted(&[], address), "{address}");
    }
}

#[test]
fn an_operators_network_is_admitted_as_it_is_written_and_no_further() {
    for (own, address, expected) in [
        ("127.0.0.0/8", "127.0.0.1", true),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("127.0.0.0/8", "::1", false),
        ("::1", "::1", true),
        ("::1", "127.0.0.1", false),
        ("10.1.0.0/16", "10.1.255.255", true),
        ("10.1.0.0/16", "10.2.0.0", false),
        ("10.1.0.0/16", "64:ff9b::10.1.0.1", false),
        ("10.1.0.7", "10.1.0.7", true),
        ("10.1.0.7", "10.1.0.8", false),
        ("fd12::/16", "fd12::1", true),
        ("64:ff9b::/96", "64:ff9b::10.1.0.1", true),
        ("10.0.0.0/8", "1.1.1.1", true),
    ] {
        assert_eq!(is_admitted(&[own], address), expected, "{own} {address}");
    }
}

#[test]
fn no_network_opens_what_is_never_admitted() {
    let own = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"];
    for address in [
        "0.0.0.0",
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "fd00:ec2::254",
        "ff02::1",
    ] {
        assert!(!is_admitted(&own, address), "{address}");
    }
    for address in ["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1"] {
        assert!(is_admitted(&own, address), "{address}");
    }
}

#[test]
fn what_is_no_block_of_addresses_says_why() {
    let said = |text: &str| text.parse::<Network>().unwrap_err().to_string();
    for text in [
        "",
        "loopback",
        "10.0.0.0/33",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/+8",
        "*",
    ] {
        assert_eq!(said(text), "this is no block of addresses", "{text}");
    }
    let expected = "`10.1.2.3/8` has more than its block, which is `10.0.0.0/8`";
    assert_eq!(said("10.1.2.3/8"), expected);
    for text in ["0.0.0.0/0", "::/0"] {
        assert_eq!(text.parse::<Network>(), Err(NetworkError::Everything));
    }
    assert_eq!(
        "::ffff:10.0.0.0/104".parse::<Network>(),
        Err(NetworkError::Mapped)
    );
    let network: Network = "10.1.0.7".parse().unwrap();
    assert_eq!(network.to_string(), "10.1.0.7/32");
}

proptest! {
    #[test]
    fn no_address_of_a_special_block_is_ever_admitted(
        block in 0..SPECIAL_V4.len(),
        bits: u32,
    ) {
        let block = SPECIAL_V4[block];
        let mask = u32::from(block.hostmask());
        let address = Ipv4Addr::from(u32::from(block.network()) | (bits & mask));
        prop_assert!(!admits(&[], address.into()));
        prop_assert!(!admits(&[], address.to_ipv6_mapped().into()));
        prop_assert!(!admits(&[], address.to_ipv6_compatible().into()));
        let [a, b, c, d] = address.octets().map(u16::from);
        let (high, low) = (a << 8 | b, c << 8 | d);
        for address in [
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !high, !low),
        ] {
            prop_assert!(!admits(&[], address.into()), "{address}");
        }
    }

    #[test]
    fn no_ipv6_address_of_a_special_block_is_ever_admitted(
        block in 0..SPECIAL_V6.len(),
        bits: u128,
    ) {
        let block = SPECIAL_V6[block];
        let mask = u128::from(block.hostmask());
        let address = Ipv6Addr::from(u128::from(block.network()) | (bits & mask));
        prop_assert!(!admits(&[], address.into()));
    }

    #[test]
    fn what_is_admitted_of_ipv6_was_given_out_or_leads_to_a_public_ipv4(bits: u128) {
        let address = Ipv6Addr::from(bits);
        let is_outside = !GLOBAL_V6.contains(&address)
            && !NAT64.contains(&address)
            && address.to_ipv4_mapped().is_none();
        prop_assert!(!(is_outside && admits(&[], address.into())), "{address}");
    }
}
