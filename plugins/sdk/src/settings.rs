//! What the operator sets for a provider: read while it serves, and checked before.

/// A provider that checks its own settings when it is loaded, so that a bad one is a
/// message to the operator and not a refusal to Twilio's customers.
pub trait CheckSettings {
    /// Checks the settings, names and values in the order of the names. There may be none.
    ///
    /// # Errors
    ///
    /// One sentence a problem, each naming the setting and what was expected, as in
    /// ``"`region`: expected `us` or `eu`"``. Operators read them and logs keep them, so
    /// they should not repeat a value.
    fn check_settings(settings: &[(String, String)]) -> Result<(), Vec<String>>;
}

/// Exports a type that implements [`CheckSettings`](crate::CheckSettings), once in a
/// crate, beside [`provider!`](crate::provider).
#[macro_export]
macro_rules! check_settings {
    ($provider:ty) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, unused_qualifications, clippy::undocumented_unsafe_blocks)]
        const _: () = {
            struct Checker;

            impl $crate::contract::settings::exports::jackfield::addon::settings::Guest for Checker {
                fn check(
                    settings: ::std::vec::Vec<(::std::string::String, ::std::string::String)>,
                ) -> Result<(), ::std::vec::Vec<::std::string::String>> {
                    <$provider as $crate::CheckSettings>::check_settings(&settings)
                }
            }

            $crate::contract::settings::export!(
                Checker with_types_in $crate::contract::settings
            );
        };
    };
}

/// The value of a setting, if there is one of this name.
///
/// A provider that calls this, or [`settings`], imports `wasi:config/store`, and is served
/// only by add-ons with a table `[addons.NAME.settings]`.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    source::get(name)
}

/// All settings, in no order.
#[must_use]
pub fn settings() -> Vec<(String, String)> {
    source::get_all()
}

#[cfg(not(target_family = "wasm"))]
pub use source::give_settings;

#[cfg(target_family = "wasm")]
mod source {
    use crate::contract::settings::wasi::config::store;

    // The host's store never fails; another host's failure is a setting that is not there.
    pub(super) fn get(name: &str) -> Option<String> {
        store::get(name).ok().flatten()
    }

    pub(super) fn get_all() -> Vec<(String, String)> {
        store::get_all().unwrap_or_default()
    }
}

#[cfg(not(target_family = "wasm"))]
mod source {
    use std::cell::RefCell;

    thread_local! {
        static GIVEN: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
    }

    /// Sets the settings of this thread, in place of an operator: for unit tests.
    pub fn give_settings(settings: &[(&str, &str)]) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        GIVEN.set(settings.iter().map(own).collect());
    }

    pub(super) fn get(name: &str) -> Option<String> {
        let mut given = get_all().into_iter();
        given
            .find(|(given, _)| given == name)
            .map(|(_, value)| value)
    }

    pub(super) fn get_all() -> Vec<(String, String)> {
        GIVEN.with_borrow(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Picky;

    impl CheckSettings for Picky {
        fn check_settings(settings: &[(String, String)]) -> Result<(), Vec<String>> {
            match settings {
                [] => Err(vec!["`region`: expected a value".to_owned()]),
                _ => Ok(()),
            }
        }
    }

    check_settings!(Picky);

    #[test]
    fn a_test_gives_settings_as_an_operator_does() {
        assert_eq!(setting("region"), None);
        give_settings(&[("region", "eu"), ("rate", "5")]);
        assert_eq!(setting("region").as_deref(), Some("eu"));
        assert!(Picky::check_settings(&settings()).is_ok());
        give_settings(&[]);
        assert!(Picky::check_settings(&settings()).is_err());
    }
}
