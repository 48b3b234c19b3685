//! The control channel: what an operator asks a running host for, over a Unix socket in
//! the state directory that nobody else can reach.

mod answer;
mod channel;
mod client;
mod error;
mod jobs;
mod keys;
mod order;
mod socket;
mod status;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tracing::info;

use crate::reload::Reloader;
use crate::state::{Entry, Who};
use crate::stop::Stop;

pub use channel::Channel;
pub use client::{AskError, ask};
pub use error::ControlError;
pub use keys::{KeyStatus, keys};
pub use order::{EraseOf, Freeze, OfAddOn, OfJob, Order, PauseOf, PlanOf, RollbackOf, Verb};
pub use status::{AddOnStatus, Condition, Status, conditions};

/// What carries out what operators ask for.
pub struct Control {
    reloader: Arc<Reloader>,
    stop: Stop,
    started: Timestamp,
}

impl Control {
    /// The control of a host that has just started. `stop` ends it.
    #[must_use]
    pub fn new(reloader: Arc<Reloader>, stop: Stop) -> Self {
        Self {
            reloader,
            stop,
            started: Timestamp::now(),
        }
    }

    /// What takes up changes, and what it serves from.
    #[must_use]
    pub fn reloader(&self) -> &Reloader {
        &self.reloader
    }

    /// Whether the host is ending.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.stop.is_asked()
    }

    /// Since when the host runs.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Carries an order out, and returns what there is to tell about it.
    ///
    /// # Errors
    /// Where it is not carried out.
    pub async fn carry_out(&self, order: Order, who: Who) -> Result<Value, ControlError> {
        let reloader = &self.reloader;
        match order {
            Order::Status => told(self.status().await),
            Order::Reload => told(&*reloader.request(who).await.ok_or(ControlError::Ending)?),
            Order::Plan(PlanOf { config }) => match config {
                Some(path) if !path.is_absolute() => Err(ControlError::PathNotAbsolute(path)),
                config => told(reloader.plan(config.as_deref()).await),
            },
            Order::Rollback(RollbackOf { addon, reason }) => {
                told(reloader.rollback(&addon, reason.as_deref(), who).await?)
            }
            Order::Approve(OfAddOn { addon }) => told(&*reloader.approve(&addon, who).await?),
            Order::Pause(PauseOf {
                addon,
                reason,
                answer,
            }) => {
                let answer = answer.map(|answer| answer.to_string());
                reloader.pause(&addon, answer, &reason, who).await?;
                told(DONE)
            }
            Order::Resume(OfAddOn { addon }) => {
                reloader.resume(&addon, who).await?;
                told(DONE)
            }
            Order::Freeze(Freeze { reason }) => {
                reloader.freeze(&reason, who).await?;
                told(DONE)
            }
            Order::Thaw => {
                reloader.thaw(who).await?;
                told(DONE)
            }
            Order::Drain => {
                self.drain(&who);
                told(DONE)
            }
            Order::Jobs(filter) => told(self.jobs()?.list(filter, &self.registry()).await?),
            Order::Job(OfJob { job }) => told(self.jobs()?.show(&job, &self.registry()).await?),
            Order::Retry(OfJob { job }) => {
                self.retry(&job, &who).await?;
                told(DONE)
            }
            Order::Drop(OfJob { job }) => {
                self.drop_job(&job, &who).await?;
                told(DONE)
            }
            Order::Erase(whose) => told(self.erase(&whose, &who).await?),
        }
    }

    /// Has the host end: it stops accepting, and lets what runs end. Once is enough.
    pub fn drain(&self, who: &Who) {
        if self.stop.ask() {
            info!(%who, "told to end");
            self.reloader.state().audit.note(&Entry {
                event: "drain",
                who,
                add_on: None,
                old: None,
                new: None,
                why: None,
            });
        }
    }
}

/// What is told where there is nothing to tell.
#[derive(Serialize)]
struct Done {
    done: bool,
}

const DONE: Done = Done { done: true };

fn told(document: impl Serialize) -> Result<Value, ControlError> {
    serde_json::to_value(document).map_err(|_| ControlError::Internal)
}
