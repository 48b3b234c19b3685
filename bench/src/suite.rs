//! Who is asked what, and in which order: everything once in each round, so that whatever
//! else the machine does meets all of them.

mod contender;
mod numbers;
mod place;
mod results;
mod scale;
mod tail;
mod throughput;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

pub use contender::Contender;
pub use results::{Results, Row, Sample};
pub use scale::STEPS;

use crate::load::Pace;
use crate::server::Peer;

/// What is given to a run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The host's binary.
    pub host: PathBuf,
    /// The limit's binary.
    pub bare: PathBuf,
    /// The host's, with its provider as a function of its own.
    pub native: PathBuf,
    /// The directory of the example providers.
    pub plugins: PathBuf,
    /// The directory of numbers that `caller-name` knows.
    pub callers: PathBuf,
    /// Servers that somebody else makes.
    pub peers: Vec<Peer>,
    /// How often everything is measured.
    pub rounds: usize,
    /// For how long each time.
    pub measured: Duration,
    /// For how long each is asked before that.
    pub warm_up: Duration,
    /// The kept connections.
    pub lines: usize,
    /// What is measured, by the beginning of its name; everything where there is none.
    pub only: Vec<String>,
}

impl Run {
    /// Measures everything.
    ///
    /// # Errors
    /// Where something that is needed is not there. What goes wrong in one measurement is
    /// told in the results.
    pub fn measure(&self) -> Result<Results> {
        let mut results = Results::default();
        self.rounds(&throughput::contenders(self)?, &mut results);
        self.rounds(&tail::contenders(self, &results)?, &mut results);
        let scaled = scale::contenders(self)?;
        scale::start_cold(&scaled, &mut results);
        self.rounds(&scaled, &mut results);
        Ok(results)
    }

    /// Whether something of this name is to be measured.
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| name.starts_with(only.as_str()))
    }

    /// Measures each once in a round, and every other round from behind, so that nobody
    /// always has the same before it.
    fn rounds(&self, contenders: &[Contender], results: &mut Results) {
        for round in 0..self.rounds {
            let mut order: Vec<_> = contenders.iter().collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for contender in order {
                note(&format!(
                    "round {} of {}: {}",
                    round + 1,
                    self.rounds,
                    contender.name
                ));
                results.add(round, &contender.name, contender.measure(self));
            }
        }
    }
}

impl Run {
    /// A load of this run's length, over its connections.
    fn plan<'a>(
        &self,
        address: std::net::SocketAddr,
        pace: Pace,
        mark: &'a str,
    ) -> crate::load::Plan<'a> {
        crate::load::Plan {
            address,
            lines: self.lines,
            pace,
            warm_up: self.warm_up,
            measured: self.measured,
            mark,
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a run takes minutes, and says where it is"
)]
fn note(text: &str) {
    eprintln!("    {text}");
}
