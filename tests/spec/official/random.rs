//! Chance that is the same in every run.

/// The generator SplitMix64.
pub(crate) struct Random(u64);

/// What names and values are made of: everything that some encoding treats in its own
/// way. Node.js sorts by UTF-16 units and Python by code points, so nothing here lies
/// between U+E000 and U+FFFF, where the two differ.
const PIECES: [&str; 36] = [
    "a",
    "Z",
    "0",
    "10",
    "9",
    " ",
    "  ",
    "+",
    "%",
    "%41",
    "&",
    "=",
    "/",
    "?",
    "#",
    "'",
    "\"",
    "\\",
    "\n",
    "\t",
    "~",
    "*",
    "@",
    ":",
    ";",
    ",",
    "[b]",
    "{c}",
    "<d>",
    "é",
    "ß",
    "日本",
    "مرحبا",
    "n\u{303}",
    "😀",
    "👩\u{200d}👧",
];

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A text of so many pieces.
    pub(crate) fn text(&mut self, pieces: usize) -> String {
        (0..pieces).map(|_| self.of(&PIECES)).collect()
    }

    /// A text of 20 to 40 KB.
    pub(crate) fn long_text(&mut self) -> String {
        let length = 20_000 + self.below(20_000);
        let mut text = String::new();
        while text.len() < length {
            text += &self.text(100);
        }
        text
    }
}
