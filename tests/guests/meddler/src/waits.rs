//! Waiting: it costs the host no processor, and still takes a place.

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::io::poll;

const MILLISECOND: u64 = 1_000_000;

/// Waits longer than any add-on may run.
pub(crate) fn sleep() {
    subscribe_duration(60_000 * MILLISECOND).block();
}

/// Waits a little, and answers afterwards.
pub(crate) fn doze() {
    subscribe_duration(20 * MILLISECOND).block();
}

/// Waits for nothing, without end: a runtime that answers at once every time never looks
/// at its sockets and timers.
pub(crate) fn poll_at_once() -> ! {
    let at_once = subscribe_duration(0);
    loop {
        poll::poll(&[&at_once]);
    }
}
