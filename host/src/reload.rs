//! Taking up what has changed, while requests are served.
//!
//! Everything is read, checked, compiled and tried first; then one whole new registry takes
//! the place of the old one, and requests that run finish on theirs. One reload at a time;
//! whoever asks for another meanwhile shares the next one with all others who do. What is
//! no good changes nothing, and is told.

mod assembly;
mod choice;
mod commit;
mod compare;
mod count;
mod hand;
mod plan;
mod report;
mod rollback;
mod settling;
mod source;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc, oneshot};
use tracing::{error, info, warn};

use crate::config::{AddOnName, Config, Inputs};
use crate::host::Host;
use crate::state::{Entry, Frozen, State, Who};
use crate::trial::Verdict;

pub use assembly::Assembly;
pub use count::Reloads;
pub use hand::VerbError;
pub use plan::Plan;
pub use report::{Change, Outcome, Problem, Report};
pub use source::{Source, SourceError};
pub use watch::Watcher;

use choice::Choice;
use settling::Settling;

/// What takes up changes, one at a time.
pub struct Reloader {
    source: Source,
    assembly: Assembly,
    pending: Mutex<Vec<Request>>,
    wake: Notify,
    settling: Mutex<Settling>,
    last: Mutex<Option<Arc<Report>>>,
    watcher: Mutex<Option<Watcher>>,
    counts: Reloads,
}

/// Somebody who waits for a reload.
struct Request {
    who: Who,
    told: Option<oneshot::Sender<Arc<Report>>>,
}

impl Reloader {
    /// A reloader for a host, and the verdicts on its new versions, for [`Self::run`].
    #[must_use]
    pub fn new(
        source: Source,
        host: Arc<Host>,
        state: Arc<State>,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Verdict>) {
        let (verdicts, receiver) = mpsc::unbounded_channel();
        let reloader = Self {
            source,
            assembly: Assembly::new(host, state, verdicts),
            pending: Mutex::default(),
            wake: Notify::new(),
            settling: Mutex::default(),
            last: Mutex::default(),
            watcher: Mutex::default(),
            counts: Reloads::new(),
        };
        (Arc::new(reloader), receiver)
    }

    /// Where the configuration comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The host that is served from.
    #[must_use]
    pub fn host(&self) -> &Arc<Host> {
        &self.assembly.host
    }

    /// What the host keeps.
    #[must_use]
    pub fn state(&self) -> &Arc<State> {
        &self.assembly.state
    }

    /// What came of the last reload that changed anything, or should have.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Report>> {
        lock(&self.last).clone()
    }

    /// How reloads ended, since the start.
    #[must_use]
    pub fn counts(&self) -> &Reloads {
        &self.counts
    }

    /// Why automatic reloads are off, where they are.
    #[must_use]
    pub fn frozen(&self) -> Option<Frozen> {
        self.state().records.frozen()
    }

    /// Takes up the configuration of a start.
    pub async fn start(&self, config: Config) {
        let last: Vec<(AddOnName, Option<String>)> = config
            .add_ons
            .iter()
            .map(|add_on| (add_on.name.clone(), self.state().records.last(&add_on.name)))
            .collect();
        let mut report = self.assembly.take_up(&Who::Start, config).await;
        self.note_start(&last);
        // What is served first is no change; the warnings were told before.
        report.changes.clear();
        self.follow_up(&report);
    }

    /// Notes the start, and what serves otherwise than before the host ended.
    fn note_start(&self, last: &[(AddOnName, Option<String>)]) {
        let why = format!("jackfield {}", env!("CARGO_PKG_VERSION"));
        let start = Entry {
            event: "start",
            who: &Who::Start,
            add_on: None,
            old: None,
            new: None,
            why: Some(&why),
        };
        self.state().audit.note(&start);
        let registry = self.host().registry();
        for (name, old) in last {
            let new = registry.named(name).and_then(|add_on| add_on.sha256());
            if new != old.as_deref() {
                self.state().audit.note(&Entry {
                    add_on: Some(name.as_str()),
                    old: old.as_deref(),
                    new,
                    why: Some("component"),
                    ..start.clone()
                });
            }
        }
    }

    /// Serves reloads until the process ends.
    pub async fn run(self: Arc<Self>, mut verdicts: mpsc::UnboundedReceiver<Verdict>) {
        let judge = Arc::clone(&self);
        tokio::spawn(async move {
            while let Some(verdict) = verdicts.recv().await {
                judge.judge(verdict).await;
            }
        });
        loop {
            self.wake.notified().await;
            let requests = std::mem::take(&mut *lock(&self.pending));
            let Some(who) = requests
                .iter()
                .map(|it| &it.who)
                .max_by_key(|who| rank(who))
            else {
                continue;
            };
            let report = Arc::new(self.reload(who.clone()).await);
            self.counts.note(report.outcome);
            for told in requests.into_iter().filter_map(|it| it.told) {
                // Whoever asked may have gone away.
                let _ = told.send(Arc::clone(&report));
            }
        }
    }

    /// Asks for a reload, and waits for what comes of it.
    pub async fn request(&self, who: Who) -> Option<Arc<Report>> {
        let (told, report) = oneshot::channel();
        self.push(who, Some(told));
        report.await.ok()
    }

    /// Asks for a reload that nobody waits for.
    pub fn poke(&self, who: Who) {
        self.push(who, None);
    }

    fn push(&self, who: Who, told: Option<oneshot::Sender<Arc<Report>>>) {
        lock(&self.pending).push(Request { who, told });
        self.wake.notify_one();
    }

    /// Watches what the host is served from, if it is to.
    pub fn watch(self: &Arc<Self>) {
        let rule = self.host().registry().server().reload;
        if rule.watch {
            let watcher = Watcher::start(self, rule.poll);
            *lock(&self.watcher) = Some(watcher);
            self.poke(Who::Watch);
        }
    }

    /// What changed before it was watched went unnoticed, so there is another look at it.
    fn watch_over(&self, inputs: &Inputs, config: Option<&Config>) {
        let watcher = lock(&self.watcher);
        let watcher = watcher.as_ref();
        if watcher.is_some_and(|watcher| watcher.look_at(inputs, config)) {
            self.poke(Who::Watch);
        }
    }

    async fn reload(self: &Arc<Self>, who: Who) -> Report {
        if who == Who::Watch && self.frozen().is_some() {
            return Report::nothing(who, Outcome::Frozen);
        }
        let started = Instant::now();
        let mut report = self.take_up(&who).await;
        report.took_ms = started.elapsed().as_secs_f64() * 1000.0;
        self.follow_up(&report);
        report
    }

    async fn take_up(self: &Arc<Self>, who: &Who) -> Report {
        let settles = *who == Who::Watch;
        let (inputs, config) = self.source.read().await;
        self.watch_over(&inputs, config.as_ref().ok());
        let config = match config {
            Ok(config) => config,
            Err(why) => {
                let waits = settles && !self.settled("", &why);
                let mut report = match waits {
                    true => Report::nothing(who.clone(), Outcome::Waiting),
                    false => Report::refused(who.clone(), why),
                };
                report.generation = self.host().registry().generation;
                return report;
            }
        };
        lock(&self.settling).forget("");
        let mut choices = self.assembly.choose(&config).await;
        if settles {
            for choice in &mut choices {
                self.settle(choice);
            }
        }
        self.assembly.commit(who, config, choices).await
    }

    /// A file that somebody is still writing is no failure yet.
    fn settle(self: &Arc<Self>, choice: &mut Choice) {
        if let Some(unfinished) = choice.unfinished() {
            choice.waits = !self.settled(choice.config.name.as_str(), &unfinished);
        } else {
            lock(&self.settling).forget(choice.config.name.as_str());
        }
    }

    fn settled(self: &Arc<Self>, whose: &str, what: &str) -> bool {
        let left = lock(&self.settling).left(whose, what, Instant::now());
        let Some(left) = left else {
            return true;
        };
        let reloader = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(left).await;
            reloader.poke(Who::Watch);
        });
        false
    }

    /// Tells everyone who should know.
    fn follow_up(&self, report: &Report) {
        if report.is_news() && !self.is_repeated(report) {
            log(report);
            self.note(report);
            *lock(&self.last) = Some(Arc::new(report.clone()));
        }
    }

    /// Whether a file that has been no good is still no good in the same way.
    fn is_repeated(&self, report: &Report) -> bool {
        let last = self.last();
        let last = last.filter(|_| report.who == Who::Watch && report.changes.is_empty());
        last.is_some_and(|last| last.problems == report.problems)
    }

    fn note(&self, report: &Report) {
        let audit = &self.state().audit;
        let event = report.outcome.name();
        for problem in &report.problems {
            let add_on = problem.add_on.as_deref();
            let new = problem.sha256.as_deref();
            audit.note(&Entry {
                event: "refused",
                who: &report.who,
                add_on,
                old: None,
                new,
                why: Some(&problem.why),
            });
        }
        for change in &report.changes {
            audit.note(&Entry {
                event,
                who: &report.who,
                add_on: change.add_on.as_deref(),
                old: change.old.as_deref(),
                new: change.new.as_deref(),
                why: Some(&change.what),
            });
        }
    }
}

/// Whose reload it is where several asked: an operator's, before a signal's, before one
/// that nobody asked for.
fn rank(who: &Who) -> u8 {
    match who {
        Who::Operator { .. } => 3,
        Who::Signal => 2,
        Who::Start | Who::Trial => 1,
        Who::Watch => 0,
    }
}

fn log(report: &Report) {
    for problem in &report.problems {
        let add_on = problem.add_on.as_deref();
        let reason = report::on_one_line(&problem.why);
        let (generation, serves) = (report.generation, problem.serves.as_deref());
        match add_on.is_some() && serves.is_none() {
            true => error!(add_on, reason, "unavailable"),
            false => error!(add_on, generation, serves, reason, "not taken up"),
        }
    }
    for remark in &report.remarks {
        warn!("{remark}");
    }
    for change in &report.changes {
        let add_on = change.add_on.as_deref();
        let what = change.what.as_ref();
        let (old, new) = (change.old.as_deref(), change.new.as_deref());
        info!(
            add_on,
            generation = report.generation,
            what,
            old,
            new,
            "taken up"
        );
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
