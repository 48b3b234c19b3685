//! Where in Twilio's product an add-on was used.

use std::fmt;
use std::str::FromStr;

/// An integration point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IntegrationPoint {
    /// A number was looked up.
    Lookups,
    /// A message arrived.
    IncomingSms,
    /// A call arrived.
    IncomingVoiceCall,
    /// A call was recorded. Twilio does not wait for what is found.
    Recordings,
}

impl IntegrationPoint {
    /// Every integration point, in the order in which the documents name them.
    pub const ALL: [Self; 4] = [
        Self::Lookups,
        Self::IncomingSms,
        Self::IncomingVoiceCall,
        Self::Recordings,
    ];

    /// Those whose answer Twilio waits for.
    pub const SYNCHRONOUS: [Self; 3] = [Self::Lookups, Self::IncomingSms, Self::IncomingVoiceCall];

    /// Whether Twilio does not wait for the answer, and gets it later.
    #[must_use]
    pub fn is_asynchronous(self) -> bool {
        !Self::SYNCHRONOUS.contains(&self)
    }

    /// The name that configuration, providers and logs use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lookups => "lookups",
            Self::IncomingSms => "incoming-sms",
            Self::IncomingVoiceCall => "incoming-voice-call",
            Self::Recordings => "recordings",
        }
    }

    /// The path under which requests arrive, unless an add-on has a path of its own.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Lookups => "/lookups",
            Self::IncomingSms => "/incoming-sms",
            Self::IncomingVoiceCall => "/incoming-voice-call",
            Self::Recordings => "/recordings",
        }
    }
}

impl fmt::Display for IntegrationPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No integration point has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `lookups`, `incoming-sms`, `incoming-voice-call` or `recordings`")]
pub struct UnknownPoint;

impl FromStr for IntegrationPoint {
    type Err = UnknownPoint;

    fn from_str(name: &str) -> Result<Self, UnknownPoint> {
        Self::ALL
            .into_iter()
            .find(|point| point.name() == name)
            .ok_or(UnknownPoint)
    }
}
