use proptest::prelude::*;
use secrecy::SecretString;

use super::stream::{SEALED_SEGMENT, SEGMENT};
use super::*;
use crate::jobs::blob::BlobName;

fn key(digit: char) -> SecretString {
    SecretString::from(digit.to_string().repeat(64))
}

fn vault(keys: &[char]) -> Vault {
    let keys: Vec<_> = keys.iter().copied().map(key).collect();
    Vault::new(&keys, Plain::Refused).unwrap()
}

fn place(name: &str) -> Place {
    Place::file(&name.parse::<BlobName>().unwrap())
}

/// Bytes of which no two neighbours are the same.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

#[test]
fn what_is_sealed_cannot_be_read_and_opens_again() {
    let (vault, here) = (vault(&['1']), place("a"));
    let sealed = vault.seal(&here, b"+15005550006").unwrap();
    assert!(
        !sealed
            .windows(5)
            .any(|part| b"+15005550006".starts_with(part))
    );
    assert_eq!(vault.open(&here, &sealed).unwrap(), b"+15005550006");
}

#[test]
fn the_same_is_never_sealed_alike_twice() {
    let (vault, here) = (vault(&['1']), place("a"));
    let seal = || vault.seal(&here, b"the same").unwrap();
    assert_ne!(seal(), seal());
}

#[test]
fn every_length_around_a_segment_survives_in_pieces_of_any_size() {
    let (vault, here) = (vault(&['1']), place("a"));
    for length in [
        0,
        1,
        SEGMENT - 1,
        SEGMENT,
        SEGMENT + 1,
        2 * SEGMENT,
        3 * SEGMENT + 7,
    ] {
        let bytes = content(length);
        let sealed = vault.seal(&here, &bytes).unwrap();
        for size in [1000, SEGMENT, SEALED_SEGMENT, length + 1] {
            let mut pieces = Vec::new();
            let mut sealer = vault.sealer(&here).unwrap();
            bytes
                .chunks(size)
                .for_each(|piece| sealer.push(piece, &mut pieces).unwrap());
            sealer.finish(&mut pieces).unwrap();
            assert_eq!(pieces.len(), sealed.len());
            assert_eq!(
                vault.open(&here, &pieces).unwrap(),
                bytes,
                "{length} {size}"
            );
        }
        let (header, _) = Header::split(&sealed).unwrap();
        assert_eq!(header.length_of(sealed.len() as u64), length as u64);
    }
}

#[test]
fn segments_cannot_be_left_out_repeated_or_moved() {
    let (vault, here) = (vault(&['1']), place("a"));
    let sealed = vault.seal(&here, &content(3 * SEGMENT)).unwrap();
    let (header, body) = sealed.split_at(sealed.len() - 3 * SEALED_SEGMENT);
    let segments: Vec<_> = body.chunks(SEALED_SEGMENT).collect();
    for order in [
        &[0, 1][..],
        &[1, 2],
        &[0, 2],
        &[1, 0, 2],
        &[0, 1, 1, 2],
        &[0, 1, 2, 2],
        &[],
    ] {
        let parts = order.iter().map(|n| segments[*n]);
        let changed: Vec<_> = std::iter::once(header).chain(parts).collect();
        assert_eq!(
            vault.open(&here, &changed.concat()),
            Err(VaultError::Broken),
            "{order:?}"
        );
    }
}

#[test]
fn nothing_opens_in_the_place_of_another() {
    let vault = vault(&['1']);
    let job = crate::jobs::id::JobId::fresh().unwrap();
    let sealed = vault.seal(&Place::task(job), b"mine").unwrap();
    let other = crate::jobs::id::JobId::fresh().unwrap();
    let named_alike = place(&job.to_string());
    for elsewhere in [Place::task(other), named_alike] {
        assert_eq!(vault.open(&elsewhere, &sealed), Err(VaultError::Broken));
    }
}

#[test]
fn the_first_key_seals_and_all_of_them_open() {
    let here = place("a");
    let old = vault(&['1']).seal(&here, b"old").unwrap();
    let both = vault(&['2', '1']);
    assert_eq!(both.open(&here, &old).unwrap(), b"old");
    let new = both.seal(&here, b"new").unwrap();
    assert_eq!(vault(&['2']).open(&here, &new).unwrap(), b"new");
    let missing = vault(&['1']).open(&here, &new).unwrap_err();
    let id = both.seals_with().unwrap();
    assert_eq!(missing, VaultError::NoKey(id));
    let told = format!("it is sealed with the key `{id}`, which is none of those configured");
    assert_eq!(missing.to_string(), told);
}

#[test]
fn without_a_key_things_are_stored_as_they_are_and_say_so() {
    let (plain, here) = (vault(&[]), place("a"));
    let stored = plain.seal(&here, b"as it is").unwrap();
    assert_eq!(stored, b"JFV1pas it is");
    assert_eq!(plain.open(&here, &stored).unwrap(), b"as it is");
    let (header, _) = Header::split(&stored).unwrap();
    assert_eq!(header.length_of(stored.len() as u64), 8);
}

#[test]
fn once_there_is_a_key_what_is_not_sealed_opens_only_where_that_is_wanted() {
    let here = place("a");
    let stored = vault(&[]).seal(&here, b"as it is").unwrap();
    assert_eq!(
        vault(&['1']).open(&here, &stored),
        Err(VaultError::NotSealed)
    );
    let lenient = Vault::new(&[key('1')], Plain::Opened).unwrap();
    assert_eq!(lenient.open(&here, &stored).unwrap(), b"as it is");
}

#[test]
fn what_is_not_ours_is_told_apart_from_what_is_broken() {
    let vault = vault(&['1']);
    for (stored, error) in [
        (&b""[..], VaultError::Unknown),
        (b"JFV", VaultError::Unknown),
        (b"JFV1", VaultError::Unknown),
        (b"JFV2s", VaultError::Unknown),
        (b"JFV1x", VaultError::Unknown),
        (b"RIFF....WAVE", VaultError::Unknown),
        (b"JFV1s", VaultError::Broken),
    ] {
        assert_eq!(vault.open(&place("a"), stored), Err(error), "{stored:?}");
    }
}

#[test]
fn every_flipped_bit_is_noticed_wherever_it_is() {
    let (vault, here) = (vault(&['1']), place("a"));
    let sealed = vault.seal(&here, b"a short thing").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(vault.open(&here, &changed).is_err(), "{bit}");
    }
}

#[test]
fn every_missing_end_is_noticed_however_long() {
    let (vault, here) = (vault(&['1']), place("a"));
    let sealed = vault.seal(&here, b"a short thing").unwrap();
    for length in 0..sealed.len() {
        assert!(vault.open(&here, &sealed[..length]).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn anything_survives(bytes in prop::collection::vec(any::<u8>(), 0..200_000)) {
        let (vault, here) = (vault(&['1']), place("a"));
        let sealed = vault.seal(&here, &bytes).unwrap();
        prop_assert_eq!(vault.open(&here, &sealed).unwrap(), bytes);
    }

    #[test]
    fn any_change_to_a_long_thing_is_noticed(
        length in 0..3 * SEGMENT,
        at in any::<prop::sample::Index>(),
        mask in 1_u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let (vault, here) = (vault(&['1']), place("a"));
        let mut sealed = vault.seal(&here, &content(length)).unwrap();
        prop_assert!(vault.open(&here, &sealed[..cut.index(sealed.len())]).is_err());
        let at = at.index(sealed.len());
        sealed[at] ^= mask;
        prop_assert!(vault.open(&here, &sealed).is_err());
    }

    #[test]
    fn opening_any_bytes_at_all_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let (vault, here) = (vault(&['1']), place("a"));
        prop_assert!(vault.open(&here, &bytes).is_err());
        let sealed = [b"JFV1s", &bytes[..]].concat();
        prop_assert!(vault.open(&here, &sealed).is_err());
    }
}
