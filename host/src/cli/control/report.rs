//! What came of a reload, or would come of one, for people.

use std::process::ExitCode;

use crate::cli::output;
use crate::reload::{Change, Outcome, Plan, Problem, Report};

/// Shows a report. Whether anything was refused, of one add-on or of all, is the exit
/// status.
pub(super) fn show(report: &Report, of: Option<&str>) -> ExitCode {
    if !report.changes.is_empty() {
        output::line(&format!("taken up (generation {}):", report.generation));
    }
    show_all(
        &report.changes,
        &report.problems,
        "not taken up:",
        &report.remarks,
    );
    let nothing = report.changes.is_empty() && report.problems.is_empty();
    if nothing && report.outcome == Outcome::Unchanged {
        output::line("nothing has changed");
    }
    let concerns = |problem: &Problem| match (of, problem.add_on.as_deref()) {
        (Some(of), Some(add_on)) => of == add_on,
        (None, _) | (_, None) => true,
    };
    status(!report.problems.iter().any(concerns))
}

/// Shows a plan. Whether anything would be refused is the exit status.
pub(super) fn show_plan(plan: &Plan) -> ExitCode {
    if !plan.changes.is_empty() {
        output::line("a reload would change:");
    }
    let problems = "a reload would not take up:";
    show_all(&plan.changes, &plan.problems, problems, &plan.remarks);
    if plan.changes.is_empty() && plan.problems.is_empty() {
        output::line("a reload would change nothing");
    }
    status(plan.problems.is_empty())
}

fn status(good: bool) -> ExitCode {
    match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn show_all(changes: &[Change], problems: &[Problem], heading: &str, remarks: &[String]) {
    for change in changes {
        output::line(&change_line(change));
    }
    if !problems.is_empty() {
        output::line(heading);
    }
    for problem in problems {
        output::line(&problem_line(problem));
    }
    for remark in remarks {
        output::warn(remark);
    }
}

fn change_line(change: &Change) -> String {
    let subject = change.add_on.as_deref().unwrap_or("all add-ons");
    let (old, new) = (change.old.as_deref(), change.new.as_deref());
    let hashes = match (old.map(output::short), new.map(output::short)) {
        (None, None) => String::new(),
        (Some(old), Some(new)) => format!(" {old} -> {new}"),
        (Some(old), None) => format!(" {old}"),
        (None, Some(new)) => format!(" {new}"),
    };
    format!("  {subject}: {}{hashes}", change.what)
}

fn problem_line(problem: &Problem) -> String {
    let subject = problem.add_on.as_deref().unwrap_or("configuration");
    let lines: Vec<&str> = problem.why.lines().collect();
    format!("  {subject}: {}", lines.join("\n    "))
}
