//! What the process takes, under the names that every Prometheus client has for it.

use std::fmt;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::page::{Name, Page, seconds};
use crate::process::Usage;

/// One look at the process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) usage: Usage,
    pub(super) started: Timestamp,
}

impl Collector for Process {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page::new(encoder);
        let name = ("process_cpu_seconds", "Processor time of all threads.");
        page.counter_of_seconds(name, self.usage.processor)?;
        let name = ("process_start_time_seconds", "Since when the process runs.");
        page.gauge(name, seconds(self.started))?;
        for (name, value) in self.gauges() {
            if let Some(value) = value {
                page.gauge(name, value as f64)?;
            }
        }
        Ok(())
    }
}

impl Process {
    fn gauges(&self) -> [(Name, Option<u64>); 5] {
        let usage = &self.usage;
        [
            (
                ("process_resident_memory_bytes", "Memory that it has."),
                usage.resident,
            ),
            (
                (
                    "process_virtual_memory_bytes",
                    "Address space that it has; most of it is set aside for guests.",
                ),
                usage.address_space,
            ),
            (("process_threads", "Its threads."), usage.threads),
            (
                ("process_open_fds", "Files and sockets that it has open."),
                usage.descriptors,
            ),
            (
                ("process_max_fds", "How many it may have open."),
                usage.descriptors_limit,
            ),
        ]
    }
}
