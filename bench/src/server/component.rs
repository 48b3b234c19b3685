//! Components that differ in their bytes, and so in their hash, and in nothing that they do.

/// The identifier of a custom section.
const CUSTOM: u8 = 0;

/// A component with a number in a section that nobody reads, appended to it.
#[must_use]
pub fn told_apart(component: &[u8], number: u32) -> Vec<u8> {
    // A section's length and its name's are LEB128, one byte below 128.
    let name = b"bench";
    let [short, long] = [name.len(), name.len() + 5].map(|length| length.to_le_bytes()[0]);
    let number = number.to_le_bytes();
    [component, &[CUSTOM, long, short], name, &number].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_as_long_as_it_says() {
        let (one, two) = (told_apart(b"\0asm", 1), told_apart(b"\0asm", 0x0102_0304));
        assert_eq!(one, b"\0asm\0\x0a\x05bench\x01\0\0\0");
        assert_eq!(two, b"\0asm\0\x0a\x05bench\x04\x03\x02\x01");
    }
}
