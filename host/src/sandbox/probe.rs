//! What is tried of a provider before it serves: that it starts, that it accepts its
//! settings, and that it answers the smoke request. All of it happens within the add-on's
//! limits, in fresh instances, and never on a request's way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::AsContextMut as _;

use super::load_error::{LoadCause, SmokeFault};
use super::mask::Private;
use super::outcome::{Answer, CallError};
use super::provider::{Armed, Provider};
use super::run::Run;
use super::settings::{self, Check};
use super::world::World;
use crate::config::{AddOnConfig, Limits, Smoke};
use crate::expectation::Expectation;

/// The least wall time that a probe has. A host that starts has everything else to do as
/// well, compilers among it, and what waits for a processor then is no fault of the
/// provider's. One that runs, and does not wait, meets its `cpu` all the same.
const LEAST_TIME: Duration = Duration::from_secs(1);

impl Provider {
    /// Tries the provider of an add-on. Only a few are tried at once.
    ///
    /// # Errors
    /// The first thing that it does not do.
    pub(super) async fn probe(&self, add_on: &AddOnConfig) -> Result<(), LoadCause> {
        // Never closed, so there always is a turn.
        let _turn = self.probes.acquire().await;
        self.try_start(add_on).await?;
        self.try_settings(add_on).await?;
        match (self.entry.world(), &add_on.smoke) {
            (World::Lookup, Some(smoke)) => self.try_smoke(add_on, smoke).await,
            // No recording is at hand that would be like a customer's.
            (World::Analysis, _) | (_, None) => Ok(()),
        }
    }

    async fn try_start(&self, add_on: &AddOnConfig) -> Result<(), LoadCause> {
        let (run, started) = self.start(&add_on.limits).await;
        self.log(&run, add_on, None, || {
            Private::of(add_on.settings.as_ref(), [])
        });
        started
    }

    /// Tries whether the provider gets as far as its first call, for nobody's add-on.
    ///
    /// # Errors
    /// Where it does not.
    pub(super) async fn starts(&self, limits: &Limits) -> Result<(), LoadCause> {
        self.start(limits).await.1
    }

    async fn start(&self, limits: &Limits) -> (Run, Result<(), LoadCause>) {
        let (linked, deadline) = (self.entry.linked().clone(), deadline(limits));
        let world = self.entry.world();
        let Armed { mut store, run } = self.arm(limits, deadline);
        let own = run.clone();
        let started = async move {
            let started = linked.instantiate_async(&mut store).await;
            let instance =
                started.map_err(|error| LoadCause::Start(own.ended(error, store.data())))?;
            let found = world.find_in(&instance, store.as_context_mut());
            found.map_err(|error| world.missing(&error))
        };
        let ended = self.drive(run.metered(started), &run, deadline).await;
        let started = ended.map_err(LoadCause::Start).and_then(|started| started);
        (run, started)
    }

    /// Has the provider check its settings, where it can: none at all are settings too.
    async fn try_settings(&self, add_on: &AddOnConfig) -> Result<(), LoadCause> {
        let Some(checker) = self.checker else {
            return Ok(());
        };
        let given = add_on.settings.iter().flat_map(|settings| settings.pairs());
        let given: Vec<_> = given
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let (linked, deadline) = (self.entry.linked().clone(), deadline(&add_on.limits));
        let Armed { mut store, run } = self.arm(&add_on.limits, deadline);
        let own = run.clone();
        let checked = async move {
            let checked = async {
                let instance = linked.instantiate_async(&mut store).await?;
                let check: Check = instance.get_typed_func(&mut store, checker)?;
                check.call_async(&mut store, (given,)).await
            };
            let checked = checked.await;
            checked.map_err(|error| own.ended(error, store.data()))
        };
        let ended = self.drive(run.metered(checked), &run, deadline).await;
        self.log(&run, add_on, None, || {
            Private::of(add_on.settings.as_ref(), [])
        });
        match ended.and_then(|checked| checked) {
            Ok((Ok(()),)) => Ok(()),
            Ok((Err(said),)) => Err(LoadCause::Settings(settings::sentences(
                &said,
                add_on.settings.as_ref(),
            ))),
            Err(error) => Err(LoadCause::SettingsCheck(error)),
        }
    }

    async fn try_smoke(&self, add_on: &AddOnConfig, smoke: &Smoke) -> Result<(), LoadCause> {
        let called = self
            .lookup(
                Arc::new(smoke.invocation.clone()),
                add_on,
                deadline(&add_on.limits),
            )
            .await;
        let limits = (add_on.limits.reply, self.reply_depth());
        judge(&smoke.expectation, called.result, limits).map_err(LoadCause::Smoke)
    }
}

fn deadline(limits: &Limits) -> Instant {
    Instant::now() + limits.timeout.max(LEAST_TIME)
}

fn judge(
    expectation: &Expectation,
    ended: Result<Answer, CallError>,
    (length, depth): (usize, u8),
) -> Result<(), SmokeFault> {
    match ended {
        Ok(answer) => {
            let text = answer.object(length, depth)?;
            let object = serde_json::from_str(&text).map_err(|_| SmokeFault::Unreadable)?;
            Ok(expectation.answered(&object)?)
        }
        Err(CallError::Refused(refusal)) => Ok(expectation.refused(&refusal)?),
        Err(error) => Err(SmokeFault::Call(error)),
    }
}
