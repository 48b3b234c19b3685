//! What operators ask for about jobs, and about what is kept.

use std::sync::Arc;

use super::Control;
use super::error::ControlError;
use super::order::EraseOf;
use crate::jobs::{Erased, Jobs, JobsStatus, OperateError};
use crate::protocol::reply;
use crate::registry::Registry;
use crate::state::{Entry, Who};
use crate::whose::Whose;

impl Control {
    pub(super) fn registry(&self) -> Arc<Registry> {
        self.reloader.host().registry()
    }

    pub(super) fn jobs(&self) -> Result<Arc<Jobs>, ControlError> {
        let jobs = self.reloader.host().jobs();
        Ok(jobs.ok_or(OperateError::NoJobs)?)
    }

    /// How they are; nothing where no recording was ever to be kept.
    pub(super) async fn jobs_status(&self) -> Option<JobsStatus> {
        let host = self.reloader.host();
        let away = |why: String| Some(JobsStatus::Away { why });
        match host.jobs() {
            Some(jobs) => match jobs.status(&host.registry()).await {
                Ok(kept) => Some(JobsStatus::Open(kept)),
                Err(error) => away(error.to_string()),
            },
            None if host.wants_jobs() => away("their store is not open: the log says why".into()),
            None => None,
        }
    }

    pub(super) async fn retry(&self, job: &str, who: &Who) -> Result<(), ControlError> {
        self.jobs()?.revive(job).await?;
        self.audit("retry", job, who);
        Ok(())
    }

    pub(super) async fn drop_job(&self, job: &str, who: &Who) -> Result<(), ControlError> {
        self.jobs()?.discard(job).await?;
        self.audit("drop", job, who);
        Ok(())
    }

    /// Erases somebody from everything that is kept. Whoever it is does not stand in the
    /// audit log, which would keep the number for longer than anything else.
    pub(super) async fn erase(&self, of: &EraseOf, who: &Who) -> Result<Erased, ControlError> {
        let whose = whose(of)?;
        let host = self.reloader.host();
        let answers = host.ledger.erase(|answer| {
            // In a shape of the publisher's own, the number need not stand in the answer.
            let unknown = whose.has_number() && !reply::names_its_number(answer.body);
            unknown || whose.installed(answer.install) || whose.is_in(answer.body)
        });
        let mut erased = match host.jobs() {
            Some(jobs) => jobs.erase(&whose).await.map_err(OperateError::from)?,
            // No add-on has jobs, or their store is not to be had: then nobody can say so.
            None if host.wants_jobs() => return Err(OperateError::NoJobs.into()),
            None => Erased::default(),
        };
        erased.answers = answers as u64;
        self.audit("erase", "", who);
        Ok(erased)
    }

    fn audit(&self, event: &str, job: &str, who: &Who) {
        self.reloader.state().audit.note(&Entry {
            event,
            who,
            add_on: None,
            old: Some(job).filter(|job| !job.is_empty()),
            new: None,
            why: None,
        });
    }
}

fn whose(of: &EraseOf) -> Result<Whose, ControlError> {
    match of {
        EraseOf::Phone(number) => {
            Whose::number(number).map_err(|error| ControlError::Malformed(error.to_string()))
        }
        EraseOf::Install(sid) => {
            let sid = sid.parse();
            let expected = "expected the SID of an installation, `XD` and 32 hexadecimal digits";
            let sid = sid.map_err(|_| ControlError::Malformed(expected.to_owned()))?;
            Ok(Whose::install(sid))
        }
    }
}
