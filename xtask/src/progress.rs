//! What the person at the terminal sees of long work: a heading before each step,
//! its time after it, and a table at the end.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

/// The steps taken so far.
#[derive(Default)]
pub(crate) struct Progress {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    elapsed: Duration,
    succeeded: bool,
}

impl Progress {
    /// Takes one step under its heading.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n==> {name}");
        let started = Instant::now();
        let result = work();
        let step = Step {
            name: name.to_owned(),
            elapsed: started.elapsed(),
            succeeded: result.is_ok(),
        };
        println!("    {} {}", step.outcome(), seconds(step.elapsed));
        self.steps.push(step);
        result
    }

    /// Prints the table of all steps, where there was more than one.
    pub(crate) fn print_summary(&self) {
        if self.steps.len() > 1 {
            print!("\n{}", self.summary());
        }
    }

    fn summary(&self) -> String {
        let width = self
            .steps
            .iter()
            .map(|step| step.name.chars().count())
            .max()
            .unwrap_or(0);
        let mut table = String::new();
        for step in &self.steps {
            let Step {
                name,
                elapsed,
                succeeded,
            } = step;
            let mark = if *succeeded { "ok    " } else { "FAILED" };
            let _ = writeln!(table, "  {mark}  {name:width$}  {:>8}", seconds(*elapsed));
        }
        let total = self.steps.iter().map(|step| step.elapsed).sum();
        let _ = writeln!(table, "          {:width$}  {:>8}", "total", seconds(total));
        table
    }
}

impl Step {
    fn outcome(&self) -> &'static str {
        if self.succeeded {
            "done in"
        } else {
            "failed after"
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_lists_every_step_and_marks_the_failed_one() {
        let step = |name: &str, millis, succeeded| Step {
            name: name.to_owned(),
            elapsed: Duration::from_millis(millis),
            succeeded,
        };
        let steps = vec![
            step("format", 1_200, true),
            step("lints of all", 60_000, false),
        ];
        assert_eq!(
            Progress { steps }.summary(),
            "  ok      format           1.2 s\n  \
               FAILED  lints of all    60.0 s\n          \
                       total           61.2 s\n"
        );
    }
}
