//! Logs: one line a request, on standard error, for people or for programs.

mod lines;
mod standard_error;

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::thread;
use std::time::Duration;

use lines::Lines;
use standard_error::StandardError;
use tracing::{error, warn};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Everything that is logged.
static LINES: Lines<StandardError> = Lines::to(StandardError);

/// How long the end of the host waits for whom reads the log.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long one who panics does: the process may end by it.
const MOMENT: Duration = Duration::from_millis(10);

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
        .with_writer(|| &LINES);
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
    thread::Builder::new().name("log".to_owned()).spawn(write)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Lets lines that are on their way arrive, as far as somebody reads them.
pub fn finish() {
    LINES.settle(PATIENCE);
}

/// The same, for one who has others to go on with meanwhile.
pub async fn settled() {
    // It cannot fail but by a panic, which is logged.
    let _ = tokio::task::spawn_blocking(finish).await;
}

/// How many lines were lost since the start because nobody read them in time.
#[must_use]
pub fn lost_lines() -> u64 {
    LINES.lost()
}

/// A time in milliseconds, to the microsecond, as lines tell it.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn write() {
    loop {
        let lost = LINES.write_next();
        if lost > 0 {
            warn!(
                lost,
                "lines of the log were lost: they were not read in time"
            );
        }
    }
}

/// Says where a panic happened. What it says itself may quote a request.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    error!(at, "panicked");
    LINES.settle(MOMENT);
}
