//! What a delivery is signed in with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

/// A user and a password, for HTTP Basic. It never prints itself.
#[derive(Debug, Clone)]
pub struct Basic(SecretString);

/// Why there are no such credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BasicError {
    /// The password would begin within the name.
    #[error("a user's name has no `:` in it")]
    Colon,
}

impl Basic {
    /// Puts both together.
    ///
    /// # Errors
    /// Where the user's name has a colon, at which a server would part them.
    pub fn new(user: &str, password: &SecretString) -> Result<Self, BasicError> {
        if user.contains(':') {
            return Err(BasicError::Colon);
        }
        let both = format!("{user}:{}", password.expose_secret());
        Ok(Self(both.into()))
    }

    /// The header's value, which is marked as a secret.
    pub(super) fn header(&self) -> HeaderValue {
        let encoded = STANDARD.encode(self.0.expose_secret());
        let mut header = HeaderValue::try_from(format!("Basic {encoded}"))
            .expect("Base64 is made of letters, digits and signs");
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_to_the_server_alone() {
        let basic = Basic::new("user", &"päss:word".into()).unwrap();
        assert_eq!(basic.header(), "Basic dXNlcjpww6Rzczp3b3Jk");
        for shown in [format!("{basic:?}"), format!("{:?}", basic.header())] {
            assert!(
                !shown.contains("word") && !shown.contains("dXNl"),
                "{shown}"
            );
        }
    }

    #[test]
    fn a_users_name_that_would_be_parted_is_refused() {
        let refused = Basic::new("us:er", &"password".into()).unwrap_err();
        assert_eq!(refused, BasicError::Colon);
    }
}
