//! What the end of a compiler's process means.

use std::os::unix::process::ExitStatusExt;

use rustix::process::Signal;

use super::child::{EXHAUSTED, REFUSED};
use super::{CompileError, Compiler, End};
use crate::sandbox::load_error::{CompileFault, CompileMishap};

/// How a Rust program ends that panics.
const PANICKED: i32 = 101;
/// What a Rust program says before it aborts because there is no more memory.
const NO_MEMORY: &str = "memory allocation of";
/// What it says for the same reason where it panics instead.
const OUT_OF_MEMORY: &str = "out of memory";

/// Signals that a program brings upon itself. Others come from outside, and say nothing
/// about the component: an interrupt at the terminal reaches the compiler as well, and a
/// system that runs out of memory kills whom it likes.
const OWN_FAULT: [Signal; 7] = [
    Signal::ABORT,
    Signal::BUS,
    Signal::FPE,
    Signal::ILL,
    Signal::SEGV,
    Signal::SYS,
    Signal::TRAP,
];

/// What came of it, by the way it ended.
pub(super) fn of(end: &End, compiler: &Compiler) -> Result<(), CompileError> {
    let End { status, said } = end;
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        return Err(signalled(signal, said, compiler));
    }
    let reason = on_one_line(said);
    Err(match status.code() {
        Some(0) => return Ok(()),
        Some(REFUSED) => CompileFault::Invalid(reason).into(),
        Some(EXHAUSTED) => CompileFault::Memory(compiler.limits.memory).into(),
        Some(PANICKED) if said.contains(OUT_OF_MEMORY) => {
            CompileFault::Memory(compiler.limits.memory).into()
        }
        Some(PANICKED) => CompileFault::Crash(reason).into(),
        _ => CompileMishap::Helpless(reason).into(),
    })
}

fn signalled(signal: Signal, said: &str, compiler: &Compiler) -> CompileError {
    let limits = &compiler.limits;
    match signal {
        Signal::XCPU => return CompileFault::Time(limits.time).into(),
        Signal::XFSZ => return CompileFault::Artifact(compiler.artifact).into(),
        _ if said.contains(NO_MEMORY) => return CompileFault::Memory(limits.memory).into(),
        _ if OWN_FAULT.contains(&signal) => {}
        _ => return CompileMishap::Killed(signal.as_raw()).into(),
    }
    let number = signal.as_raw();
    let reason = match on_one_line(said) {
        silent if silent.is_empty() => format!("it ends with signal {number}"),
        reason => format!("{reason} (signal {number})"),
    };
    CompileFault::Crash(reason).into()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::ExitStatus;
    use std::time::Duration;

    use super::*;
    use crate::config::CompileLimits;

    const COMPILER: Compiler = Compiler {
        limits: CompileLimits {
            memory: 1 << 30,
            time: Duration::from_secs(60),
        },
        artifact: 1 << 20,
        copied: false,
    };

    /// What is said of an end, and whether it is remembered against the component.
    fn verdict(raw: i32, said: &str) -> String {
        let end = End {
            status: ExitStatus::from_raw(raw),
            said: said.to_owned(),
        };
        match of(&end, &COMPILER) {
            Ok(()) => "compiled".to_owned(),
            Err(CompileError::Fault(fault)) => format!("fault: {fault}"),
            Err(CompileError::Mishap(mishap)) => format!("mishap: {mishap}"),
        }
    }

    #[test]
    fn every_end_has_its_meaning() {
        let exit = |code: i32| code << 8;
        let overflow = "thread 'main' has overflowed its stack\nfatal";
        for (raw, said, expected) in [
            (exit(0), "", "compiled"),
            (
                exit(REFUSED),
                "unknown\n  type",
                "fault: is not a WebAssembly component: unknown type",
            ),
            (
                exit(EXHAUSTED),
                "",
                "fault: takes more than 1.0 GiB to compile (`compile_memory`)",
            ),
            (
                exit(101),
                "panicked at x",
                "fault: crashes the compiler: panicked at x",
            ),
            (
                6,
                "memory allocation of 12 bytes failed",
                "fault: takes more than 1.0 GiB to compile (`compile_memory`)",
            ),
            (
                6,
                overflow,
                "fault: crashes the compiler: thread 'main' has overflowed its stack fatal \
                 (signal 6)",
            ),
            (
                11,
                "",
                "fault: crashes the compiler: it ends with signal 11",
            ),
            (
                24,
                "",
                "fault: takes longer than 1m to compile (`compile_time`)",
            ),
            (25, "", "fault: compiles to more than 1.0 MiB"),
            (2, "", "mishap: the compiler was ended by signal 2"),
            (9, "", "mishap: the compiler was ended by signal 9"),
            (
                exit(2),
                "no such verb",
                "mishap: the compiler does not work here: no such verb",
            ),
        ] {
            assert_eq!(verdict(raw, said), expected);
        }
    }
}
