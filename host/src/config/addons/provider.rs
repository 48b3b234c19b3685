//! The limits of an add-on's provider.

use std::time::Duration;

use crate::config::checked::{BreakerRule, Checking, Limits, Overload};
use crate::config::raw::RawAddOn;
use crate::config::values::Table;
use crate::protocol::reply::LONGEST_REPLY;

/// Twilio ends a call's webhook after 15 s, whatever comes back
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15);
const SECOND: Duration = Duration::from_secs(1);

/// The longest result that Twilio takes of an asynchronous add-on, in bytes.
const LONGEST_RESULT: usize = 100 << 20;

impl Checking<'_> {
    /// The limits of an add-on for recordings. Its time is the recording's, ten times over.
    pub(super) fn limits_of_recordings(&mut self, table: Table<'_>, raw: &RawAddOn) -> Limits {
        let (cpu, memory, reply) = (
            raw.cpu.as_ref(),
            raw.memory.as_ref(),
            raw.reply_limit.as_ref(),
        );
        let processor = (Duration::from_millis(2), 600 * SECOND);
        let result = (64, LONGEST_RESULT);
        let concurrency = self.count(
            table,
            "concurrency",
            raw.concurrency.as_ref(),
            4,
            (1, 4_096),
        );
        Limits {
            timeout: LONGEST_TIMEOUT,
            cpu: self.duration(table, "cpu", cpu, 10 * SECOND, processor),
            memory: self.size(table, "memory", memory, 32 << 20, Limits::MEMORY_BOUNDS),
            reply: self.size(table, "reply_limit", reply, LONGEST_RESULT, result),
            concurrency,
            queue: concurrency,
            ..self.common_limits(table, raw)
        }
    }

    /// What an operator chooses in the same way for every add-on.
    fn common_limits(&mut self, table: Table<'_>, raw: &RawAddOn) -> Limits {
        let default = Limits::default();
        let (lines, weight) = (raw.log_lines.as_ref(), raw.weight.as_ref());
        Limits {
            log_lines: self.count(table, "log_lines", lines, default.log_lines, (0, 1_000)),
            weight: self.count(table, "weight", weight, default.weight, (1, 100)),
            ..default
        }
    }

    pub(super) fn limits(&mut self, table: Table<'_>, raw: &RawAddOn) -> Limits {
        let default = Limits::default();
        let shortest = Duration::from_millis(5);
        let timeout = self.duration(
            table,
            "timeout",
            raw.timeout.as_ref(),
            default.timeout,
            (shortest, LONGEST_TIMEOUT),
        );
        let concurrency = self.count(
            table,
            "concurrency",
            raw.concurrency.as_ref(),
            default.concurrency,
            (1, 4_096),
        );
        Limits {
            timeout,
            cpu: self.duration(
                table,
                "cpu",
                raw.cpu.as_ref(),
                default.cpu.min(timeout),
                (Duration::from_millis(2), timeout),
            ),
            memory: self.size(
                table,
                "memory",
                raw.memory.as_ref(),
                default.memory,
                Limits::MEMORY_BOUNDS,
            ),
            reply: self.size(
                table,
                "reply_limit",
                raw.reply_limit.as_ref(),
                default.reply,
                (64, LONGEST_REPLY),
            ),
            concurrency,
            queue: self.count(table, "queue", raw.queue.as_ref(), concurrency, (0, 65_536)),
            ..self.common_limits(table, raw)
        }
    }

    pub(super) fn breaker(&mut self, table: Table<'_>, raw: &RawAddOn) -> BreakerRule {
        let raw = &raw.breaker;
        let pauses = (Duration::from_millis(10), Duration::from_secs(60 * 60));
        let key = "breaker.failures";
        let failures = self.count(table, key, raw.failures.as_ref(), 10, (0, 10_000));
        let key = "breaker.pause";
        let pause = self.duration(table, key, raw.pause.as_ref(), SECOND, pauses);
        let key = "breaker.longest_pause";
        let longest = (30 * SECOND).max(pause);
        let pauses = (pause, pauses.1);
        BreakerRule {
            // None at all would be a breaker that never closes; it turns it off.
            failures: match failures {
                0 => usize::MAX,
                some => some,
            },
            pause,
            longest_pause: self.duration(table, key, raw.longest_pause.as_ref(), longest, pauses),
        }
    }

    pub(super) fn overload(&mut self, table: Table<'_>, raw: &RawAddOn) -> Overload {
        let Some(raw) = &raw.overload else {
            return Overload::Answer;
        };
        match raw.get_ref().as_str() {
            "answer" => Overload::Answer,
            "retry" => Overload::Retry,
            other => {
                let problem = format!("there is no way `{other}` to answer an overload");
                let help = "write \"answer\", which tells Twilio of an error with status 200, or \
                            \"retry\", which asks it with status 503 to come again";
                self.fail(&table.at("overload", raw), problem, help);
                Overload::Answer
            }
        }
    }
}
