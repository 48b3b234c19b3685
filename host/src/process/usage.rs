//! What the process takes of the machine, as the system tells it.

use std::fs;
use std::time::Duration;

use rustix::process::Resource;
use rustix::time::{ClockId, clock_gettime};

/// A look at the process. What the system does not tell is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The processor time of all its threads, guests included.
    pub processor: Duration,
    /// The memory that it has, in bytes.
    pub resident: Option<u64>,
    /// The address space that it has, in bytes; most of it is set aside for guests.
    pub address_space: Option<u64>,
    /// Its threads.
    pub threads: Option<u64>,
    /// The files and sockets that it has open.
    pub descriptors: Option<u64>,
    /// How many it may have open, if there is a limit.
    pub descriptors_limit: Option<u64>,
}

impl Usage {
    /// Looks. It reads files of the system's, and takes longer the more is open.
    #[must_use]
    pub fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let open = fs::read_dir("/proc/self/fd").map(Iterator::count);
        Self {
            processor: processor(),
            resident: field(&status, "VmRSS:").map(bytes),
            address_space: field(&status, "VmSize:").map(bytes),
            threads: field(&status, "Threads:"),
            // One is what they are counted by.
            descriptors: open.ok().map(|open| open.saturating_sub(1) as u64),
            descriptors_limit: rustix::process::getrlimit(Resource::Nofile).current,
        }
    }
}

fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The number of a line.
fn field(status: &str, name: &str) -> Option<u64> {
    let mut lines = status.lines();
    let value = lines.find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}

/// The system counts memory in kibibytes, which it calls kB.
fn bytes(kibibytes: u64) -> u64 {
    kibibytes.saturating_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_whole_name() {
        let status = "Name:\tThreads:\nVmRSS:\t    1234 kB\nRssFile:\t 5 kB\nThreads:\t7\n";
        assert_eq!(field(status, "VmRSS:"), Some(1_234));
        assert_eq!(field(status, "Threads:"), Some(7));
        assert_eq!(field(status, "VmSize:"), None);
        assert_eq!(field("VmRSS:\n", "VmRSS:"), None);
    }

    #[test]
    fn the_system_tells_of_this_process() {
        let usage = Usage::now();
        assert!(usage.processor > Duration::ZERO);
        assert!(usage.resident.unwrap() > 0 && usage.resident <= usage.address_space);
        assert!(usage.threads.unwrap() > 0);
        assert!(usage.descriptors.unwrap() >= 3);
        assert!(usage.descriptors <= usage.descriptors_limit);
    }
}
