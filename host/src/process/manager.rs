//! What a manager of services is told, in systemd's protocol (`NOTIFY_SOCKET`): that the
//! host serves, what it serves, that it reads everything again, that it ends, and that it
//! is alive. Where nobody asked to be told, nobody is.

use std::sync::Arc;

use sd_notify::NotifyState;
use tracing::debug;

use crate::host::Host;
use crate::stop::Stop;

/// Whoever started the process and watches over it, if anybody does.
#[derive(Debug, Clone, Copy)]
pub struct Manager;

impl Manager {
    /// Tells that the host serves, then what it serves, whenever that changes, and that it
    /// ends. Ready once that is told.
    pub async fn follow(self, host: Arc<Host>, stop: Stop) {
        let mut changes = host.changes();
        tell(&[NotifyState::Ready, NotifyState::Status(&status(&host))]);
        loop {
            tokio::select! {
                () = stop.asked() => break,
                Ok(()) = changes.changed() => tell(&[NotifyState::Status(&status(&host))]),
            }
        }
        let status = NotifyState::Status("ending: what runs is let end");
        tell(&[NotifyState::Stopping, status]);
    }

    /// Tells that everything is read again. It has to be told when that has ended.
    pub fn reloading(self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => debug!(%error, "the manager was not told of a reload"),
        }
    }

    /// Tells that what was read is served.
    pub fn reloaded(self) {
        tell(&[NotifyState::Ready]);
    }

    /// Gives a sign of life twice as often as is asked for. The signs come from a task as
    /// requests do: where those are not served any more, there are no more signs.
    pub async fn keep_alive(self) {
        let Some(patience) = sd_notify::watchdog_enabled().filter(|it| !it.is_zero()) else {
            return;
        };
        let mut beat = tokio::time::interval(patience / 2);
        loop {
            beat.tick().await;
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// One datagram to a socket of this machine, which takes no time.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!(%error, "the manager was not told");
    }
}

fn status(host: &Host) -> String {
    let registry = host.registry();
    let (all, generation) = (registry.add_ons().count(), registry.generation);
    match registry.unavailable() {
        0 => format!("serves {all} add-on(s), generation {generation}"),
        unavailable => {
            format!("serves {all} add-on(s), {unavailable} unavailable, generation {generation}")
        }
    }
}
