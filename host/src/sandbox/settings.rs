//! The settings of a provider: what it may ask for them by, whether it checks them itself,
//! and what it says of bad ones.

use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, Linker, TypedFunc};
use wasmtime_wasi_config::{WasiConfig, WasiConfigVariables};

use super::guest::Guest;
use super::load_error::LoadCause;
use super::mask::Private;
use crate::config::Settings;

/// What a provider imports to ask for its settings.
pub(super) const STORE: &str = "wasi:config/store@0.2.0-rc.1";
/// What a provider exports that checks them itself.
const CHECKER: &str = "jackfield:addon/settings@1.0.0";

/// The most sentences about bad settings that are passed on.
const MOST_SENTENCES: usize = 16;
/// The longest of them, in characters.
const LONGEST_SENTENCE: usize = 300;

/// Settings as a guest asks for them, shared by all calls.
pub(super) type Given = Arc<WasiConfigVariables>;

/// What `check` takes and returns.
type Parameters = (Vec<(String, String)>,);
type Checked = (Result<(), Vec<String>>,);
/// The provider's own check.
pub(super) type Check = TypedFunc<Parameters, Checked>;

/// The settings of an add-on for its guests to ask for.
pub(super) fn given(settings: Option<&Settings>) -> Given {
    let pairs = settings.into_iter().flat_map(Settings::pairs);
    Arc::new(pairs.collect())
}

/// What guests that ask for settings are linked to besides.
pub(super) fn add_to(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi_config::add_to_linker(linker, |guest: &mut Guest| {
        WasiConfig::from(&*guest.settings)
    })
}

/// Whether a component asks for settings.
pub(super) fn asks(component: &Component, engine: &Engine) -> bool {
    let component = component.component_type();
    component.imports(engine).any(|(name, _)| name == STORE)
}

/// The check that a component exports, if it does.
///
/// # Errors
/// Where it is not the contract's.
pub(super) fn checker(component: &Component) -> Result<Option<ComponentExportIndex>, LoadCause> {
    let Some(interface) = component.get_export_index(None, CHECKER) else {
        return Ok(None);
    };
    let ty = component.component_type();
    match component.get_export(Some(&interface), "check") {
        Some((ComponentItem::ComponentFunc(check), index))
            if check
                .typecheck::<Parameters, Checked>(&ty.instance_type())
                .is_ok() =>
        {
            Ok(Some(index))
        }
        _ => Err(LoadCause::SettingsExport),
    }
}

/// What a provider says of bad settings, fit for an operator and a log: a few sentences,
/// each on a line of plain characters, and no secret in them.
pub(super) fn sentences(said: &[String], settings: Option<&Settings>) -> Vec<String> {
    let private = Private::of(settings, []);
    let mut sentences: Vec<_> = said
        .iter()
        .take(MOST_SENTENCES)
        // Before anything is cut or quoted: a part of a secret is one no longer.
        .map(|sentence| plain(&private.mask_but_numbers(sentence)))
        .collect();
    if said.len() > MOST_SENTENCES {
        sentences.push(format!("and {} more", said.len() - MOST_SENTENCES));
    }
    if said.is_empty() {
        sentences.push("it does not say why".to_owned());
    }
    sentences
}

fn plain(sentence: &str) -> String {
    let mut line = String::new();
    let mut left = LONGEST_SENTENCE;
    for c in sentence.trim().chars() {
        let quoted: String = match c {
            '"' | '\'' | '\\' => c.to_string(),
            c => c.escape_debug().collect(),
        };
        left = left.saturating_sub(quoted.chars().count());
        if left == 0 {
            line.push('…');
            break;
        }
        line.push_str(&quoted);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(said: &[&str]) -> Vec<String> {
        let said: Vec<_> = said.iter().map(|said| (*said).to_owned()).collect();
        sentences(&said, None)
    }

    #[test]
    fn a_sentence_is_one_line_of_plain_characters_whatever_it_was() {
        for (said, shown) in [
            (
                "`region`: expected \"us\" or 'eu'",
                "`region`: expected \"us\" or 'eu'",
            ),
            (" one\r\ntwo\t ", "one\\r\\ntwo"),
            ("\u{1b}[31mred\0", "\\u{1b}[31mred\\0"),
            ("a\u{202e}b\u{2028}", "a\\u{202e}b"),
            ("é ☎ C:\\x", "é ☎ C:\\x"),
        ] {
            assert_eq!(of(&[said]), [shown]);
        }
        for c in ["é", "\u{1b}"] {
            let line = &of(&[&c.repeat(400)])[0];
            assert!(line.ends_with('…'), "{line}");
            assert!(line.chars().count() <= LONGEST_SENTENCE, "{line}");
        }
    }

    #[test]
    fn many_sentences_are_a_few_and_a_number() {
        let said = of(&["no"; 100]);
        assert_eq!(said.len(), MOST_SENTENCES + 1);
        assert_eq!(said[MOST_SENTENCES], "and 84 more");
        assert_eq!(of(&["no"; MOST_SENTENCES]).len(), MOST_SENTENCES);
        assert_eq!(of(&[]), ["it does not say why"]);
    }
}
