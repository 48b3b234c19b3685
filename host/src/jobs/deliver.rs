//! Sending a result where it is wanted, the same bytes each time, until they have arrived
//! or the time for it is over.

use std::io;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http_body_util::StreamBody;
use hyper::body::{Body, Frame};
use secrecy::SecretString;
use tokio::io::AsyncReadExt;
use tracing::{info, warn};

use super::spool::Reader;
use super::store::{Delivery, Job, StoreError};
use super::work::Worker;
use crate::egress::{Basic, EgressError, Post};
use crate::telemetry::milliseconds;
use crate::traces::{Ending, KeyValue, SpanKind, Trace};

/// How long a failure is sent for at least, for it may come of the time being over.
pub(super) const DELIVER_FAILURE: Duration = Duration::from_secs(60);

/// The first pause between two attempts; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// What is read of a result in one go, in bytes.
const PIECE: usize = 64 * 1024;

/// The pause after so many attempts, a part of it by chance, and not beyond the deadline.
pub(super) fn back_off(tries: u32, deadline: Instant) -> Duration {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE / 2)
        .with_max_delay(LONGEST_PAUSE / 2)
        .without_max_times()
        .with_jitter();
    // Beyond this, all are the longest.
    let pause = pauses.build().nth(tries.min(20) as usize);
    let left = deadline.saturating_duration_since(Instant::now());
    pause.unwrap_or(LONGEST_PAUSE).min(left)
}

impl Worker {
    /// Sends a result once, if anybody wants it.
    pub(super) async fn deliver(&self, job: Job, claimed: Instant) -> Result<(), StoreError> {
        let task = match self.jobs.task(&job) {
            Ok(task) => task,
            Err(why) => return self.bury(&job, &why).await,
        };
        let Some(callback) = &task.callback else {
            return self.done(&job, Delivery::Nothing).await;
        };
        let started = Instant::now();
        let trace = self.trace(&job, "call back", SpanKind::Client);
        let sent = self.send(&job, &callback.url, callback.signed).await;
        let unsent = sent.as_ref().err().map(|_| "not_called_back".to_owned());
        self.tell(&trace, &job, unsent);
        let (id, request) = (job.id(), job.request.map(tracing::field::display));
        let took = milliseconds(started.elapsed());
        let add_on = self.name_of(&job);
        match sent {
            Ok(status) => {
                info!(add_on, request, job = %id, status, duration_ms = took, "called back");
                self.done(&job, Delivery::Posted).await
            }
            Err(unsent) => {
                let reason = unsent.why;
                warn!(add_on, request, job = %id, duration_ms = took, reason, "not called back");
                let deadline = claimed + job.left().unwrap_or_default();
                match unsent.again && Instant::now() < deadline {
                    true => {
                        let pause = back_off(job.tries, deadline);
                        self.postpone(&job, pause, &reason).await
                    }
                    false => self.bury(&job, &reason).await,
                }
            }
        }
    }

    async fn send(&self, job: &Job, url: &str, signed: bool) -> Result<u16, Unsent> {
        let Some((name, _)) = &job.result else {
            return Err(Unsent::for_good("the job has no result"));
        };
        let body = self.jobs.spool.read(name).await;
        let body = body.map_err(|error| Unsent {
            again: error.is_passing(),
            why: error.to_string(),
        })?;
        let post = Post {
            content_type: HeaderValue::from_static("application/json"),
            length: body.length(),
            body: streamed(body),
            authorization: self.credentials(job, signed),
            time: self.jobs.config.callback_timeout,
        };
        let status = self.host.egress().post(url, post).await?;
        Ok(status.as_u16())
    }

    /// What proves this host: what the operator named, or the account's own token, where
    /// nobody but Twilio can have said where it goes.
    fn credentials(&self, job: &Job, signed: bool) -> Option<Basic> {
        let registry = self.host.registry();
        let add_on = registry.get(job.add_on);
        let recordings = add_on.and_then(|add_on| add_on.config.recordings.as_ref());
        let named = recordings.and_then(|recordings| recordings.credentials.clone());
        let (user, password): (String, SecretString) = match named {
            Some(named) => Some(named),
            None => {
                let keys = registry.account(job.account)?;
                let token = keys.tokens.first()?.secret().clone();
                Some((job.account.to_string(), token))
            }
        }
        .filter(|_| signed)?;
        // A SID has no colon, and the configuration was checked for one.
        Basic::new(&user, &password).ok()
    }

    async fn done(&self, job: &Job, delivery: Delivery) -> Result<(), StoreError> {
        let lease = &job.lease;
        let done = self.jobs.surely(|| self.jobs.store.done(lease, delivery));
        if let Some(files) = done.await? {
            self.jobs.remove(files).await;
        }
        Ok(())
    }

    /// Puts a job off.
    pub(super) async fn postpone(
        &self,
        job: &Job,
        pause: Duration,
        why: &str,
    ) -> Result<(), StoreError> {
        let lease = &job.lease;
        let written = self
            .jobs
            .surely(|| self.jobs.store.postpone(lease, pause, why));
        super::Jobs::holds(lease, written.await?);
        Ok(())
    }

    /// Gives a job up, and keeps it for an operator.
    pub(super) async fn bury(&self, job: &Job, why: &str) -> Result<(), StoreError> {
        let (add_on, request) = (self.name_of(job), job.request.map(tracing::field::display));
        warn!(add_on, request, job = %job.id(), reason = why, "given up: a dead letter");
        let lease = &job.lease;
        let written = self.jobs.surely(|| self.jobs.store.dead(lease, why));
        super::Jobs::holds(lease, written.await?);
        Ok(())
    }

    /// The trace of something that is done for a job.
    pub(super) fn trace(&self, job: &Job, name: &'static str, kind: SpanKind) -> Trace {
        self.host.traces.of_job(job.id().number(), name, kind)
    }

    /// Tells how that ended.
    pub(super) fn tell(&self, trace: &Trace, job: &Job, failure: Option<String>) {
        trace.end(|| {
            let texts = [
                ("jackfield.job", Some(job.id().to_string())),
                ("jackfield.add_on", self.name_of(job)),
                ("jackfield.request", job.request.map(|sid| sid.to_string())),
            ];
            let told = texts.into_iter();
            Ending {
                route: None,
                attributes: told
                    .filter_map(|(key, text)| Some(KeyValue::new(key, text?)))
                    .collect(),
                matters: failure.is_some(),
                failure,
            }
        });
    }

    fn name_of(&self, job: &Job) -> Option<String> {
        let registry = self.host.registry();
        let add_on = registry.get(job.add_on)?;
        Some(add_on.config.name.to_string())
    }
}

/// A file as a body, a piece at a time.
fn streamed(file: Reader) -> impl Body<Data = Bytes, Error = io::Error> + Send + 'static {
    let pieces = futures_util::stream::try_unfold(file, async |mut file| {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (Frame::data(piece.freeze()), file)))
    });
    StreamBody::new(Box::pin(pieces))
}

/// Why a result did not arrive.
struct Unsent {
    again: bool,
    why: String,
}

impl Unsent {
    fn for_good(why: &str) -> Self {
        Self {
            again: false,
            why: why.to_owned(),
        }
    }
}

impl From<EgressError> for Unsent {
    fn from(error: EgressError) -> Self {
        Self {
            // Whatever a receiver says, it may say something else before the time is over.
            again: error.is_passing() || error.status().is_some(),
            why: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_the_deadline() {
        let far = Instant::now() + Duration::from_secs(24 * 60 * 60);
        for tries in [0, 1, 2, 5, 8, 20, u32::MAX] {
            let pause = back_off(tries, far);
            let whole = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries.min(20)));
            let whole = whole.min(LONGEST_PAUSE);
            assert!(pause >= whole / 2, "{tries}: {pause:?}");
            assert!(pause <= whole, "{tries}: {pause:?}");
        }
        assert_eq!(back_off(3, Instant::now()), Duration::ZERO);
    }
}
