//! The table of attacks. Each is named after what it does.

use super::Guest::{Meddler, Mischief};
use super::{Attack, Guest, Told};

/// Attacks by a guest that imports nothing.
const MISCHIEF: &[(&str, &str)] = &[
    ("loop", "out_of_cpu"),
    ("copy", "out_of_cpu"),
    ("grow", "out_of_memory"),
    ("grow-at-once", "out_of_memory"),
    ("dive", "provider_failed"),
    ("panic", "provider_failed"),
    ("abort", "provider_failed"),
    ("nothing", ""),
    ("just-too-long", "reply_too_long"),
    ("as-long-as-allowed", ""),
    ("ten-mebibytes", "reply_too_long"),
    ("deep-arrays", "reply_malformed"),
    ("deep-objects", "reply_malformed"),
    ("deep-and-closed", "reply_malformed"),
    ("deepest", "reply_too_long"),
    ("plain-text", "reply_malformed"),
    ("array", "reply_malformed"),
    ("empty", "reply_malformed"),
    ("only-spaces", "reply_malformed"),
    ("two-objects", "reply_malformed"),
    ("trailing", "reply_malformed"),
    ("not-a-number", "reply_malformed"),
    ("infinity", "reply_malformed"),
    ("lone-surrogate", "reply_malformed"),
    ("swapped-surrogates", "reply_malformed"),
    ("same-key-twice", ""),
    ("thousand-digits", "reply_malformed"),
    ("huge-exponent", "reply_malformed"),
    ("raw-control", "reply_malformed"),
    ("byte-order-mark", "reply_malformed"),
    ("comment", "reply_malformed"),
    ("no-utf8", "provider_failed"),
    ("overlong-utf8", "provider_failed"),
    ("many-facts", "reply_too_long"),
    ("huge-fact", "reply_too_long"),
    ("long-refusal", "reply_too_long"),
    ("refusal-of-many-lines", "no_result"),
    ("long-code", "reply_too_long"),
    ("code-of-the-hosts", "internal"),
];

/// Attacks by way of WASI.
const MEDDLER: &[(&str, &str)] = &[
    ("leave", "provider_failed"),
    ("leave-in-anger", "provider_failed"),
    ("sleep", "timeout"),
    ("doze", ""),
    ("poll-at-once", "out_of_cpu"),
    ("ask-the-time", "out_of_cpu"),
    ("ask-for-chance", "out_of_cpu"),
    ("too-much-chance", "provider_failed"),
    ("too-much-insecure-chance", "provider_failed"),
    ("hoard-clocks", "provider_failed"),
    ("hoard-streams", "provider_failed"),
    ("poll-one-often", "out_of_cpu"),
    ("lend-one-often", "provider_failed"),
    ("read-nothing", "out_of_cpu"),
    ("zeroes", "provider_failed"),
    ("flood-of-zeroes", "out_of_cpu"),
    ("flood-of-output", "out_of_cpu"),
    ("flood-of-lines", "out_of_cpu"),
    ("endless-line", "out_of_cpu"),
    ("few-lines", ""),
    ("forged-lines", ""),
    ("no-utf8-lines", ""),
    ("tell-all", ""),
    ("panic-aloud", "provider_failed"),
];

/// Attacks that no compiler would make.
const WAT: &[(&str, &str)] = &[
    ("loop-in-start", "unavailable"),
    ("loop-in-realloc", "out_of_cpu"),
    ("loop-in-post-return", "out_of_cpu"),
    ("fill-everything", "out_of_cpu"),
    ("trap-in-start", "unavailable"),
    ("trap-in-post-return", "provider_failed"),
    ("realloc-outside", "provider_failed"),
    ("realloc-unaligned", "provider_failed"),
    ("result-outside", "provider_failed"),
    ("result-unaligned", "provider_failed"),
    ("unreachable", "provider_failed"),
    ("divide-by-zero", "provider_failed"),
    ("out-of-bounds", "provider_failed"),
    ("wrong-function", "provider_failed"),
    ("deep-dive", "provider_failed"),
    ("forged-names", "provider_failed"),
    ("long-names", "provider_failed"),
    ("neither-answer-nor-refusal", "provider_failed"),
    ("unknown-refusal", "provider_failed"),
    ("text-outside", "provider_failed"),
    ("text-of-two-gibibytes", "provider_failed"),
    ("facts-without-number", "provider_failed"),
    ("facts-about-nothing", "reply_too_long"),
    ("grow-several-memories", "out_of_memory"),
    ("several-memories-at-start", "unavailable"),
    ("grow-table", "out_of_memory"),
    ("several-tables-at-start", "unavailable"),
    ("memories-in-one-module", ""),
    ("too-many-memories", "unavailable"),
    ("huge-memory", "unavailable"),
    ("too-many-tables", "unavailable"),
    ("huge-table", "unavailable"),
    ("crowd", ""),
    ("too-large-a-crowd", "unavailable"),
    ("sockets", "unavailable"),
    ("unknown-import", "unavailable"),
];

/// All of them.
#[must_use]
pub fn attacks() -> Vec<Attack> {
    let mischief = MISCHIEF.iter().map(|row| attack(row, Mischief));
    let meddler = MEDDLER.iter().map(|row| attack(row, Meddler));
    let wat = WAT.iter().map(|row| attack(row, Guest::Wat(row.0)));
    mischief.chain(meddler).chain(wat).collect()
}

fn attack(&(name, code): &(&'static str, &'static str), guest: Guest) -> Attack {
    let told = match code {
        "" => Told::Answer,
        code => Told::Code(code),
    };
    Attack { name, guest, told }
}
