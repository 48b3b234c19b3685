//! A server, what it is asked, and how fast.

use std::rc::Rc;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Run;
use super::results::Sample;
use crate::load::{self, Outcome, Pace, Pool};
use crate::server::{Process, Server};

/// Something that is measured once in each round.
#[derive(Debug)]
pub struct Contender {
    /// What the report calls it.
    pub name: String,
    /// Who is asked.
    pub server: Rc<Server>,
    /// What.
    pub pool: Pool,
    /// How fast.
    pub pace: Pace,
    /// How long it is left alone before its memory is looked at.
    pub rest: Duration,
}

impl Contender {
    /// Starts the server, and measures it once.
    #[expect(clippy::disallowed_methods, reason = "a rest is waited for")]
    pub(super) fn measure(&self, run: &Run) -> Result<Sample> {
        let process = self.server.start()?;
        sleep(self.rest);
        let memory = process.memory()?;
        let before = self.server.instances()?;
        let outcome = self.load(run, &process)?;
        let after = self.server.instances()?;
        let instances = after.zip(before).map(|(after, before)| after - before);
        check(&outcome, instances)?;
        Ok(Sample::new(&process, memory, &outcome, instances))
    }

    fn load(&self, run: &Run, process: &Process) -> Result<Outcome> {
        let plan = run.plan(process.address, self.pace, self.server.mark());
        load::run(&plan, &mut self.pool.clone())
    }
}

/// A figure is worth nothing unless every answer is right, and each came out of an instance
/// of its own.
fn check(outcome: &Outcome, instances: Option<u64>) -> Result<()> {
    if let Some(first) = &outcome.first_wrong {
        bail!(
            "{} of {} answers are wrong: {first}",
            outcome.wrong,
            outcome.answers
        );
    }
    match instances {
        Some(instances) if instances != outcome.answers => {
            bail!("{instances} instances gave {} answers", outcome.answers)
        }
        _ => Ok(()),
    }
}
