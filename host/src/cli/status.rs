//! `jackfield status`.

use std::process::ExitCode;

use bytesize::ByteSize;
use jiff::Timestamp;
use serde_json::Value;

use super::control::{Running, Told};
use super::output;
use crate::control::{AddOnStatus, Condition, Order, Status};
use crate::ledger::LedgerStats;

/// Show what the running host serves, and what keeps it from serving anything else.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  the host answered\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield status\n  jackfield status --json | jq '.addons[] | {name, serves}'"
)]
pub(super) struct ShowStatus {
    /// Print all that the host tells, as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    host: Running,
}

impl ShowStatus {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.json {
            return Ok(match self.host.ask::<Value>(&Order::Status)? {
                Told::Answer(status) => printed(&serde_json::to_string_pretty(&status)?),
                Told::Refused(code) => code,
            });
        }
        Ok(match self.host.ask::<Status>(&Order::Status)? {
            Told::Answer(status) => printed(&shown(&status)),
            Told::Refused(code) => code,
        })
    }
}

fn printed(text: &str) -> ExitCode {
    output::line(text);
    ExitCode::SUCCESS
}

fn shown(status: &Status) -> String {
    let mut lines = head(status);
    let rows = status.addons.iter().map(row);
    let columns = ["add-on", "state", "serves", "since", "in place", "earlier"];
    lines.push(output::table(&columns, rows));
    lines.extend(status.addons.iter().flat_map(whys));
    lines.extend(status.jobs.iter().map(super::jobs::summary));
    lines.join("\n")
}

fn head(status: &Status) -> Vec<String> {
    let mut lines = vec![format!(
        "jackfield {} (wasmtime {}), process {}, since {}",
        status.version,
        status.wasmtime,
        status.pid,
        time(status.started)
    )];
    let (config, generation) = (status.config.display(), status.generation);
    lines.push(format!("serves {config}, generation {generation}"));
    if status.draining {
        lines.push("ENDING: it accepts no more requests".to_owned());
    }
    if let Some(frozen) = &status.frozen {
        let (since, by) = (time(frozen.since), &frozen.by);
        lines.push(format!("FROZEN since {since} by {by}: {}", frozen.reason));
    }
    if let Some(last) = &status.last_reload {
        let (at, who, outcome) = (time(last.at), &last.who, last.outcome.name());
        lines.push(format!("last reload at {at} by {who}: {outcome}"));
        let general = last.problems.iter().filter(|it| it.add_on.is_none());
        lines.extend(general.map(|problem| format!("  {}", problem.why)));
    }
    lines.push(ledger(&status.ledger));
    lines
}

/// The answers that are kept, and what came of them.
fn ledger(stats: &LedgerStats) -> String {
    let LedgerStats {
        entries,
        bytes,
        joined,
        replayed,
        conflicts,
        evicted,
    } = stats;
    let bytes = ByteSize::b(*bytes as u64).display().iec();
    format!(
        "ledger: {entries} answer(s) in {bytes}; {replayed} given again, {joined} waited for, \
         {conflicts} refused, {evicted} gone early"
    )
}

fn row(add_on: &AddOnStatus) -> Vec<String> {
    let serves = add_on.serves.as_deref();
    let none = || "-".to_owned();
    let in_place = match (&add_on.in_place, add_on.held) {
        (None, _) => String::new(),
        (Some(sha256), false) => output::short(sha256).to_owned(),
        (Some(sha256), true) => format!("{}\nheld", output::short(sha256)),
    };
    let earlier = add_on.versions.iter().rev();
    let earlier = earlier.filter(|it| Some(it.sha256.as_str()) != serves);
    let earlier: Vec<&str> = earlier.map(|it| output::short(&it.sha256)).collect();
    vec![
        add_on.name.clone(),
        labels(&add_on.conditions),
        serves.map_or_else(none, |sha256| output::short(sha256).to_owned()),
        add_on.since.map_or_else(none, time),
        in_place,
        earlier.join("\n"),
    ]
}

fn labels(conditions: &[Condition]) -> String {
    let labels: Vec<String> = conditions.iter().map(Condition::label).collect();
    labels.join("\n")
}

/// What needs more than a word, a line each.
fn whys(add_on: &AddOnStatus) -> Vec<String> {
    let name = &add_on.name;
    let mut lines = Vec::new();
    for condition in &add_on.conditions {
        lines.extend(
            condition
                .why()
                .map(|why| format!("{name}: {}", output::on_one_line(&why))),
        );
    }
    lines.extend(listing(add_on));
    if let Some(canary) = &add_on.canary {
        let of = canary.sha256.as_deref().map_or("none", output::short);
        let state = labels(&canary.conditions).replace('\n', ", ");
        lines.push(format!(
            "{name}: canary {of} for {} % of the customers, {state}",
            canary.percent
        ));
        let why = canary.conditions.iter().filter_map(Condition::why);
        lines.extend(why.map(|why| format!("  {}", output::on_one_line(&why))));
    }
    if let Some(shadow) = &add_on.shadow {
        let of = shadow.sha256.as_deref().map_or("none", output::short);
        let tally = shadow.tally;
        lines.push(format!(
            "{name}: shadow {of} of {} % of the calls: {} same, {} different, {} failed, {} skipped",
            shadow.percent, tally.same, tally.different, tally.failed, tally.skipped
        ));
        let why = shadow.why.iter();
        lines.extend(why.map(|why| format!("  {}", output::on_one_line(why))));
    }
    lines
}

/// From which versions of its listing requests came, where any has a name.
fn listing(add_on: &AddOnStatus) -> Option<String> {
    let counts = &add_on.listing;
    if counts.named.is_empty() {
        return None;
    }
    let named = counts.named.iter();
    let named: Vec<String> = named
        .map(|it| format!("{} {}", it.requests, it.name))
        .collect();
    Some(format!(
        "{}: requests by version: {}, {} unknown, {} without",
        add_on.name,
        named.join(", "),
        counts.unknown,
        counts.unsaid
    ))
}

fn time(at: Timestamp) -> String {
    at.strftime("%F %TZ").to_string()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn everything() -> Status {
        let hash = |digit: &str| digit.repeat(64);
        let at = "2026-11-22T09:10:11.123Z";
        let operator = json!({ "kind": "operator", "uid": 1000, "pid": 4711 });
        let status = json!({
            "version": "0.1.0", "wasmtime": "48.0.8", "pid": 321, "started": at,
            "draining": true, "config": "addons.toml", "generation": 7,
            "frozen": { "reason": "incident 17", "since": at, "by": operator },
            "last_reload": {
                "at": at, "who": { "kind": "watch" }, "outcome": "refused", "generation": 7,
                "changes": [], "remarks": [], "took_ms": 1.5,
                "problems": [{ "add_on": null, "sha256": null, "why": "addons.toml:1: no" }]
            },
            "ledger": {
                "entries": 12345, "bytes": 67108864, "joined": 999, "replayed": 123456,
                "conflicts": 7, "evicted": 1234567
            },
            "addons": [
                {
                    "name": "a-name-as-long-as-any-may-be-which-is-to-say-sixty-four-characters",
                    "sid": "XB00000000000000000000000000000001",
                    "conditions": [
                        {
                            "state": "paused", "reason": "the vendor is down", "since": at,
                            "by": operator, "answered": true
                        },
                        { "state": "serving-previous", "why": "an operator went back" },
                        { "state": "on-trial", "calls": 3, "of": 100 }
                    ],
                    "serves": hash("a"), "since": at, "in_place": hash("b"), "held": true,
                    "canary": {
                        "sha256": hash("c"), "percent": 5,
                        "conditions": [{ "state": "on-trial", "calls": 1, "of": 100 }]
                    },
                    "shadow": {
                        "sha256": null, "percent": 50, "why": "`b.wasm` is\n no component",
                        "tally": { "same": 1, "different": 2, "failed": 3, "skipped": 4 }
                    },
                    "versions": [
                        { "sha256": hash("d"), "since": at, "proven": true, "held": null },
                        { "sha256": hash("b"), "since": at, "proven": true, "held": "no" },
                        { "sha256": hash("a"), "since": at, "proven": true, "held": null }
                    ]
                },
                {
                    "name": "plain", "sid": "XB00000000000000000000000000000002",
                    "conditions": [{ "state": "ready" }], "serves": hash("e"), "since": at,
                    "in_place": null, "held": false, "canary": null, "shadow": null,
                    "versions": []
                }
            ],
            "jobs": {
                "state": "open", "store": "SQLite", "spooled": 3_000_000, "sealed": true,
                "addons": [
                    {
                        "addon": "recording-insight", "accepted": 1, "resulted": 2, "done": 300,
                        "dead": 4, "oldest": at,
                        "pace": { "of": 300, "median": 0.0134, "p99": 6.25 }
                    },
                    {
                        "addon": "XB00000000000000000000000000000003", "accepted": 0,
                        "resulted": 0, "done": 0, "dead": 1, "oldest": null, "pace": null
                    }
                ]
            }
        });
        serde_json::from_value(status).unwrap()
    }

    #[test]
    fn everything_there_is_to_tell_fits_a_terminal() {
        let shown = shown(&everything());
        let table = shown.lines().filter(|line| !line.contains(": "));
        for line in table {
            assert!(line.chars().count() <= 100, "{line}");
        }
        assert_snapshot!(shown, @r#"
        jackfield 0.1.0 (wasmtime 48.0.8), process 321, since 2026-11-22 09:10:11Z
        serves addons.toml, generation 7
        ENDING: it accepts no more requests
        FROZEN since 2026-11-22 09:10:11Z by user 1000 (process 4711): incident 17
        last reload at 2026-11-22 09:10:11Z by the host, on a change: refused
          addons.toml:1: no
        ledger: 12345 answer(s) in 64.0 MiB; 123456 given again, 999 waited for, 7 refused, 1234567 gone early
        ────────────────────────────────────────────────────────────────────────────────────────────────────
         add-on                state                serves         since        in place       earlier
        ════════════════════════════════════════════════════════════════════════════════════════════════════
         a-name-as-long-as-a   PAUSED               aaaaaaaaaaaa   2026-11-22   bbbbbbbbbbbb   bbbbbbbbbbbb
         ny-may-be-which-is-   serving previous                    09:10:11Z    held           dddddddddddd
         to-say-sixty-four-c   on trial, 3 of 100
         haracters
        ────────────────────────────────────────────────────────────────────────────────────────────────────
         plain                 ready                eeeeeeeeeeee   2026-11-22
                                                                   09:10:11Z
        ────────────────────────────────────────────────────────────────────────────────────────────────────
        a-name-as-long-as-any-may-be-which-is-to-say-sixty-four-characters: paused since 2026-11-22 09:10:11Z by user 1000 (process 4711): the vendor is down
        a-name-as-long-as-any-may-be-which-is-to-say-sixty-four-characters: an operator went back
        a-name-as-long-as-any-may-be-which-is-to-say-sixty-four-characters: canary cccccccccccc for 5 % of the customers, on trial, 1 of 100
        a-name-as-long-as-any-may-be-which-is-to-say-sixty-four-characters: shadow none of 50 % of the calls: 1 same, 2 different, 3 failed, 4 skipped
          `b.wasm` is no component
        jobs: in SQLite, 2.9 MiB of audio and results, sealed
        ────────────────────────────────────────────────────────────────────────────────────────────────────
         add-on                    accepted   resulted   done   dead   oldest       pace
        ════════════════════════════════════════════════════════════════════════════════════════════════════
         recording-insight         1          2          300    4      2026-11-22   p50 0.01 of 3
                                                                       09:10:11Z    p99 6.25 of 5 TOO SLOW
        ────────────────────────────────────────────────────────────────────────────────────────────────────
         XB000000000000000000000   0          0          0      1      -            -
         00000000003
        ────────────────────────────────────────────────────────────────────────────────────────────────────
        "#);
    }
}
