//! Waiting for something, but not for ever.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Instant;

use tokio::time::Sleep;

/// The time was over first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Late;

/// What comes of a future, if it does before `until`. Most of those that this is asked of
/// have nothing to wait for: a timer, at which all threads meet, is set only for one that
/// has.
///
/// # Errors
/// Where it does not.
pub(crate) async fn within<F: Future>(until: Instant, future: F) -> Result<F::Output, Late> {
    let mut future = pin!(future);
    let mut bell: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| {
        let polled = future.as_mut().poll(context).map(Ok);
        if polled.is_ready() {
            return polled;
        }
        let bell = bell.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until.into())));
        bell.as_mut().poll(context).map(|()| Err(Late))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_comes_in_time_comes_and_nothing_is_waited_for_beyond_it() {
        let now = Instant::now();
        let soon = now + Duration::from_millis(20);
        assert_eq!(within(now, ready(1)).await, Ok(1));
        let later = now + Duration::from_secs(3_600);
        let turn = async { tokio::task::yield_now().await };
        assert_eq!(within(later, turn).await, Ok(()));
        assert_eq!(within(soon, pending::<()>()).await, Err(Late));
        assert!(Instant::now() >= soon);
    }

    #[test]
    fn what_need_not_wait_needs_no_runtime() {
        let told = futures_util::FutureExt::now_or_never(within(Instant::now(), ready(1)));
        assert_eq!(told, Some(Ok(1)));
    }
}
