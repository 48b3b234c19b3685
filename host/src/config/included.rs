//! What an included file cannot have: the first file alone says how the host runs.

use super::checked::{Checking, Spot};
use super::raw::At;
use super::source::RawFile;

impl Checking<'_> {
    /// Refuses what stands in an included file and belongs into the first.
    pub(super) fn included(&mut self, included: &[RawFile]) {
        for file in included {
            let raw = &file.raw;
            let tables = [
                ("server", raw.server.as_ref().map(At::span)),
                ("egress", raw.egress.as_ref().map(At::span)),
                ("operators", raw.operators.as_ref().map(At::span)),
                ("traces", raw.traces.as_ref().map(At::span)),
                ("jobs", raw.jobs.as_ref().map(At::span)),
            ];
            for (name, span) in tables {
                if let Some(span) = span {
                    let at = Spot::new(&file.source, span, name);
                    let problem = format!("an included file cannot have `[{name}]`");
                    self.fail(&at, problem, "move it to the first file");
                }
            }
            if let Some(include) = raw.include.first() {
                let at = Spot::new(&file.source, include.span(), "include");
                let problem = "an included file cannot include others";
                self.fail(&at, problem, "list them in the first file");
            }
        }
    }
}
