//! The compiler's side: a process that takes from itself what it does not need, reads a
//! component, and writes what it made of it.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, Signal};
use wasmtime::{Engine, OutOfMemory};

use super::Compiler;
use crate::sandbox::room::guest_config;

/// The exit status for a component that is none.
pub(super) const REFUSED: i32 = 3;
/// The exit status where an allocation failed and there was somebody to say so.
pub(super) const EXHAUSTED: i32 = 4;

/// The verb of the command line that leads to [`run`]. It is not for people.
pub const VERB: &str = "compile-component";

/// How much the compiler gives way to the host that serves.
const NICE: i32 = 10;

/// The command line of a compiler.
pub(super) fn arguments(compiler: &Compiler) -> [String; 5] {
    let Compiler {
        limits,
        artifact,
        copied,
    } = compiler;
    let seconds = limits.time.as_millis().div_ceil(1_000);
    [
        VERB.to_owned(),
        format!("--memory={}", limits.memory),
        format!("--seconds={}", u64::try_from(seconds).unwrap_or(u64::MAX)),
        format!("--artifact={artifact}"),
        format!("--copied={copied}"),
    ]
}

/// Compiles standard input to standard output, in at most so many bytes of address space
/// and seconds of processor time, to at most so many bytes. The memory of its instances is
/// filled by copying, or mapped.
///
/// # Errors
/// Where the process cannot bound itself, or cannot read or write.
pub fn run(memory: u64, seconds: u64, artifact: u64, copied: bool) -> anyhow::Result<ExitCode> {
    confine(memory, seconds, artifact)?;
    // Without the pool, whose reservations no such limit would allow. What is compiled is
    // the same: the pool is no part of it.
    let engine =
        Engine::new(&guest_config(copied)).map_err(|error| anyhow::anyhow!("{error:#}"))?;
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component)?;
    let status = match engine.precompile_component(&component) {
        Ok(artifact) => {
            io::stdout().lock().write_all(&artifact)?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => {
            write!(io::stderr().lock(), "{error:#}")?;
            if exhausted(&error) {
                EXHAUSTED
            } else {
                REFUSED
            }
        }
    };
    Ok(ExitCode::from(u8::try_from(status)?))
}

/// Whether an allocation failed that the compiler did not take for granted.
fn exhausted(error: &wasmtime::Error) -> bool {
    error.is::<OutOfMemory>()
        || error.chain().any(|cause| {
            let system = cause.downcast_ref::<io::Error>();
            let number = system.and_then(Errno::from_io_error);
            number.or(cause.downcast_ref::<Errno>().copied()) == Some(Errno::NOMEM)
        })
}

/// Gives up what a compiler does not need, for good.
fn confine(memory: u64, seconds: u64, artifact: u64) -> io::Result<()> {
    // Whoever waits for the artifact is gone if the host is.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // What the program itself takes is no part of what compiling takes.
    let memory = memory.saturating_add(mapped());
    bound(Resource::As, memory, memory)?;
    // The first limit ends it with a signal of its own, the second without fail.
    bound(Resource::Cpu, seconds, seconds.saturating_add(1))?;
    // The three streams are open; no other file, socket or pipe will be.
    bound(Resource::Nofile, 3, 3)?;
    bound(Resource::Fsize, artifact, artifact)?;
    // No dump of its memory. Zero would still feed a collector of dumps; one byte is the
    // kernel's word for no.
    bound(Resource::Core, 1, 1)?;
    // Not every system lets a process be nicer, and it compiles all the same.
    let _ = rustix::process::nice(NICE);
    Ok(())
}

/// The address space that this process has already, in bytes, where the system tells.
fn mapped() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').next().and_then(|pages| pages.parse().ok());
    pages.map_or(0, |pages: u64| {
        pages.saturating_mul(rustix::param::page_size() as u64)
    })
}

/// Bounds a resource, or leaves it at a bound that is lower already.
fn bound(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let given = rustix::process::getrlimit(resource).maximum;
    let lower = |limit: u64| given.map_or(limit, |given| given.min(limit));
    let limit = Rlimit {
        current: Some(lower(soft)),
        maximum: Some(lower(hard)),
    };
    Ok(rustix::process::setrlimit(resource, limit)?)
}
