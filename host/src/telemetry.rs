//! Logs: one line a request, on standard error, for people or for programs.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::time::Duration;

use tracing::error;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Starts logging at the levels that `filter` names, as in `info` or
/// `warn,jackfield=debug`.
///
/// # Errors
/// Where the filter cannot be read, or logging runs already.
pub fn start(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let levels: Targets = filter
        .parse()
        .map_err(|error| anyhow::anyhow!("`{filter}` is no log filter: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        // Message and fields stand side by side, and there are no spans to tell of.
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// A time in milliseconds, to the microsecond, as lines tell it.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Says where a panic happened. What it says itself may quote a request.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    error!(at, "panicked");
}
