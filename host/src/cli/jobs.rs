//! `jackfield jobs`.

use std::process::ExitCode;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::Value;

use super::control::{Running, Told};
use super::output;
use crate::control::{OfJob, Order};
use crate::jobs::{JobFilter, JobView, JobsStatus, PaceStatus};

/// How many jobs are listed, if nobody says how many.
const LISTED: u32 = 100;

/// See what became of recordings, and decide about those that were given up.
///
/// A job is a recording that was accepted. It is `accepted` until its provider has brought
/// a result, `resulted` until that has arrived, and `done` then; it is `dead` where it was
/// given up, and is kept with all that it takes to try again.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  it is shown or done\n  1  there is no such job, it is no dead letter, or the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield jobs list --state dead\n  jackfield jobs retry 0199c1d2e3f4a5b60718293a4b5c6d7e"
)]
pub(super) struct Jobs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List jobs, the oldest first.
    #[command(
        after_long_help = "Exit status:\n  0  the host answered\n  1  the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield jobs list\n  jackfield jobs list --state dead --addon recording-insight\n  jackfield jobs list --state dead --json | jq -r '.[].id'"
    )]
    List(List),
    /// Show all that is known of a job.
    #[command(
        after_long_help = "Exit status:\n  0  there is such a job\n  1  there is none, or the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield jobs show 0199c1d2e3f4a5b60718293a4b5c6d7e"
    )]
    Show(Show),
    /// Have a dead letter worked on again, with as much time as it had.
    ///
    /// Where there is a result, that is sent, the same bytes as before; where there is
    /// none, the provider is called.
    #[command(
        after_long_help = "Exit status:\n  0  it is done\n  1  it is no dead letter, or the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield jobs retry 0199c1d2e3f4a5b60718293a4b5c6d7e"
    )]
    Retry(OneJob),
    /// Forget a dead letter, its audio and its result.
    #[command(
        after_long_help = "Exit status:\n  0  it is done\n  1  it is no dead letter, or the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield jobs drop 0199c1d2e3f4a5b60718293a4b5c6d7e"
    )]
    Drop(OneJob),
}

#[derive(Debug, clap::Args)]
struct List {
    /// Only those that are so.
    #[arg(long, value_name = "STATE", value_parser = ["accepted", "resulted", "done", "dead"])]
    state: Option<String>,
    /// Only those of this add-on, by its name in the configuration.
    #[arg(long, value_name = "ADDON")]
    addon: Option<String>,
    /// Only those that come after this one.
    #[arg(long, value_name = "JOB")]
    after: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = LISTED, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Print all that the host tells, as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: Running,
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The job, as `jackfield jobs list` shows it.
    #[arg(value_name = "JOB")]
    job: String,
    /// Print it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: Running,
}

#[derive(Debug, clap::Args)]
struct OneJob {
    /// The job, as `jackfield jobs list` shows it.
    #[arg(value_name = "JOB")]
    job: String,
    #[command(flatten)]
    host: Running,
}

impl Jobs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List(list) => list.run(),
            Action::Show(show) => show.run(),
            Action::Retry(OneJob { job, host }) => {
                let done = format!("the job {job} is worked on again");
                host.have_done(&Order::Retry(OfJob { job }), &done)
            }
            Action::Drop(OneJob { job, host }) => {
                let done = format!("the job {job} is forgotten");
                host.have_done(&Order::Drop(OfJob { job }), &done)
            }
        }
    }
}

impl List {
    fn run(self) -> anyhow::Result<ExitCode> {
        let order = Order::Jobs(JobFilter {
            state: self.state,
            addon: self.addon,
            after: self.after,
            limit: Some(self.limit),
        });
        if self.json {
            return as_json(self.host.ask::<Value>(&order)?);
        }
        let jobs = match self.host.ask::<Vec<JobView>>(&order)? {
            Told::Answer(jobs) => jobs,
            Told::Refused(code) => return Ok(code),
        };
        output::line(&table(&jobs));
        if let Some(last) = jobs.last().filter(|_| jobs.len() >= self.limit as usize) {
            output::line(&format!("there may be more: --after {}", last.id));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Show {
    fn run(self) -> anyhow::Result<ExitCode> {
        let order = Order::Job(OfJob { job: self.job });
        if self.json {
            return as_json(self.host.ask::<Value>(&order)?);
        }
        Ok(match self.host.ask::<JobView>(&order)? {
            Told::Answer(job) => {
                output::line(&shown(&job));
                ExitCode::SUCCESS
            }
            Told::Refused(code) => code,
        })
    }
}

fn as_json(told: Told<Value>) -> anyhow::Result<ExitCode> {
    Ok(match told {
        Told::Answer(answer) => {
            output::json(&answer)?;
            ExitCode::SUCCESS
        }
        Told::Refused(code) => code,
    })
}

fn table(jobs: &[JobView]) -> String {
    if jobs.is_empty() {
        return "there is no such job".to_owned();
    }
    let rows = jobs.iter().map(|job| {
        vec![
            job.id.clone(),
            job.addon.clone(),
            state(job),
            time(job.accepted),
            format!("{} / {}", job.runs, job.deliveries),
        ]
    });
    let columns = ["job", "add-on", "state", "accepted", "runs / sent"];
    let mut lines = vec![output::table(&columns, rows)];
    let why = |job: &JobView| {
        let why = job.why.as_deref()?;
        Some(format!("{}: {}", job.id, output::on_one_line(why)))
    };
    lines.extend(jobs.iter().filter_map(why));
    lines.join("\n")
}

/// How jobs are, for the status of everything.
pub(super) fn summary(status: &JobsStatus) -> String {
    let kept = match status {
        JobsStatus::Open(kept) => kept,
        JobsStatus::Away { why } => return format!("jobs: RECORDINGS ARE NOT ACCEPTED: {why}"),
    };
    let spooled = usize::try_from(kept.spooled).unwrap_or(usize::MAX);
    let sealed = if kept.sealed { "sealed" } else { "not sealed" };
    let (store, spooled) = (&kept.store, output::size(spooled));
    let head = format!("jobs: in {store}, {spooled} of audio and results, {sealed}");
    if kept.addons.is_empty() {
        return head;
    }
    let rows = kept.addons.iter().map(|it| {
        let count = |count: u64| count.to_string();
        vec![
            it.addon.clone(),
            count(it.accepted),
            count(it.resulted),
            count(it.done),
            count(it.dead),
            it.oldest.map_or_else(|| "-".to_owned(), time),
            it.pace.as_ref().map_or_else(|| "-".to_owned(), pace),
        ]
    });
    let columns = [
        "add-on", "accepted", "resulted", "done", "dead", "oldest", "pace",
    ];
    format!("{head}\n{}", output::table(&columns, rows))
}

/// As multiples of the recordings' durations, next to what Twilio recommends.
fn pace(pace: &PaceStatus) -> String {
    let shown = |figure: f64, most: f64| {
        let over = if figure > most { " TOO SLOW" } else { "" };
        format!("{figure:.2} of {most:.0}{over}")
    };
    let (median, p99) = (shown(pace.median, 3.0), shown(pace.p99, 5.0));
    format!("p50 {median}\np99 {p99}")
}

fn state(job: &JobView) -> String {
    match job.under_way {
        true => format!("{}, under way", job.state),
        false => job.state.clone(),
    }
}

fn shown(job: &JobView) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let rows = [
        ("job", job.id.clone()),
        ("add-on", format!("{} ({})", job.addon, job.addon_sid)),
        ("request", or_none(job.request.clone())),
        ("installation", or_none(job.install.clone())),
        ("state", state(job)),
        ("accepted", time(job.accepted)),
        ("due", time(job.due)),
        ("deadline", or_none(job.deadline.map(time))),
        ("finished", or_none(job.finished.map(time))),
        (
            "duration",
            or_none(job.duration_ms.map(|ms| format!("{ms} ms"))),
        ),
        ("runs", job.runs.to_string()),
        ("result", or_none(job.result.clone())),
        ("sent", job.deliveries.to_string()),
        ("why", or_none(job.why.clone())),
    ];
    let lines = rows.map(|(name, value)| format!("{name:<13} {value}"));
    lines.join("\n")
}

fn time(at: Timestamp) -> String {
    at.strftime("%F %TZ").to_string()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn dead() -> JobView {
        let at = "2026-11-22T09:10:11.123Z";
        let job = json!({
            "id": "0199c1d2e3f4a5b60718293a4b5c6d7e", "addon": "recording-insight",
            "addon_sid": "XB00000000000000000000000000000001",
            "request": "XR00000000000000000000000000000001", "install": null,
            "state": "dead", "under_way": false, "accepted": at, "due": at, "deadline": at,
            "finished": at, "duration_ms": 3680, "runs": 1, "deliveries": 7,
            "result": "answer", "why": "api.twilio.com answered 500"
        });
        serde_json::from_value(job).unwrap()
    }

    #[test]
    fn a_list_fits_a_terminal_and_says_where_there_is_nothing() {
        assert_snapshot!(table(&[]), @"there is no such job");
        let shown = table(&[dead()]);
        for line in shown.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        assert_snapshot!(shown, @r"
        ───────────────────────────────────────────────────────────────────────────────────────────────────
         job                                add-on              state   accepted               runs / sent
        ═══════════════════════════════════════════════════════════════════════════════════════════════════
         0199c1d2e3f4a5b60718293a4b5c6d7e   recording-insight   dead    2026-11-22 09:10:11Z   1 / 7
        ───────────────────────────────────────────────────────────────────────────────────────────────────
        0199c1d2e3f4a5b60718293a4b5c6d7e: api.twilio.com answered 500
        ");
    }

    #[test]
    fn everything_of_a_job_is_shown() {
        assert_snapshot!(shown(&dead()), @r"
        job           0199c1d2e3f4a5b60718293a4b5c6d7e
        add-on        recording-insight (XB00000000000000000000000000000001)
        request       XR00000000000000000000000000000001
        installation  -
        state         dead
        accepted      2026-11-22 09:10:11Z
        due           2026-11-22 09:10:11Z
        deadline      2026-11-22 09:10:11Z
        finished      2026-11-22 09:10:11Z
        duration      3680 ms
        runs          1
        result        answer
        sent          7
        why           api.twilio.com answered 500
        ");
    }
}
