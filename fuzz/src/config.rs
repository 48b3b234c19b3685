//! `addons.toml`, good or bad.
//!
//! The bytes are the file. It is read or refused, each time alike; what is wrong lies within
//! it, and can be shown; and no secret is, neither of the environment, nor of a file that it
//! names, nor one that somebody wrote into it.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use jackfield::config::{Config, ConfigError, Environment, Reading};
use tempfile::TempDir;

/// The secrets that a file can name: `env = "AUTH_TOKEN"`, `file = "secret"`.
const SECRETS: [&str; 2] = ["canary of the environment", "canary of a file"];

/// What a file is read from, and what it may name.
struct Place {
    // Kept for as long as the directory is wanted.
    _directory: TempDir,
    file: PathBuf,
    environment: Environment,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a directory is made");
    fs::write(directory.path().join("secret"), SECRETS[1]).expect("a file is written");
    Place {
        file: directory.path().join("addons.toml"),
        _directory: directory,
        environment: Environment::from([
            ("ACCOUNT_SID", "AC05b3911315a1322d1dede66eed740000"),
            ("AUTH_TOKEN", SECRETS[0]),
        ]),
    }
});

/// Claims it of these bytes.
///
/// # Panics
/// Where it does not hold.
pub fn holds(case: &[u8]) {
    let text = String::from_utf8_lossy(case);
    if looks_elsewhere(&text) {
        return;
    }
    // In one process, cases are tried one after the other.
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    fs::write(&PLACE.file, text.as_bytes()).expect("the file is written");
    let Reading { inputs, config } = Reading::of(&PLACE.file, &PLACE.environment);
    assert!(inputs.files().any(|file| file == PLACE.file));
    let again = Config::load(&PLACE.file, &PLACE.environment);
    match (config, again) {
        (Ok(config), Ok(again)) => taken(&config, &again),
        (Err(errors), Err(again)) => {
            assert_eq!(errors, again);
            assert!(errors.iter().count() > 0);
            errors.iter().for_each(|error| lies_within(error, &text));
            for shown in [
                errors.to_string(),
                errors.render(false),
                errors.render(true),
            ] {
                shows_no_secret(&shown, &text);
            }
        }
        _ => panic!("it is taken and refused"),
    }
}

/// Whether it may name files that are not ours: it would be slow, and not the same everywhere.
fn looks_elsewhere(text: &str) -> bool {
    ["include", "tls"].iter().any(|key| text.contains(key))
        && ["\"/", "'/", "..", "**", "\\", "secret"]
            .iter()
            .any(|path| text.contains(path))
}

fn taken(config: &Config, again: &Config) {
    let shown = format!("{config:?}");
    assert_eq!(shown, format!("{again:?}"));
    assert!(!config.accounts.is_empty() && !config.server.public_urls.is_empty());
    for shown in config.warnings.iter().chain([&shown]) {
        let secret = SECRETS.into_iter().find(|secret| shown.contains(secret));
        assert_eq!(secret, None, "a secret is shown");
    }
}

/// An error points to characters of its file.
fn lies_within(error: &ConfigError, text: &str) {
    assert!(
        !error.problem().is_empty() && !error.help().is_empty(),
        "{error}"
    );
    assert_eq!(error.file(), PLACE.file.display().to_string());
    let span = error.span();
    assert!(text.get(span.clone()).is_some(), "{span:?}: {error}");
    let before = &text[..span.start];
    let line = before.split('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    assert_eq!(error.position(), (line, column));
}

/// Neither those that it names, nor a word of the file that looks like an auth token.
fn shows_no_secret(shown: &str, text: &str) {
    let secret = SECRETS.into_iter().find(|secret| shown.contains(secret));
    assert_eq!(secret, None, "a secret is shown");
    let is_token =
        |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    for token in words(text).filter(is_token) {
        // What is left of a longer word, at the edge of what is shown, is no token.
        let longer = words(text).any(|word| word.len() > token.len() && word.contains(token));
        assert!(
            longer || !words(shown).any(|word| word == token),
            "a token is shown"
        );
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}
