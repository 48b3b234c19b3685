//! What a provider is given by its operator: `settings`.

use crate::config::checked::{Checking, Setting, Settings, Spot};
use crate::config::raw::{At, RawAddOn, RawSetting};
use crate::config::values::Table;
use crate::config::veil::is_token;

/// The most settings of one add-on.
const MOST: usize = 64;
/// The most that their names and values have together, in bytes.
const LONGEST: usize = 64 * 1024;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

impl Checking<'_> {
    /// The settings, where there is a table of them: even an empty one lets the provider
    /// ask.
    pub(super) fn settings(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<Settings> {
        let raw = raw.settings.as_ref()?;
        let mut settings = Vec::new();
        for (name, value) in raw.get_ref() {
            let at = table.at(&format!("settings.{}", name.get_ref()), value);
            self.setting_name(&at, name.get_ref());
            settings.extend(self.setting(&at, name.get_ref(), value.get_ref()));
        }
        let settings = Settings::new(settings);
        self.few_and_short(table, raw, &settings);
        Some(settings)
    }

    fn setting(&mut self, at: &Spot, name: &str, raw: &RawSetting) -> Option<Setting> {
        let (value, is_secret) = match raw {
            RawSetting::Text(text) => (text.clone().into(), false),
            RawSetting::Secret(secret) => (self.secret(at, secret)?, true),
        };
        if matches!(raw, RawSetting::Text(text) if is_token(text)) {
            self.warnings.push(format!(
                "`{}` looks like a secret: write {{ env = \"NAME\" }} or {{ file = \"PATH\" }}, \
                 and it stands in no file of the configuration and in no log",
                at.key
            ));
        }
        Some(Setting {
            name: name.to_owned(),
            value,
            is_secret,
        })
    }

    fn setting_name(&mut self, at: &Spot, name: &str) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(plain) {
            let problem = format!("expected a name of at most {LONGEST_NAME} characters");
            let help = "use letters, digits, `-`, `_` and `.`, and quotes around a `.`, as in \
                        \"api.key\" = \"text\"";
            self.fail(at, problem, help);
        }
    }

    fn few_and_short<T>(&mut self, table: Table<'_>, raw: &At<T>, settings: &Settings) {
        let at = table.at("settings", raw);
        let count = settings.pairs().count();
        if count > MOST {
            let problem = format!("there are {count} settings, and there may be {MOST}");
            let help = "leave out what the provider can do without, or put several into one text";
            self.fail(&at, problem, help);
        }
        let bytes: usize = settings
            .pairs()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if bytes > LONGEST {
            let problem = format!("the settings have {bytes} bytes, and may have {LONGEST}");
            let help = "shorten them: what is longer than a setting belongs into the component";
            self.fail(&at, problem, help);
        }
    }
}
