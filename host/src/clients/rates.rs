//! How much is taken from whom: of requests that prove nothing, by their address; of those
//! that are verified, by account and by installation.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock, Reference};
use governor::nanos::Nanos;

use super::address::Block;
use super::known::Known;
use super::limiter::Limiter;
use super::parts::{PARTS, Parts};
use super::rule::{Rate, RateRules};
use crate::protocol::sid::{AccountSid, AddOnInstallSid};

/// The most addresses that are held off at once, in each part. Beyond that, those that
/// were held off first are let in again.
const MOST: usize = 65_536 / PARTS;

/// The limiters that one configuration asks for.
pub(super) struct Rates {
    pub(super) rules: RateRules,
    pub(super) unverified: Option<Unverified>,
    account: Option<Limiter<AccountSid>>,
    install: Option<Limiter<AddOnInstallSid>>,
}

/// Whose verified requests are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those of the add-on's account.
    Account,
    /// Those of the customer's installation.
    Install,
}

impl Whose {
    /// What whoever asks is told.
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::Account => "the account has had all requests that it may have in this time",
            Self::Install => "the installation has had all requests that it may have in this time",
        }
    }
}

impl Rates {
    pub(super) fn new(rules: RateRules) -> Self {
        let clock = DefaultClock::default;
        let RateRules {
            unverified,
            account,
            install,
        } = rules;
        Self {
            rules,
            unverified: unverified.map(|rate| Unverified::new(rate, clock())),
            account: account.map(|rate| Limiter::new(rate, clock())),
            install: install.map(|rate| Limiter::new(rate, clock())),
        }
    }

    /// Counts a verified request. One customer alone does not use up what the account has:
    /// what is too much of an installation counts for no account.
    pub(super) fn count(
        &self,
        account: AccountSid,
        install: Option<AddOnInstallSid>,
    ) -> Result<(), (Whose, Duration)> {
        if let (Some(limiter), Some(install)) = (&self.install, install) {
            let counted = limiter.count(&install);
            counted.map_err(|wait| (Whose::Install, wait))?;
        }
        match &self.account {
            Some(limiter) => limiter
                .count(&account)
                .map_err(|wait| (Whose::Account, wait)),
            None => Ok(()),
        }
    }

    pub(super) fn tidy(&self) {
        if let Some(unverified) = &self.unverified {
            unverified.tidy();
        }
        if let Some(account) = &self.account {
            account.tidy();
        }
        if let Some(install) = &self.install {
            install.tidy();
        }
    }
}

/// Whoever proves nothing, again and again, is held off for a while. Where nobody is, a
/// request costs a look at a number that nobody writes to.
pub(super) struct Unverified<C: Clock = DefaultClock> {
    limiter: Limiter<Block, C>,
    held_off: Parts<Block, C::Instant>,
    count: AtomicUsize,
    known: Known,
}

impl<C: Clock> Unverified<C> {
    fn new(rate: Rate, clock: C) -> Self {
        Self {
            limiter: Limiter::new(rate, clock),
            held_off: Parts::default(),
            count: AtomicUsize::new(0),
            known: Known::default(),
        }
    }

    /// For how long an address is held off, if it is. One that something good came from of
    /// late never is: Twilio's addresses are everybody's who has an account there.
    pub(super) fn held_off(&self, block: Block) -> Option<Duration> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let until = *self.held_off.of(&block).get(&block)?;
        let left: Duration = until.duration_since(self.limiter.clock().now()).into();
        (!left.is_zero() && !self.known.has(block)).then_some(left)
    }

    /// A request from an address was verified.
    pub(super) fn good(&self, block: Block) {
        self.known.note(block);
    }

    /// A request from an address proved nothing.
    pub(super) fn bad(&self, block: Block) {
        let Err(wait) = self.limiter.count(&block) else {
            return;
        };
        let until = self.limiter.clock().now() + Nanos::from(wait);
        let mut part = self.held_off.of(&block);
        let is_new = part.insert(block, until).is_none();
        if part.len() > MOST {
            part.pop_front();
        } else if is_new {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn tidy(&self) {
        self.limiter.tidy();
        let now = self.limiter.clock().now();
        for mut part in self.held_off.all() {
            let before = part.len();
            part.retain(|_, until| *until > now);
            self.count.fetch_sub(before - part.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;
    use crate::clients::ClientAddress;

    fn block(last: u8) -> Block {
        ClientAddress::new([192, 0, 2, last].into()).block()
    }

    fn unverified(rate: &str) -> (Unverified<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let unverified = Unverified::new(rate.parse().unwrap(), clock.clone());
        (unverified, clock)
    }

    #[test]
    fn who_proves_nothing_too_often_is_held_off_and_nobody_else() {
        let (unverified, clock) = unverified("5/10s");
        for _ in 0..5 {
            unverified.bad(block(1));
            assert_eq!(unverified.held_off(block(1)), None);
        }
        unverified.bad(block(1));
        assert_eq!(unverified.held_off(block(1)), Some(Duration::from_secs(2)));
        assert_eq!(unverified.held_off(block(2)), None);
        clock.advance(Duration::from_secs(2));
        assert_eq!(unverified.held_off(block(1)), None);
    }

    #[test]
    fn an_address_that_something_good_came_from_is_not_held_off() {
        let (unverified, _) = unverified("1/h");
        unverified.good(block(1));
        for _ in 0..10 {
            unverified.bad(block(1));
        }
        assert_eq!(unverified.held_off(block(1)), None);
    }

    #[test]
    fn nothing_is_left_of_those_who_were_held_off() {
        let (unverified, clock) = unverified("1/m");
        for last in 0..100 {
            unverified.bad(block(last));
            unverified.bad(block(last));
            unverified.bad(block(last));
        }
        assert_eq!(unverified.count.load(Ordering::Relaxed), 100);
        clock.advance(Duration::from_secs(120));
        unverified.tidy();
        assert_eq!(unverified.count.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn one_customer_does_not_use_up_what_the_account_has() {
        let rates = Rates::new(RateRules {
            unverified: None,
            account: "4/h".parse().ok(),
            install: "2/h".parse().ok(),
        });
        let account = "AC05b3911315a1322d1dede66eed740000".parse().unwrap();
        let install = |digit: char| format!("XD{}", digit.to_string().repeat(32)).parse().ok();
        let count = |install| rates.count(account, install).map_err(|(whose, _)| whose);
        let ones = [(); 9].map(|()| count(install('1')));
        assert_eq!(ones[..2], [Ok(()), Ok(())]);
        assert!(ones[2..].iter().all(|it| *it == Err(Whose::Install)));
        assert_eq!(count(install('2')), Ok(()));
        assert_eq!(count(None), Ok(()));
        assert_eq!(count(install('3')), Err(Whose::Account));
    }
}
