//! Whatever stands in a file, it is read or refused: nothing panics, not even the
//! rendering of what is wrong.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const EXAMPLE: &str = include_str!("../../../../addons.toml");

fn load_and_show(text: &str) {
    if let Err(errors) = load(text) {
        assert!(errors.iter().count() > 0);
        let shown = (
            errors.to_string(),
            errors.render(false),
            errors.render(true),
        );
        assert!(!shown.0.is_empty() && !shown.1.is_empty() && !shown.2.is_empty());
    }
}

/// Pieces of which files are made, good and bad.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(EXAMPLE.lines().collect::<Vec<_>>()).prop_map(str::to_owned),
        Just(with_add_on("path = \"/a\"")),
        Just(format!(
            "[accounts.{ACCOUNT}]\nauth_tokens = [{{ env = \"AUTH_TOKEN\" }}]"
        )),
        "(addons|server|accounts|include)(\\.[a-z-]{1,3})? = (1|\"\\PC{0,4}\"|\\[.{0,5}\\]|\\{.{0,9}\\})",
        "\\[{1,2}(addons|server|accounts)\\.?\\PC{0,5}\\]{0,2}",
        "(sid|path|serves|fields|fallback|require|verify) = (-?[0-9]{1,20}|\"\\PC{0,6}\"|\\PC{0,6})",
    ]
}

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        load_and_show(&text);
    }

    #[test]
    fn any_lines(pieces in prop::collection::vec(piece(), 0..12)) {
        load_and_show(&pieces.join("\n"));
    }

    #[test]
    fn the_example_with_a_piece_replaced(from: Index, length in 0_usize..40, other in "\\PC{0,12}") {
        let bounds: Vec<usize> = EXAMPLE.char_indices().map(|(at, _)| at).collect();
        let start = from.index(bounds.len());
        let end = (start + length).min(bounds.len() - 1);
        let (before, after) = (&EXAMPLE[..bounds[start]], &EXAMPLE[bounds[end]..]);
        load_and_show(&format!("{before}{other}{after}"));
    }
}
