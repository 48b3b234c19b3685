//! The numbering plans of the world, made by the build script, and the one way to
//! ask them: a walk over the digits of a national number.

include!(concat!(env!("OUT_DIR"), "/calling_codes.rs"));

static AUTOMATON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/automaton.bin"));

/// A node is its verdict and ten successors of two bytes each.
const NODE_BYTES: usize = 21;

/// A node at which a question's walk begins.
pub(crate) type Question = u16;

/// What all numbers behind one calling code share: the plan of its main region.
pub(crate) struct CallingCode {
    pub(crate) code: u16,
    /// Whether digits can be a number here at all.
    pub(crate) general: Question,
    pub(crate) prefix: NationalPrefix,
    /// The lengths of possible numbers, a bit for each.
    pub(crate) lengths: u32,
    /// The lengths that can only be dialled locally, a bit for each.
    pub(crate) local_lengths: u32,
    pub(crate) national: Formats,
    pub(crate) international: Formats,
    /// The main one first.
    pub(crate) territories: &'static [Territory],
}

/// A region that has its own numbers behind a calling code.
pub(crate) struct Territory {
    /// None for numbers that belong to no country, such as satellite networks.
    pub(crate) country: Option<Country>,
    /// Whether the first digits alone tell the region.
    pub(crate) leading: Question,
    /// 0, or the line type's place.
    pub(crate) line_types: Question,
}

/// A country or territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Country {
    /// Its ISO 3166 code of two letters.
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
}

/// What people dial before the number within a country.
pub(crate) enum NationalPrefix {
    None,
    /// One of these digits, the first that fits.
    Literals(&'static [&'static str]),
    /// What a regular expression matches, or what it is rewritten to.
    Pattern {
        pattern: &'static str,
        /// Empty: the match is removed.
        transform: &'static str,
        /// The digits with which a match can begin, a bit for each.
        first_digits: u16,
    },
}

/// The formats of a plan.
pub(crate) struct Formats {
    /// 0, or 1 and the place of the number's format.
    pub(crate) choice: Question,
    pub(crate) formats: &'static [Format],
}

/// One way to group digits. In a template, `$1` stands for the first group.
pub(crate) struct Format {
    /// How many digits each group takes: at least, at most.
    pub(crate) groups: &'static [(u8, u8)],
    pub(crate) national: &'static str,
    pub(crate) international: &'static str,
    pub(crate) rfc3966: &'static str,
}

/// The plan of a calling code, if there is one.
pub(crate) fn find(code: u16) -> Option<&'static CallingCode> {
    let index = CALLING_CODES
        .binary_search_by_key(&code, |calling_code| calling_code.code)
        .ok()?;
    CALLING_CODES.get(index)
}

/// The verdict on a number's digits; 0 is none.
pub(crate) fn ask(question: Question, digits: &str) -> u8 {
    let mut node = question;
    for digit in digits
        .bytes()
        .map(|byte| usize::from(byte.wrapping_sub(b'0')))
    {
        if node == 0 {
            return 0;
        }
        node = successor(node, digit);
    }
    AUTOMATON
        .get(usize::from(node) * NODE_BYTES)
        .copied()
        .unwrap_or_default()
}

fn successor(node: u16, digit: usize) -> u16 {
    let at = usize::from(node) * NODE_BYTES + 1 + 2 * digit;
    match AUTOMATON.get(at..at + 2) {
        Some(&[low, high]) if digit < 10 => u16::from_le_bytes([low, high]),
        _ => 0,
    }
}
