//! What a publisher's existing API demands besides Twilio's signature: a key in the
//! query, a header, or HTTP Basic. It is checked and then gone: no provider sees it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::parameters::Parameters;
use super::received::Received;

/// The realm that a 401 names. Twilio first calls without credentials and repeats the
/// call with those of the URL once it has seen one
/// (<https://www.twilio.com/docs/usage/security>).
pub const REALM: &str = "add-on";

/// Everything that one add-on demands.
#[derive(Debug, Clone, Default)]
pub struct Requirements {
    /// Parameters and their values.
    pub parameters: Vec<(String, SecretString)>,
    /// Headers and their values.
    pub headers: Vec<(HeaderName, SecretString)>,
    /// User name and password.
    pub basic: Option<(String, SecretString)>,
}

impl PartialEq for Requirements {
    fn eq(&self, other: &Self) -> bool {
        let basic = |it: &Self| {
            let basic = it.basic.as_ref();
            basic.map(|(user, password)| (user.clone(), password.expose_secret().to_owned()))
        };
        same_values(&self.parameters, &other.parameters)
            && same_values(&self.headers, &other.headers)
            && basic(self) == basic(other)
    }
}

fn same_values<N: PartialEq>(some: &[(N, SecretString)], others: &[(N, SecretString)]) -> bool {
    let same = |((name, value), (other, expected)): (&(N, SecretString), &(N, SecretString))| {
        name == other && value.expose_secret() == expected.expose_secret()
    };
    some.len() == others.len() && some.iter().zip(others).all(same)
}

/// Why a request is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Basic credentials are demanded, and there are none or others.
    #[error("HTTP Basic credentials are missing or wrong")]
    Basic,
    /// A key is demanded, and there is none or another.
    #[error("an API key is missing or wrong")]
    Key,
}

impl Requirements {
    /// Checks a request, and removes what was demanded from its parameters.
    ///
    /// # Errors
    /// Where something demanded is missing or wrong.
    pub fn take(
        &self,
        received: &Received,
        parameters: &mut Parameters,
    ) -> Result<(), CredentialsError> {
        let basic = self.basic.as_ref().is_none_or(|(user, password)| {
            let sent = received.sole_header(AUTHORIZATION);
            sent.is_some_and(|sent| is_basic(sent, user, password))
        });
        let headers = self.headers.iter().all(|(name, secret)| {
            let sent = received.sole_header(name);
            sent.is_some_and(|sent| same(sent, secret.expose_secret()))
        });
        let keys = self
            .parameters
            .iter()
            .all(|(name, secret)| take_parameter(parameters, name, secret));
        match (basic, headers && keys) {
            (true, true) => Ok(()),
            (false, _) => Err(CredentialsError::Basic),
            (true, false) => Err(CredentialsError::Key),
        }
    }
}

fn same(sent: &str, expected: &str) -> bool {
    sent.as_bytes().ct_eq(expected.as_bytes()).into()
}

fn take_parameter(parameters: &mut Parameters, name: &str, secret: &SecretString) -> bool {
    let good = {
        let mut values = parameters.values(name).peekable();
        values.peek().is_some() && values.all(|sent| same(sent, secret.expose_secret()))
    };
    parameters.remove(name);
    good
}

fn is_basic(sent: &str, user: &str, password: &SecretString) -> bool {
    let Some((scheme, encoded)) = sent.split_once(' ') else {
        return false;
    };
    let expected = format!("{user}:{}", password.expose_secret());
    scheme.eq_ignore_ascii_case("basic") && same(encoded.trim(), &STANDARD.encode(expected))
}

#[cfg(test)]
mod tests {
    use super::super::parameters::decode;
    use super::super::received::tests::received;
    use super::*;

    fn requirements() -> Requirements {
        Requirements {
            parameters: vec![("apikey".into(), SecretString::from("k-1"))],
            headers: vec![(HeaderName::from_static("x-key"), SecretString::from("h-1"))],
            basic: Some(("user".into(), SecretString::from("pass"))),
        }
    }

    fn take(target: &str, header: &str, basic: &str) -> Result<usize, CredentialsError> {
        let mut request = received(target, None, "");
        request.headers.insert("x-key", header.parse().unwrap());
        request
            .headers
            .insert(AUTHORIZATION, basic.parse().unwrap());
        let query = decode(request.query().as_bytes()).unwrap();
        let mut parameters = Parameters::read(&request, query, Vec::new()).unwrap();
        requirements().take(&request, &mut parameters)?;
        Ok(parameters.iter().count())
    }

    #[test]
    fn everything_demanded_must_be_right_and_is_then_gone() {
        use CredentialsError::{Basic, Key};
        let good = "Basic dXNlcjpwYXNz";
        for (target, header, basic, expected) in [
            ("/x?apikey=k-1&a=1", "h-1", good, Ok(1)),
            (
                "/x?apikey=k-1&apikey=k-1",
                "h-1",
                "basic dXNlcjpwYXNz",
                Ok(0),
            ),
            ("/x?apikey=k-1&apikey=k-2", "h-1", good, Err(Key)),
            ("/x?apikey=k-2", "h-1", good, Err(Key)),
            ("/x", "h-1", good, Err(Key)),
            ("/x?apikey=k-1", "h-2", good, Err(Key)),
            ("/x?apikey=k-1", "h-1", "Basic dXNlcjpub3Bl", Err(Basic)),
            ("/x?apikey=k-1", "h-1", "Bearer dXNlcjpwYXNz", Err(Basic)),
            ("/x?apikey=k-1", "h-1", "dXNlcjpwYXNz", Err(Basic)),
        ] {
            assert_eq!(
                take(target, header, basic),
                expected,
                "{target} {header} {basic}"
            );
        }
    }

    #[test]
    fn nothing_demanded_lets_everything_through() {
        let request = received("/x?apikey=1", None, "");
        let mut parameters = Parameters::default();
        assert!(
            Requirements::default()
                .take(&request, &mut parameters)
                .is_ok()
        );
    }

    #[test]
    fn what_is_demanded_never_prints_itself() {
        let shown = format!("{:?}", requirements());
        assert!(!shown.contains("k-1") && !shown.contains("pass"), "{shown}");
    }
}
