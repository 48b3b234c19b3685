//! What a running host holds of the machine, as Linux tells it.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process holds at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// The memory that is really there, in bytes, without what files stand behind.
    pub resident: u64,
    /// The addresses that it has taken, in bytes.
    pub address_space: u64,
    /// Open file descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: u64,
}

impl Footprint {
    /// That of a process that runs.
    ///
    /// # Panics
    /// Where there is no such process.
    #[must_use]
    pub fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).expect("it runs");
        Self {
            resident: number(&status, "RssAnon:") * 1024,
            address_space: number(&status, "VmSize:") * 1024,
            descriptors: descriptors.count(),
            threads: number(&status, "Threads:"),
        }
    }
}

/// Lets this process open as many files and sockets as the system grants it, and returns
/// how many that are.
///
/// # Panics
/// Where the system grants them and does not give them.
pub fn take_all_descriptors() -> usize {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, all).expect("what is granted can be taken");
    maximum.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX))
}

/// The number that follows a name.
fn number(status: &str, name: &str) -> u64 {
    let mut lines = status.lines().filter_map(|line| line.strip_prefix(name));
    let number = lines.next().and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no `{name}` in:\n{status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_holds_memory_threads_and_files() {
        let held = Footprint::of(std::process::id());
        assert!(held.resident > 64 * 1024, "{held:?}");
        assert!(held.address_space > held.resident, "{held:?}");
        assert!(held.threads >= 1, "{held:?}");
        assert!(held.descriptors >= 3, "{held:?}");
    }
}
