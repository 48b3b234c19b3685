//! What may differ between the request that was signed and the one that arrives.

use jackfield_tests::{Signed, Twilio};

use super::call::{Call, Content};

/// One way of sending a signed form otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Same {
    /// The form's parameters come in another order.
    Reordered,
    /// Every parameter of the form comes twice.
    Repeated,
    /// The form's body has other escapes, and `%20` for `+` or the other way round.
    Respelt,
    /// The headers' names are capitalised.
    HeaderCase,
    /// The content type names a character set.
    Charset,
    /// A port is added to the `Host` header, or taken from it.
    HostPort,
}

impl Same {
    pub(crate) const ALL: [Self; 6] = [
        Self::Reordered,
        Self::Repeated,
        Self::Respelt,
        Self::HeaderCase,
        Self::Charset,
        Self::HostPort,
    ];

    /// The call as it is sent.
    pub(crate) fn change(self, mut call: Call) -> Call {
        let other = call.form_spelling.other();
        if let Content::Form(form) = &mut call.content {
            match self {
                Self::Reordered => form.reverse(),
                Self::Repeated => form.extend(form.clone()),
                Self::Respelt => call.form_spelling = other,
                Self::HeaderCase | Self::Charset | Self::HostPort => {}
            }
        }
        call
    }

    /// The request as it is sent.
    pub(crate) fn request(self, call: &Call, twilio: &Twilio) -> Signed {
        let request = call.request(twilio);
        match self {
            Self::HeaderCase => request.title_case(),
            Self::Charset => request.header(
                "content-type",
                "Application/X-WWW-Form-URLencoded; charset=UTF-8",
            ),
            Self::HostPort => {
                let authority = call.base.split("://").nth(1).unwrap_or_default();
                match authority.split_once(':') {
                    Some((host, _)) => request.header("host", host),
                    None => request.header("host", &format!("{authority}:443")),
                }
            }
            Self::Reordered | Self::Repeated | Self::Respelt => request,
        }
    }
}
