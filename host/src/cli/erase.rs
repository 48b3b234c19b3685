//! `jackfield erase`.

use std::process::ExitCode;

use super::control::{Running, Told};
use super::output;
use crate::control::{EraseOf, Order};
use crate::jobs::Erased;

/// Erase what the running host keeps about somebody.
///
/// That is every answer that it would repeat, and every job, with its audio and its result,
/// whatever its state: one that is not done is not done any more. A number is looked for in
/// what requests said and in results, however it is written. Requests that come later are
/// served as before. `docs/operations.md` says what is kept, and for how long.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "Exit status:\n  0  nothing is left\n  1  something could not be looked into, or the host would not\n  2  no host answers, or it could not be asked\n\nExamples:\n  jackfield erase --phone +12125550123\n  jackfield erase --install XD00000000000000000000000000000001"
)]
pub(super) struct Erase {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    host: Running,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// Whoever has this number, with its country's code.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The customer whose installation this is.
    #[arg(long, value_name = "SID")]
    install: Option<String>,
}

impl Erase {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let of = match (self.whose.phone, self.whose.install) {
            (Some(phone), _) => EraseOf::Phone(phone),
            (None, install) => EraseOf::Install(install.unwrap_or_default()),
        };
        let erased = match self.host.ask::<Erased>(&Order::Erase(of))? {
            Told::Answer(erased) => erased,
            Told::Refused(code) => return Ok(code),
        };
        let (jobs, answers) = (erased.jobs, erased.answers);
        output::line(&format!("erased {jobs} job(s) and {answers} answer(s)"));
        match erased.unread {
            0 => Ok(ExitCode::SUCCESS),
            unread => {
                let why = "could not be looked into: their key is not among `jobs.seal`";
                output::warn(&format!("{unread} job(s) {why}"));
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
