//! A timer that is as precise as the system's, where `epoll` counts in milliseconds.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// What wakes the generator at a moment.
pub(super) struct Clock(OwnedFd);

impl Clock {
    /// Makes one that is reported under a token.
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let clock = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        registry.register(&mut SourceFd(&clock.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self(clock))
    }

    /// Wakes the generator then; what was set before is forgotten.
    pub(super) fn wake_at(&self, moment: Instant, now: Instant) -> io::Result<()> {
        // Zero would switch it off.
        let wait = moment.duration_since(now).max(Duration::from_nanos(1));
        let once = Itimerspec {
            it_interval: Timespec::default(),
            it_value: Timespec::try_from(wait).map_err(io::Error::other)?,
        };
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}
