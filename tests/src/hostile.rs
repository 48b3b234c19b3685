//! Attacks by a provider: one table, which every claim about them walks through.

mod table;

pub use table::attacks;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::host::{TestHost, TestHostBuilder};
use crate::twilio::{Signed, Twilio};
use crate::{NUMBER, add_on_sid, artefacts, body_hash, wat_guest};

/// The wall time that each attacker has.
pub const TIMEOUT: Duration = Duration::from_millis(250);
/// The processor time that each attacker has.
pub const CPU: Duration = Duration::from_millis(25);
/// How much later than its `timeout` an answer may come: the host's grace of 50 ms, and
/// what a busy machine adds.
pub const GRACE: Duration = Duration::from_millis(350);

/// The message that every attacker is given. No log may hold it.
pub const MESSAGE: &str = "your code is 4711-0815, tell nobody";

/// What the operator allows each attacker: what it attacks, it may use, and nothing
/// opens a breaker that would spare the host the next attack.
pub const TERMS: &str = "grants = { fields = [\"act\", \"body\"] }\nbreaker = { failures = 0 }";

/// One attack.
#[derive(Debug, Clone, Copy)]
pub struct Attack {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub guest: Guest,
    /// What its caller is told.
    pub told: Told,
}

/// What an attack is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guest {
    /// `guests/mischief`, which imports nothing.
    Mischief,
    /// `guests/meddler`, which calls WASI.
    Meddler,
    /// `guests/wat/NAME.wat`, of the attack's own name.
    Wat(&'static str),
}

/// What the caller of an attacker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// An answer: the attack has no effect that concerns the caller.
    Answer,
    /// This `error_code`.
    Code(&'static str),
}

impl Guest {
    /// The name of the add-on that it serves.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mischief => "mischief",
            Self::Meddler => "meddler",
            Self::Wat(name) => name,
        }
    }

    /// The SID of the add-on that it serves.
    #[must_use]
    pub fn sid(self) -> String {
        format!("XB{}", &body_hash(self.name().as_bytes())[..32])
    }

    fn component(self) -> Vec<u8> {
        match self {
            Self::Wat(name) => wat_guest(name),
            Self::Mischief | Self::Meddler => {
                std::fs::read(artefacts::guest(self.name())).expect("the guest is read")
            }
        }
    }
}

impl Attack {
    /// The request that starts it.
    pub fn request(&self, twilio: &Twilio) -> Signed {
        let parameters = [("phone", NUMBER), ("body", MESSAGE), ("act", self.name)];
        twilio
            .form("/incoming-sms", &parameters)
            .add_on(&self.guest.sid())
    }
}

/// The attack of this name.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn attack(name: &str) -> Attack {
    let mut all = attacks().into_iter();
    all.find(|attack| attack.name == name)
        .unwrap_or_else(|| panic!("there is no attack `{name}`"))
}

/// A host that serves every one of these attackers under the same terms, and `echo`,
/// which did nothing to deserve it, under [`neighbour_sid`].
#[must_use]
pub fn besieged(attacks: &[Attack], timeout: Duration, cpu: Duration) -> TestHostBuilder {
    let (timeout, cpu) = (timeout.as_millis(), cpu.as_millis());
    let toml = format!("timeout = \"{timeout}ms\"\ncpu = \"{cpu}ms\"\n{TERMS}");
    let guests: BTreeMap<_, _> = attacks.iter().map(|a| (a.guest.name(), a.guest)).collect();
    let host = TestHost::with("echo", &neighbour_sid(), "");
    guests.into_iter().fold(host, |host, (name, guest)| {
        host.add_on_of(name, &guest.sid(), &guest.component(), &toml)
    })
}

/// The add-on beside the attackers.
#[must_use]
pub fn neighbour_sid() -> String {
    add_on_sid('e')
}
