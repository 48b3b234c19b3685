//! A host that serves recordings: whom it may call back, and how it keeps its jobs.

use std::fs;
use std::path::PathBuf;

use super::{TestHost, TestHostBuilder};
use crate::artefacts;
use crate::receiver::Receiver;

impl TestHost {
    /// A host with one add-on, a guest, that takes recordings and may call a receiver back.
    #[must_use]
    pub fn recorder(guest: &str, sid: &str, receiver: &Receiver, toml: &str) -> TestHostBuilder {
        Self::builder()
            .reaching(receiver)
            .recorder(guest, sid, toml)
    }

    /// The files of its recordings and results, by their names.
    ///
    /// # Panics
    /// Where it has not made their directory.
    #[must_use]
    pub fn spooled(&self) -> Vec<String> {
        let entries = fs::read_dir(self.spool()).expect("there is a spool");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    /// Waits until there are none, unfinished ones included: they go a moment after what
    /// they belonged to is done.
    ///
    /// # Panics
    /// Where one stays.
    pub async fn cleared(&self) {
        let is_clear = async || {
            let mut entries = fs::read_dir(self.spool()).expect("there is a spool");
            entries.next().is_none()
        };
        self.until("the spool is empty", is_clear).await;
    }

    /// Where these files are, unless the configuration has them elsewhere.
    #[must_use]
    pub fn spool(&self) -> PathBuf {
        self.state().join("jobs/spool")
    }
}

impl TestHostBuilder {
    /// Adds an add-on, a guest, that takes recordings.
    #[must_use]
    pub fn recorder(self, guest: &str, sid: &str, toml: &str) -> Self {
        let toml = format!("serves = [\"recordings\"]\n{toml}");
        self.add_on(guest, sid, &artefacts::guest(guest), &toml)
    }

    /// Lets it reach a receiver, which is on this machine.
    #[must_use]
    pub fn reaching(mut self, receiver: &Receiver) -> Self {
        self.origins.push(receiver.origin());
        self
    }

    /// Adds keys to the `[egress]` table.
    #[must_use]
    pub fn egress(mut self, toml: &str) -> Self {
        self.egress.push_str(toml);
        self.egress.push('\n');
        self
    }

    /// Adds keys to the `[jobs]` table.
    #[must_use]
    pub fn jobs(mut self, toml: &str) -> Self {
        self.jobs.push_str(toml);
        self.jobs.push('\n');
        self
    }

    /// Both tables, where they say anything.
    pub(super) fn asynchronous(&self) -> String {
        let mut toml = String::new();
        if !self.jobs.is_empty() {
            toml.push_str(&format!("[jobs]\n{}", self.jobs));
        }
        if !self.origins.is_empty() {
            let origins = &self.origins;
            let reach = format!("hosts = {origins:?}\nnetworks = [\"127.0.0.0/8\"]\n");
            toml.push_str(&format!("[egress]\n{reach}{}", self.egress));
        } else if !self.egress.is_empty() {
            toml.push_str(&format!("[egress]\n{}", self.egress));
        }
        toml
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_reached_and_nobody_else() {
        let (one, other) = (Receiver::start(), Receiver::start());
        let builder = TestHost::builder().reaching(&one).reaching(&other);
        let builder = builder.egress("ca = \"ca.pem\"").jobs("workers = 2");
        let written: String = builder.asynchronous();
        assert_eq!(
            written,
            format!(
                "[jobs]\nworkers = 2\n[egress]\nhosts = [\"{}\", \"{}\"]\n\
                 networks = [\"127.0.0.0/8\"]\nca = \"ca.pem\"\n",
                one.origin(),
                other.origin()
            )
        );
        assert_eq!(TestHost::builder().asynchronous(), "");
    }
}
