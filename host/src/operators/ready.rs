//! Whether requests should be sent to this host.
//!
//! A host that serves is ready, however its add-ons are: one that has no sound component, or
//! is paused, answers in Twilio's terms, and a host beside this one would do no better.
//! Taken out of service for it, this host would answer nobody, which counts against the
//! publisher. So what is amiss is told and changes nothing.

use serde::Serialize;

use crate::control::Control;

/// Whether a host is ready, and what is amiss.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    pub(super) ready: bool,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// The add-ons that are served.
    addons: usize,
    /// Those of them that no component serves.
    unavailable: usize,
    /// Those that an operator has paused.
    paused: usize,
    /// Whether recordings can be kept, where they are to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    recordings: Option<bool>,
}

impl Readiness {
    pub(super) fn of(control: &Control) -> Self {
        let host = control.reloader().host();
        let registry = host.registry();
        let why = match registry.generation {
            _ if control.is_draining() => Some("draining"),
            0 => Some("starting"),
            _ => None,
        };
        let add_ons = || registry.add_ons();
        Self {
            ready: why.is_none(),
            why,
            addons: add_ons().count(),
            unavailable: registry.unavailable(),
            paused: add_ons().filter(|it| it.pause.is_some()).count(),
            recordings: host.wants_jobs().then(|| host.jobs().is_some()),
        }
    }
}
