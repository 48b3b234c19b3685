//! Logs: one line a request, on standard error.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use tracing::error;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging at the levels that `filter` names, as in `info` or
/// `warn,jackfield=debug`.
///
/// # Errors
/// Where the filter cannot be read, or logging runs already.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let levels: Targets = filter
        .parse()
        .map_err(|error| anyhow::anyhow!("`{filter}` is no log filter: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Says where a panic happened. What it says itself may quote a request.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    error!(at, "panicked");
}
