//! The loop that sends and receives.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use memchr::memmem::Finder;
use mio::{Events, Poll, Token};

use super::clock::Clock;
use super::line::{Line, Sent};
use super::outcome::Outcome;
use super::pace::{Pace, Schedule};
use super::pool::Pool;

/// How long the last answers may take to come.
const DRAIN: Duration = Duration::from_secs(10);

/// Where the clock is reported, behind all lines.
const CLOCK: Token = Token(usize::MAX - 1);

/// A load.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// Who is asked.
    pub address: SocketAddr,
    /// The kept connections.
    pub lines: usize,
    /// How requests follow one another.
    pub pace: Pace,
    /// For how long nothing is measured at first.
    pub warm_up: Duration,
    /// For how long it is then.
    pub measured: Duration,
    /// What is in every right answer.
    pub mark: &'a str,
}

/// Asks, from a thread of its own on the last of the machine's processors.
///
/// # Errors
/// Where nobody listens, or answers stay out. Wrong answers are told in the outcome.
pub fn run(plan: &Plan<'_>, pool: &mut Pool) -> Result<Outcome> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            pin();
            Drive::new(plan, pool)?.run()
        });
        let outcome = thread.join();
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn pin() {
    let last = core_affinity::get_core_ids().and_then(|mut cores| cores.pop());
    // Where the system does not let it, all servers meet the same.
    last.map(core_affinity::set_for_current);
}

struct Drive<'a> {
    poll: Poll,
    clock: Clock,
    lines: Vec<Line>,
    /// The lines that have nothing to do, by their places.
    idle: Vec<usize>,
    pool: &'a mut Pool,
    pace: Pace,
    schedule: Schedule,
    window: Range<Instant>,
    mark: Finder<'a>,
    outcome: Outcome,
}

impl<'a> Drive<'a> {
    fn new(plan: &Plan<'a>, pool: &'a mut Pool) -> Result<Self> {
        let poll = Poll::new()?;
        let clock = Clock::new(poll.registry(), CLOCK)?;
        let open = |place| Line::open(plan.address, poll.registry(), Token(place));
        let lines: Vec<Line> = (0..plan.lines)
            .map(open)
            .collect::<Result<_, _>>()
            .context("no connection")?;
        let start = Instant::now();
        let measure = start + plan.warm_up;
        Ok(Self {
            idle: (0..lines.len()).collect(),
            schedule: Schedule::new(plan.pace, start, plan.warm_up + plan.measured),
            window: measure..measure + plan.measured,
            mark: Finder::new(plan.mark),
            outcome: Outcome::new(plan.measured)?,
            pace: plan.pace,
            poll,
            clock,
            lines,
            pool,
        })
    }

    fn run(mut self) -> Result<Outcome> {
        let mut events = Events::with_capacity(self.lines.len() + 1);
        let last = self.window.end + DRAIN;
        loop {
            let now = Instant::now();
            self.send_due(now)?;
            if self.schedule.due(now).is_none() && self.idle.len() == self.lines.len() {
                return Ok(self.outcome);
            }
            if now > last {
                bail!("answers stayed out for {DRAIN:?}");
            }
            self.wait(&mut events, now)?;
            for event in &events {
                if event.token() != CLOCK {
                    self.turn(event.token().0)?;
                }
            }
        }
    }

    /// Sends whatever is due over lines that have nothing to do.
    fn send_due(&mut self, now: Instant) -> Result<()> {
        while let Some(place) = self.idle.pop() {
            let Some(due) = self.schedule.take(now) else {
                self.idle.push(place);
                break;
            };
            self.send(place, due)?;
        }
        Ok(())
    }

    fn send(&mut self, place: usize, since: Instant) -> Result<()> {
        let (request, bytes) = self.pool.next();
        let sent = Sent {
            place: request,
            since,
        };
        let line = &mut self.lines[place];
        line.send(bytes, sent).context("a connection broke")
    }

    /// Waits until something is to be done.
    fn wait(&mut self, events: &mut Events, now: Instant) -> Result<()> {
        if let (Some(due), false) = (self.schedule.due(now), self.idle.is_empty()) {
            self.clock.wake_at(due, now)?;
        }
        match self.poll.poll(events, Some(DRAIN)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            other => Ok(other?),
        }
    }

    /// Goes on with a line about which something is reported.
    fn turn(&mut self, place: usize) -> Result<()> {
        self.lines[place].flush().context("a connection broke")?;
        let Some(since) = self.receive(place).context("a connection broke")? else {
            return Ok(());
        };
        let now = Instant::now();
        self.outcome.answers += 1;
        if self.counts(since, now) {
            self.outcome.record(now - since);
        }
        match self.schedule.take(now) {
            Some(due) => self.send(place, due),
            None => {
                self.idle.push(place);
                Ok(())
            }
        }
    }

    /// Reads over a line, and looks at the answer where there is one.
    fn receive(&mut self, place: usize) -> io::Result<Option<Instant>> {
        let Self {
            mark,
            outcome,
            pool,
            ..
        } = self;
        self.lines[place].receive(|sent, answer| {
            let marked = mark.find(&answer.body).is_some();
            let meant = pool.template(sent.place).is_meant_by(&answer.body);
            if answer.status != 200 || !marked || !meant {
                let body = String::from_utf8_lossy(&answer.body);
                outcome.complain(|| format!("{} {body}", answer.status));
            }
        })
    }

    /// Saturation counts what was answered in time; a rate counts what was due in time,
    /// however late it was answered, for the slowest would be missing else.
    fn counts(&self, since: Instant, now: Instant) -> bool {
        let moment = match self.pace {
            Pace::Saturate => now,
            Pace::Rate(_) => since,
        };
        self.window.contains(&moment)
    }
}
